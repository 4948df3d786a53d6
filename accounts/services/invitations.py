"""Inviting people: a mail with a secret, an answer by whoever holds it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import access, selectors, tokens
from accounts.errors import (
    AlreadyMemberError,
    InvitationClosedError,
    InvitationLimitError,
    NoRoleError,
    OwnersOnlyError,
)
from accounts.events import InvitationMade
from accounts.models import Directory, Invitation, Membership, Role, User
from accounts.selectors import Offer
from accounts.services import mailing, members
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox

LIFE = dt.timedelta(days=7)
MAX_MAILS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invited person fills in; somebody who has an account already leaves it empty."""

    name: str = ""
    password: str | None = None


def invite(*, actor: Actor, email: str, roles: Iterable[str], site_ids: Iterable[UUID] = ()) -> UUID:
    """Invite an address; an invitation that waits for it already is replaced."""
    access.require(actor, "user.manage")
    wanted = sorted({Role(role).value for role in roles})
    if not wanted:
        raise NoRoleError
    _check_owner(actor, wanted)
    address, moment = email.strip().lower(), now()
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if Membership.objects.filter(user__email=address, is_active=True).exists():
            raise AlreadyMemberError
        Invitation.objects.filter(email=address, accepted_at=None, revoked_at=None).update(revoked_at=moment)
        row = _create(actor, address, wanted, [str(site_id) for site_id in site_ids], moment)
        audit.record(actor=actor, action="member.invited", subject_id=row.id, detail={"roles": wanted})
        outbox.publish(InvitationMade(tenant_id=actor.tenant_id, invitation_id=row.id))
    return row.id


def _check_owner(actor: Actor, roles: Iterable[str]) -> None:
    if Role.OWNER in roles and Role.OWNER not in actor.roles:
        raise OwnersOnlyError


def _create(actor: Actor, email: str, roles: list[str], site_ids: list[str], moment: dt.datetime) -> Invitation:
    try:
        with transaction.atomic():
            row: Invitation = Invitation.objects.create(
                tenant_id=actor.tenant_id,
                email=email,
                roles=roles,
                site_ids=site_ids,
                invited_by_id=actor.id,
                created_at=moment,
                expires_at=moment + LIFE,
                sent_count=1,
            )
    except IntegrityError:  # two pressed the button at once: the other invitation stands
        raise AlreadyMemberError("This address was invited a moment ago.") from None
    Directory.objects.create(credential_id=row.id, tenant_id=actor.tenant_id)
    return row


def resend_invitation(*, actor: Actor, invitation_id: UUID) -> None:
    """Mail an invitation again with a new secret and a new week; the older mail ends."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_invitation(invitation_id)
        access.require(actor, "user.manage")
        _check_owner(actor, row.roles)
        sendable = Invitation.objects.filter(id=row.id, sent_count__lt=MAX_MAILS)
        if not sendable.update(sent_count=F("sent_count") + 1, expires_at=now() + LIFE):
            raise InvitationLimitError
        audit.record(actor=actor, action="member.invited", subject_id=row.id, detail={"roles": row.roles})
        outbox.publish(InvitationMade(tenant_id=actor.tenant_id, invitation_id=row.id))


def revoke_invitation(*, actor: Actor, invitation_id: UUID) -> None:
    """Take an invitation back."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_invitation(invitation_id)
        access.require(actor, "user.manage")
        if Invitation.objects.filter(id=row.id, accepted_at=None, revoked_at=None).update(revoked_at=now()):
            audit.record(actor=actor, action="invitation.revoked", subject_id=row.id)


def send_invitation(*, tenant_id: UUID, invitation_id: UUID) -> None:
    """Mail the invitation; running again sends a new secret, and the older mail ends."""
    with tenant_scope(tenant_id):
        rows = Invitation.objects.filter(id=invitation_id, accepted_at=None, revoked_at=None)
        row = rows.select_related("invited_by").first()
        if row is None:
            return
        secret = tokens.new_secret()
        rows.update(secret_hash=tokens.digest(secret))
    mailing.send(
        "invitation",
        tenant_id=tenant_id,
        to=row.email,
        inviter=row.invited_by.name,
        url=mailing.url("accounts:invitation", invitation_id, secret),
        expires_at=row.expires_at,
    )


def read_offer(*, invitation_id: UUID, secret: str) -> Offer:
    """Return what an invitation says to whoever holds its secret, or raise."""
    tenant_id = _tenant_of(invitation_id)
    with tenant_scope(tenant_id):
        row = selectors.find_invitation(invitation_id=invitation_id, secret=secret)
        if row is None:
            raise InvitationClosedError
        return selectors.offer_of(row)


def accept(*, invitation_id: UUID, secret: str, answer: Answer) -> User:
    """Make whoever holds the secret a member, once.

    A person who is known already only gains the roles: name, password and factor stay as they are.
    """
    tenant_id = _tenant_of(invitation_id)
    with tenant_scope(tenant_id), transaction.atomic():
        row = selectors.find_invitation(invitation_id=invitation_id, secret=secret)
        held = Invitation.objects.filter(id=invitation_id, accepted_at=None, revoked_at=None, expires_at__gt=now())
        if row is None or not held.update(accepted_at=now()):
            raise InvitationClosedError
        user = members.create_member(
            tenant_id=tenant_id, email=row.email, name=answer.name, roles=row.roles, password=answer.password
        )
        members.place_member(tenant_id=tenant_id, user_id=user.id, site_ids=[UUID(one) for one in row.site_ids])
        actor = Actor(tenant_id=tenant_id, kind=ActorKind.USER, id=user.id, roles=frozenset(row.roles))
        audit.record(actor=actor, action="invitation.accepted", subject_id=invitation_id)
    return user


def _tenant_of(invitation_id: UUID) -> UUID:
    tenant_id = selectors.tenant_of_invitation(invitation_id)
    if tenant_id is None:
        raise InvitationClosedError
    return tenant_id
