"""Reads of people and their roles."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.errors import MemberNotFoundError
from accounts.models import Directory, Emergency, Membership, Role, SignIn, SiteMember, User
from accounts.selectors import decisions
from common.clock import now
from common.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class TenantOfUser:
    id: UUID
    slug: str
    name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class TenantName:
    """A tenant to switch to."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the tenant's administrators see one."""

    user_id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    site_ids: frozenset[UUID]
    is_active: bool
    has_factor: bool
    last_seen_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is in a tenant, and what else every page asks about him; one query."""

    roles: frozenset[str] = frozenset()
    is_in_emergency: bool = False
    is_elsewhere: bool = False


def standing_in(*, user_id: UUID, tenant_id: UUID) -> Standing:
    """Return the standing of an active person in a tenant, at most five seconds old."""
    return decisions.keep(("standing", user_id, tenant_id), lambda: _read_standing(user_id, tenant_id))


def roles_in(*, user_id: UUID, tenant_id: UUID) -> frozenset[str]:
    """Return the roles of an active person in a tenant, at most five seconds old."""
    return standing_in(user_id=user_id, tenant_id=tenant_id).roles


def _read_standing(user_id: UUID, tenant_id: UUID) -> Standing:
    with tenant_scope(tenant_id):
        mine = Membership.objects.filter(user_id=user_id, is_active=True, user__is_active=True, tenant__is_active=True)
        emergencies = Emergency.objects.filter(user_id=user_id, ended_at=None, expires_at__gt=now())
        elsewhere = _places(user_id).exclude(tenant_id=tenant_id)
        rows = list(mine.values_list("role", Exists(emergencies), Exists(elsewhere)))
    if not rows:
        return Standing()
    _, is_in_emergency, is_elsewhere = rows[0]
    return Standing(frozenset(role for role, *_ in rows), is_in_emergency, is_elsewhere)


def _places(user_id: UUID) -> QuerySet[Directory]:
    return Directory.objects.filter(credential_id=user_id, tenant__is_active=True)


def other_tenants(*, user_id: UUID, tenant_id: UUID) -> list[TenantName]:
    """List the other tenants of a person by name; who switches to one is asked for a role there. One query at most."""
    if not standing_in(user_id=user_id, tenant_id=tenant_id).is_elsewhere:
        return []
    found = _places(user_id).exclude(tenant_id=tenant_id).order_by("tenant__name", "id")
    return [TenantName(*row) for row in found.values_list("tenant_id", "tenant__name")]


def tenants_of_user(user_id: UUID) -> list[TenantOfUser]:
    """List the tenants in which a person has a role; one query, and one for each standing that is not remembered."""
    named = _places(user_id).order_by("id")
    return [
        TenantOfUser(id=tenant_id, slug=slug, name=name, roles=roles)
        for tenant_id, slug, name in named.values_list("tenant_id", "tenant__slug", "tenant__name")
        if (roles := roles_in(user_id=user_id, tenant_id=tenant_id))
    ]


def names_of_users(user_ids: set[UUID]) -> dict[UUID, str]:
    """Return display names of people, for pages that resolve the ids of the audit log."""
    return dict(User.objects.filter(id__in=user_ids).values_list("id", "name"))


def roles_of_users(user_ids: set[UUID]) -> dict[UUID, list[str]]:
    """Return the present roles of people in the open tenant, for pages that say who somebody is."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = Membership.objects.filter(user_id__in=user_ids, is_active=True).order_by("role")
    for user_id, role in rows.values_list("user_id", "role"):
        found[user_id].append(role)
    return found


def get_user(user_id: UUID) -> User:
    """Return a person of whom the id is known already."""
    return User.objects.get(id=user_id)


def get_user_by_email(email: str) -> User | None:
    """Return the active person of an address."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()


# --- members (inside the tenant's scope) ------------------------------------------------------------------------------


def list_members() -> list[Member]:
    """List everybody who has, or had, a role in the open tenant; as many queries for ten as for a thousand."""
    return _members(Membership.objects.all())


def names_of_members() -> dict[UUID, str]:
    """Return the names of the active members of the open tenant, by name; one query."""
    rows = Membership.objects.filter(is_active=True, user__is_active=True).order_by("user__name", "user_id")
    return dict(rows.values_list("user_id", "user__name"))


def get_member(user_id: UUID) -> Member:
    """Return one member of the open tenant, or raise."""
    found = _members(Membership.objects.filter(user_id=user_id))
    if not found:
        raise MemberNotFoundError
    return found[0]


def list_emails_of(roles: Iterable[str]) -> list[str]:
    """List the addresses of the active members of the open tenant who have one of these roles."""
    rows = Membership.objects.filter(role__in=list(roles), is_active=True, user__is_active=True)
    return sorted(set(rows.values_list("user__email", flat=True)))


def names_in_role(role: str) -> dict[UUID, str]:
    """Return the names of the active members of the open tenant who have a role, in the order of the alphabet."""
    rows = Membership.objects.filter(role=role, is_active=True, user__is_active=True).order_by("user__name")
    return dict(rows.values_list("user_id", "user__name"))


def count_owners(*, but: UUID | None = None) -> int:
    """Count the active owners of the open tenant, less one of them."""
    rows = Membership.objects.filter(role=Role.OWNER, is_active=True, user__is_active=True)
    return int(rows.exclude(user_id=but).values("user_id").distinct().count())


def _members(rows: "Iterable[Membership]") -> list[Member]:
    roles: dict[UUID, list[Membership]] = defaultdict(list)
    for row in rows:
        roles[row.user_id].append(row)
    factors = TOTPDevice.objects.filter(user_id=OuterRef("pk"), confirmed=True)
    seen = SignIn.objects.filter(user_id=OuterRef("pk")).order_by().values("user_id").annotate(at=Max("seen_at"))
    people = User.objects.filter(id__in=roles).order_by("name", "id")
    people = people.annotate(has_factor=Exists(factors), signed_in_at=Subquery(seen.values("at")))
    sites = _sites_of(set(roles))
    return [
        _member(person, roles[person.id], sites[person.id], person.has_factor, person.signed_in_at) for person in people
    ]


def _sites_of(user_ids: set[UUID]) -> dict[UUID, dict[UUID, str]]:
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    rows = SiteMember.objects.filter(user_id__in=user_ids).values_list("user_id", "site_id", "site__name")
    for user_id, site_id, name in rows:
        found[user_id][site_id] = name
    return found


def _member(
    person: User, rows: list[Membership], sites: dict[UUID, str], has_factor: bool, seen_at: dt.datetime | None
) -> Member:
    active = [row.role for row in rows if row.is_active]
    return Member(
        user_id=person.id,
        name=person.name,
        email=person.email,
        roles=tuple(role for role in Role.values if role in (active or [row.role for row in rows])),
        sites=tuple(sorted(sites.values())),
        site_ids=frozenset(sites),
        is_active=bool(active) and person.is_active,
        has_factor=has_factor,
        last_seen_at=seen_at,
    )
