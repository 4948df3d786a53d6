"""What the pages of members and invitations show."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounts import selectors
from accounts.contexts.words import role_names
from accounts.models import Role
from accounts.selectors import InvitationLine, Member, Offer
from common.actor import Actor
from common.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member in the list."""

    user_id: UUID
    name: str
    email: str
    roles: list[str]
    sites: tuple[str, ...]
    is_active: bool
    has_factor: bool
    last_seen_at: dt.datetime | None
    is_self: bool


@dataclass(frozen=True, slots=True)
class InvitationRow:
    line: InvitationLine
    roles: list[str]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    members: list[MemberRow]
    invitations: list[InvitationRow]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """`is_fixed`: somebody else has to change this one, an owner or another administrator."""

    member: Member
    row: MemberRow
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class OfferPage:
    id: UUID
    tenant_name: str
    email: str
    roles: list[str]
    invited_by: str


def people_page(actor: Actor) -> PeoplePage:
    """Return everybody, and the invitations that wait."""
    with tenant_scope(actor.tenant_id):
        members = [_row(member, actor) for member in selectors.list_members()]
        waiting = [InvitationRow(line, role_names(line.roles)) for line in selectors.list_invitations()]
    return PeoplePage(members=sorted(members, key=lambda row: not row.is_active), invitations=waiting)


def member_page(actor: Actor, user_id: UUID) -> MemberPage:
    """Return one member."""
    with tenant_scope(actor.tenant_id):
        member = selectors.get_member(user_id)
    is_above = Role.OWNER in member.roles and Role.OWNER not in actor.roles
    return MemberPage(member=member, row=_row(member, actor), is_fixed=is_above or user_id == actor.id)


def offer_page(offer: Offer) -> OfferPage:
    """Return what an invitation says."""
    return OfferPage(offer.id, offer.tenant_name, offer.email, role_names(offer.roles), offer.invited_by)


def _row(member: Member, actor: Actor) -> MemberRow:
    return MemberRow(
        user_id=member.user_id,
        name=member.name,
        email=member.email,
        roles=role_names(member.roles),
        sites=member.sites,
        is_active=member.is_active,
        has_factor=member.has_factor,
        last_seen_at=member.last_seen_at,
        is_self=member.user_id == actor.id,
    )
