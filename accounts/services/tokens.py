"""API tokens: made, used, ended."""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts import access, selectors, tokens
from accounts.errors import TokenNotFoundError, TokenTermsError, UnknownScopeError
from accounts.models import ApiToken, Directory
from accounts.selectors import TokenGrant
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope

MAX_DAYS = 365


def create_token(
    *, actor: Actor, name: str, scopes: Iterable[str], days: int = MAX_DAYS, networks: Iterable[str] = ()
) -> str:
    """Create an API token and return its text, which is shown once."""
    access.require(actor, "token.manage")
    wanted, places = _scopes(scopes), _networks(networks)
    if not 1 <= days <= MAX_DAYS:
        raise TokenTermsError
    secret, token_id = tokens.new_secret(), uuid7()
    with transaction.atomic(), tenant_scope(actor.tenant_id):
        ApiToken.objects.create(
            id=token_id,
            tenant_id=actor.tenant_id,
            name=name,
            secret_hash=tokens.digest(secret),
            scopes=wanted,
            networks=places,
            expires_at=now() + dt.timedelta(days=days),
        )
        Directory.objects.create(credential_id=token_id, tenant_id=actor.tenant_id)
        audit.record(actor=actor, action="token.created", subject_id=token_id, detail={"scopes": wanted, "days": days})
    return tokens.render(token_id, secret)


def _scopes(scopes: Iterable[str]) -> list[str]:
    wanted = sorted(set(scopes))
    if not wanted or set(wanted) - set(access.matrix()["scopes"]):
        raise UnknownScopeError()
    return wanted


def _networks(networks: Iterable[str]) -> list[str]:
    try:
        return sorted({str(ipaddress.ip_network(text.strip(), strict=False)) for text in networks if text.strip()})
    except ValueError:
        raise TokenTermsError from None


def revoke_token(*, actor: Actor, token_id: UUID) -> None:
    """End a token; requests with it stop within five seconds."""
    with transaction.atomic(), tenant_scope(actor.tenant_id):
        if not ApiToken.objects.filter(id=token_id).exists():
            raise TokenNotFoundError
        access.require(actor, "token.manage")
        if ApiToken.objects.filter(id=token_id, revoked_at=None).update(revoked_at=now()):
            audit.record(actor=actor, action="token.revoked", subject_id=token_id)
    selectors.forget()


def note_use(grant: TokenGrant) -> None:
    """Write when a token was used last, at most once a minute."""
    if not grant.is_use_due:
        return
    with tenant_scope(grant.tenant_id):
        ApiToken.objects.filter(id=grant.id).update(last_used_at=now())
    selectors.forget()
