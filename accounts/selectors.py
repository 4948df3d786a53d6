"""Reads of accounts."""

import time
from dataclasses import dataclass
from uuid import UUID

from accounts import tokens
from accounts.models import ApiToken, Directory, Membership, Tenant, User
from common.clock import now
from common.scope import tenant_scope

# A revoked credential stops within this time: decisions are kept no longer.
CACHE_S = 5.0
_cache: dict[object, tuple[float, object]] = {}


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a valid token allows."""

    id: UUID
    tenant_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class TenantOfUser:
    id: UUID
    slug: str
    name: str
    roles: frozenset[str]


def forget() -> None:
    """Drop the decisions kept in this process."""
    _cache.clear()


def tenants_of(credential_id: UUID) -> list[UUID]:
    """List the tenants of a credential, before any scope is open."""
    found = Directory.objects.filter(credential_id=credential_id, tenant__is_active=True).order_by("id")
    return list(found.values_list("tenant_id", flat=True))


def get_tenant(*, slug: str) -> Tenant | None:
    """Return the tenant of a slug."""
    return Tenant.objects.filter(slug=slug).first()


def tenant_name(tenant_id: UUID) -> str:
    """Return the name of a tenant as people read it."""
    return Tenant.objects.values_list("name", flat=True).get(id=tenant_id)


def valid_token(text: str) -> TokenGrant | None:
    """Return what a token allows, or None: unknown, wrong, expired, revoked look alike."""
    parsed = tokens.parse(text)
    if parsed is None:
        return None
    key = ("token", tokens.digest(text))
    hit = _cache.get(key)
    if hit is not None and time.monotonic() - hit[0] < CACHE_S:
        return hit[1]  # type: ignore[return-value]  # keyed by kind
    grant = _read_token(parsed)
    _keep(key, grant)
    return grant


def _read_token(parsed: tokens.TokenText) -> TokenGrant | None:
    for tenant_id in tenants_of(parsed.id):
        with tenant_scope(tenant_id):
            row = ApiToken.objects.filter(id=parsed.id, revoked_at=None, expires_at__gt=now()).first()
        if row is not None and tokens.matches(parsed.secret, row.secret_hash):
            return TokenGrant(id=row.id, tenant_id=tenant_id, scopes=frozenset(row.scopes))
    return None


def roles_in(*, user_id: UUID, tenant_id: UUID) -> frozenset[str]:
    """Return the roles of an active person in a tenant, at most five seconds old."""
    key = ("roles", user_id, tenant_id)
    hit = _cache.get(key)
    if hit is not None and time.monotonic() - hit[0] < CACHE_S:
        return hit[1]  # type: ignore[return-value]  # keyed by kind
    with tenant_scope(tenant_id):
        found = Membership.objects.filter(user_id=user_id, is_active=True, user__is_active=True, tenant__is_active=True)
        roles = frozenset(found.values_list("role", flat=True))
    _keep(key, roles)
    return roles


def _keep(key: object, value: object) -> None:
    if len(_cache) > 4096:
        _cache.clear()
    _cache[key] = (time.monotonic(), value)


def tenants_of_user(user_id: UUID) -> list[TenantOfUser]:
    """List the tenants in which a person has a role."""
    found = []
    for tenant_id in tenants_of(user_id):
        roles = roles_in(user_id=user_id, tenant_id=tenant_id)
        if roles:
            tenant = Tenant.objects.get(id=tenant_id)
            found.append(TenantOfUser(id=tenant.id, slug=tenant.slug, name=tenant.name, roles=roles))
    return found


def names_of_users(user_ids: set[UUID]) -> dict[UUID, str]:
    """Return display names of people, for pages that resolve the ids of the audit log."""
    return dict(User.objects.filter(id__in=user_ids).values_list("id", "name"))


def names_of_tokens(token_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of the tokens of the open tenant."""
    return dict(ApiToken.objects.filter(id__in=token_ids).values_list("id", "name"))


def get_user_by_email(email: str) -> User | None:
    """Return the active person of an address."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()
