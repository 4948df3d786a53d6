"""The places where a tenant works."""

from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import access
from accounts.errors import SiteExistsError, SiteNotFoundError
from accounts.models import Site
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope


def add_site(*, actor: Actor, name: str) -> UUID:
    """Add a site."""
    access.require(actor, "tenant.manage")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        try:
            with transaction.atomic():
                site = Site.objects.create(tenant_id=actor.tenant_id, name=name.strip())
        except IntegrityError:
            raise SiteExistsError from None
        audit.record(actor=actor, action="site.added", subject_id=site.id)
    return UUID(str(site.id))


def change_site(*, actor: Actor, site_id: UUID, name: str, is_active: bool) -> None:
    """Rename a site, close it or open it again."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if not Site.objects.filter(id=site_id).exists():
            raise SiteNotFoundError
        access.require(actor, "tenant.manage")
        try:
            with transaction.atomic():
                Site.objects.filter(id=site_id).update(name=name.strip(), is_active=is_active)
        except IntegrityError:
            raise SiteExistsError from None
        detail = {"is_active": int(is_active)}
        audit.record(actor=actor, action="site.changed", subject_id=site_id, detail=detail)
