"""Changes to tenants, people and credentials."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from accounts import access, selectors, tokens
from accounts.errors import TenantExistsError, UnknownScopeError, UnknownTenantError
from accounts.models import ApiToken, Directory, Membership, Role, Tenant, User
from audit import services as audit
from common.actor import Actor, system_actor
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope

TOKEN_LIFE = dt.timedelta(days=365)


def create_tenant(*, name: str) -> Tenant:
    """Create a tenant; its slug is made from its name."""
    slug = slugify(name)[:63]
    with transaction.atomic():
        if not slug or Tenant.objects.filter(slug=slug).exists():
            raise TenantExistsError()
        tenant = Tenant.objects.create(slug=slug, name=name)
        with tenant_scope(tenant.id):
            audit.record(actor=system_actor(tenant.id), action="tenant.created", subject_id=tenant.id)
    return tenant


def create_member(*, tenant_id: UUID, email: str, name: str, roles: Iterable[str], password: str | None = None) -> User:
    """Give a person roles in a tenant, creating the person when the address is new."""
    with transaction.atomic():
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            user = User.objects.create_user(email=email, name=name, password=password)
        with tenant_scope(tenant_id):
            for role in roles:
                Membership.objects.get_or_create(tenant_id=tenant_id, user=user, role=Role(role))
            audit.record(actor=system_actor(tenant_id), action="member.added", subject_id=user.id)
        Directory.objects.get_or_create(credential_id=user.id, tenant_id=tenant_id)
    selectors.forget()
    return user


def create_token(*, actor: Actor, name: str, scopes: Iterable[str]) -> str:
    """Create an API token and return its text, which is shown once."""
    access.require(actor, "token.manage")
    wanted = sorted(set(scopes))
    unknown = set(wanted) - set(access.matrix()["scopes"])
    if unknown or not wanted:
        raise UnknownScopeError()
    secret, token_id = tokens.new_secret(), uuid7()
    with transaction.atomic(), tenant_scope(actor.tenant_id):
        ApiToken.objects.create(
            id=token_id,
            tenant_id=actor.tenant_id,
            name=name,
            secret_hash=tokens.digest(secret),
            scopes=wanted,
            expires_at=now() + TOKEN_LIFE,
        )
        Directory.objects.create(credential_id=token_id, tenant_id=actor.tenant_id)
        audit.record(actor=actor, action="token.created", subject_id=token_id, detail={"scopes": wanted})
    return tokens.render(token_id, secret)


def revoke_token(*, actor: Actor, token_id: UUID) -> None:
    """End a token; requests with it stop within five seconds."""
    access.require(actor, "token.manage")
    with transaction.atomic(), tenant_scope(actor.tenant_id):
        if ApiToken.objects.filter(id=token_id, revoked_at=None).update(revoked_at=now()):
            audit.record(actor=actor, action="token.revoked", subject_id=token_id)
    selectors.forget()


def register_credential(*, credential_id: UUID, tenant_id: UUID) -> None:
    """Let a credential be found before its tenant is known (inside the caller's transaction)."""
    Directory.objects.get_or_create(credential_id=credential_id, tenant_id=tenant_id)


def tenant_id_of_slug(slug: str) -> UUID:
    """Return the id of a tenant for commands, or raise."""
    tenant = selectors.get_tenant(slug=slug)
    if tenant is None:
        raise UnknownTenantError()
    return tenant.id
