"""The cast that every test shares: tenants, people, actors."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from accounts import services
from accounts.models import Tenant, User
from common.actor import Actor, ActorKind

_numbers = count(1)
# What holds in a tenant that has chosen nothing.
CHOICES = services.Choices(
    idle_minutes=15,
    absolute_hours=12,
    share_days=14,
    share_sessions=10,
    share_downloads=10,
    share_rights=["report"],
    mail_sender="",
    mail_reply_to="",
    colour="",
)


def make_tenant(name: str = "") -> Tenant:
    """Create a tenant of a fresh name."""
    return services.create_tenant(name=name or f"Tenant {next(_numbers)}")


def make_member(tenant: Tenant, *roles: str, email: str = "", password: str | None = None) -> User:
    """Create a person with roles in a tenant."""
    address = email or f"person{next(_numbers)}@example.org"
    return services.create_member(tenant_id=tenant.id, email=address, name="Person", roles=roles, password=password)


def actor_of(tenant: Tenant, user: User, roles: Iterable[str]) -> Actor:
    """Return a person as who acts."""
    return Actor(tenant_id=tenant.id, kind=ActorKind.USER, id=user.id, roles=frozenset(roles))


def make_actor(tenant: Tenant, *roles: str) -> Actor:
    """Create a person with roles and return who acts."""
    return actor_of(tenant, make_member(tenant, *roles), roles)


def choose_german(tenant: Tenant) -> None:
    """Let a tenant speak German in mails, and with staff who chose no language."""
    choices = replace(CHOICES, language="de")
    services.change_settings(actor=make_actor(tenant, "owner"), time_zone="UTC", choices=choices)
