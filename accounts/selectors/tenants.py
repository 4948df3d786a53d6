"""Reads of tenants, their settings and sites."""

import hashlib
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Directory, Site, SiteMember, Tenant, TenantSettings
from accounts.selectors import decisions
from common.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class House:
    """What a tenant has chosen, with its defaults filled in."""

    name: str
    time_zone: str
    idle_minutes: int
    absolute_hours: int
    share_days: int
    share_sessions: int
    share_downloads: int
    share_rights: frozenset[str]
    mail_sender: str
    mail_reply_to: str
    language: str
    colour: str
    has_logo: bool
    # Changes with the look, so that browsers may keep it.
    look: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in a list."""

    id: UUID
    name: str
    is_active: bool
    members: int


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


def house(tenant_id: UUID) -> House:
    """Return what a tenant has chosen, at most five seconds old."""
    return decisions.keep(("house", tenant_id), lambda: _read_house(tenant_id))


def _read_house(tenant_id: UUID) -> House:
    with tenant_scope(tenant_id):
        row = TenantSettings.objects.select_related("tenant").first()
    tenant = row.tenant if row else Tenant.objects.get(id=tenant_id)
    row = row or TenantSettings(tenant_id=tenant_id)
    return House(
        name=tenant.name,
        time_zone=tenant.time_zone,
        idle_minutes=row.idle_minutes,
        absolute_hours=row.absolute_hours,
        share_days=row.share_days,
        share_sessions=row.share_sessions,
        share_downloads=row.share_downloads,
        share_rights=frozenset(row.share_rights),
        mail_sender=row.mail_sender,
        mail_reply_to=row.mail_reply_to,
        language=row.language,
        colour=row.colour,
        has_logo=bool(row.logo),
        look=hashlib.sha256(row.colour.encode() + bytes(row.logo)).hexdigest()[:12],
    )


def logo(tenant_id: UUID) -> bytes:
    """Return the logo of a tenant as PNG, or nothing."""
    with tenant_scope(tenant_id):
        found = TenantSettings.objects.values_list("logo", flat=True).first()
    return bytes(found or b"")


def list_sites(*, only_active: bool = False) -> list[SiteLine]:
    """List the sites of the open tenant by name, with the number of their members; one query."""
    placed = SiteMember.objects.filter(site_id=OuterRef("pk")).order_by().values("site_id").annotate(number=Count("*"))
    rows = Site.objects.order_by("-is_active", "name").annotate(members=Coalesce(Subquery(placed.values("number")), 0))
    rows = rows.filter(is_active=True) if only_active else rows
    return [SiteLine(row.id, row.name, row.is_active, row.members) for row in rows]
