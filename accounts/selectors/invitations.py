"""Reads of invitations."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounts import tokens
from accounts.errors import InvitationNotFoundError
from accounts.models import Invitation, Site, User
from accounts.selectors.tenants import tenants_of
from common.clock import now


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """An invitation that waits, or lapsed without an answer."""

    id: UUID
    email: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    expires_at: dt.datetime
    is_expired: bool
    is_mailed: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation says to whoever holds its secret."""

    id: UUID
    tenant_name: str
    email: str
    roles: tuple[str, ...]
    invited_by: str
    is_known_person: bool


def tenant_of_invitation(invitation_id: UUID) -> UUID | None:
    """Return the tenant of an invitation, before any scope is open."""
    return next(iter(tenants_of(invitation_id)), None)


# --- inside the tenant's scope ----------------------------------------------------------------------------------------


def list_invitations() -> list[InvitationLine]:
    """List the invitations of the open tenant that nobody accepted or took back, newest first."""
    moment, names = now(), dict(Site.objects.values_list("id", "name"))
    rows = Invitation.objects.filter(accepted_at=None, revoked_at=None).order_by("-created_at")
    return [
        InvitationLine(
            id=row.id,
            email=row.email,
            roles=tuple(row.roles),
            sites=tuple(names[UUID(site_id)] for site_id in row.site_ids if UUID(site_id) in names),
            expires_at=row.expires_at,
            is_expired=row.expires_at <= moment,
            is_mailed=bool(row.secret_hash),
        )
        for row in rows
    ]


def get_invitation(invitation_id: UUID) -> Invitation:
    """Return an open invitation of the open tenant, or raise."""
    row: Invitation | None = Invitation.objects.filter(id=invitation_id, accepted_at=None, revoked_at=None).first()
    if row is None:
        raise InvitationNotFoundError
    return row


def find_invitation(*, invitation_id: UUID, secret: str) -> Invitation | None:
    """Return the invitation when the secret is that of its newest mail, and it still holds."""
    held = Invitation.objects.filter(id=invitation_id, accepted_at=None, revoked_at=None, expires_at__gt=now())
    row: Invitation | None = held.select_related("tenant", "invited_by").first()
    return row if row is not None and row.secret_hash and tokens.matches(secret, bytes(row.secret_hash)) else None


def offer_of(row: Invitation) -> Offer:
    """Return what an invitation says."""
    return Offer(
        id=row.id,
        tenant_name=row.tenant.name,
        email=row.email,
        roles=tuple(row.roles),
        invited_by=row.invited_by.name,
        is_known_person=User.objects.filter(email=row.email.lower()).exists(),
    )
