"""Tenants, and what they choose."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from accounts import access, brand, selectors
from accounts.errors import TenantExistsError, UnknownTenantError
from accounts.models import Directory, Tenant, TenantSettings
from audit import services as audit
from common.actor import Actor, system_actor
from common.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class Choices:
    """What an owner or administrator chooses for the tenant; the names are those of the columns."""

    idle_minutes: int
    absolute_hours: int
    share_days: int
    share_sessions: int
    share_downloads: int
    share_rights: list[str]
    mail_sender: str
    mail_reply_to: str
    colour: str
    language: str = ""


def create_tenant(*, name: str) -> Tenant:
    """Create a tenant; its slug is made from its name."""
    slug = slugify(name)[:63]
    with transaction.atomic():
        if not slug or Tenant.objects.filter(slug=slug).exists():
            raise TenantExistsError()
        tenant = Tenant.objects.create(slug=slug, name=name)
        with tenant_scope(tenant.id):
            # With a row, however empty, every page has tenant and settings by one query.
            TenantSettings.objects.create(tenant_id=tenant.id)
            audit.record(actor=system_actor(tenant.id), action="tenant.created", subject_id=tenant.id)
    return tenant


def tenant_id_of_slug(slug: str) -> UUID:
    """Return the id of a tenant for commands, or raise."""
    tenant = selectors.get_tenant(slug=slug)
    if tenant is None:
        raise UnknownTenantError()
    return tenant.id


def register_credential(*, credential_id: UUID, tenant_id: UUID) -> None:
    """Let a credential be found before its tenant is known (inside the caller's transaction)."""
    Directory.objects.get_or_create(credential_id=credential_id, tenant_id=tenant_id)


def change_settings(*, actor: Actor, time_zone: str, choices: Choices) -> None:
    """Change what the tenant has chosen; the audit log names what changed.

    Raises
    ------
    ColourError
        The colour has too little contrast to be read.
    """
    access.require(actor, "tenant.manage")
    brand.check_colour(choices.colour)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        changed = _change_zone(actor.tenant_id, time_zone)
        row = _locked_settings(actor.tenant_id)
        for name, value in asdict(choices).items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                changed.append(name)
        if changed:
            row.save()
            audit.record(actor=actor, action="tenant.changed", subject_id=actor.tenant_id, detail={"what": changed})
    selectors.forget()


def set_logo(*, actor: Actor, image: bytes) -> None:
    """Show a picture as the logo of the tenant; no bytes take it away."""
    access.require(actor, "tenant.manage")
    png = brand.clean_logo(image) if image else b""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _locked_settings(actor.tenant_id)
        row.logo = png
        row.save()
        audit.record(actor=actor, action="tenant.changed", subject_id=actor.tenant_id, detail={"what": ["logo"]})
    selectors.forget()


def _change_zone(tenant_id: UUID, time_zone: str) -> list[str]:
    rows = Tenant.objects.filter(id=tenant_id).exclude(time_zone=time_zone)
    return ["time_zone"] if rows.update(time_zone=time_zone) else []


def _locked_settings(tenant_id: UUID) -> TenantSettings:
    row: TenantSettings
    row, _ = TenantSettings.objects.select_for_update().get_or_create(tenant_id=tenant_id)
    return row
