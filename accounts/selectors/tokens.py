"""Reads of API tokens."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounts import tokens
from accounts.models import ApiToken
from accounts.selectors import decisions
from accounts.selectors.tenants import tenants_of
from common.clock import now
from common.scope import tenant_scope

# Written at most once a minute: a script may ask a thousand times in that time.
USED_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a valid token allows."""

    id: UUID
    tenant_id: UUID
    scopes: frozenset[str]
    networks: tuple[str, ...] = ()
    is_use_due: bool = False


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token in a list; its secret is nowhere."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None
    state: str


def valid_token(text: str) -> TokenGrant | None:
    """Return what a token allows, or None: unknown, wrong, expired, revoked look alike."""
    parsed = tokens.parse(text)
    if parsed is None:
        return None
    return decisions.keep(("token", tokens.digest(text)), lambda: _read_token(parsed))


def _read_token(parsed: tokens.TokenText) -> TokenGrant | None:
    moment = now()
    for tenant_id in tenants_of(parsed.id):
        with tenant_scope(tenant_id):
            row = ApiToken.objects.filter(id=parsed.id, revoked_at=None, expires_at__gt=moment).first()
        if row is not None and tokens.matches(parsed.secret, row.secret_hash):
            return TokenGrant(
                id=row.id,
                tenant_id=tenant_id,
                scopes=frozenset(row.scopes),
                networks=tuple(row.networks),
                is_use_due=row.last_used_at is None or moment - row.last_used_at > USED_EVERY,
            )
    return None


def names_of_tokens(token_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of the tokens of the open tenant."""
    return dict(ApiToken.objects.filter(id__in=token_ids).values_list("id", "name"))


def list_tokens(*, limit: int = 200) -> list[TokenLine]:
    """List the tokens of the open tenant, newest first."""
    moment = now()
    return [_line(row, moment) for row in ApiToken.objects.order_by("-created_at", "-id")[:limit]]


def _line(row: ApiToken, moment: dt.datetime) -> TokenLine:
    states = {"revoked": row.revoked_at is not None, "expired": row.expires_at <= moment}
    return TokenLine(
        id=row.id,
        name=row.name,
        scopes=tuple(row.scopes),
        networks=tuple(row.networks),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        state=next((state for state, applies in states.items() if applies), "active"),
    )
