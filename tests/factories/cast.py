"""The cast that every test shares: tenants, people, actors."""

from collections.abc import Iterable
from itertools import count

from accounts import services
from accounts.models import Tenant, User
from common.actor import Actor, ActorKind

_numbers = count(1)


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
