"""Passwords: forgotten, reset by a mail, changed by their owner."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from accounts import limits, selectors, tokens
from accounts.errors import ResetClosedError, WrongPasswordError
from accounts.events import AccountChanged, PasswordResetAsked
from accounts.models import PasswordReset, User
from accounts.services import mailing, sessions
from audit import services as audit
from common.actor import Actor, system_actor
from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox

LIFE = {"forgotten": dt.timedelta(minutes=30), "factor": dt.timedelta(hours=24)}
KEPT = dt.timedelta(days=30)
_HOUR = dt.timedelta(hours=1)
MAILS_AN_HOUR = 3
ASKED_AN_HOUR = 20


def ask_reset(*, email: str, address: str | None) -> None:
    """Mail a link to a person who forgot the password; whoever asks learns nothing, whether there is one or not."""
    wanted = email.strip().lower()
    by_place = limits.take("reset-place", address or "", limit=ASKED_AN_HOUR, window=_HOUR)
    by_address = limits.take("reset-address", wanted, limit=MAILS_AN_HOUR, window=_HOUR)
    user = selectors.get_user_by_email(wanted)
    tenants = selectors.tenants_of_user(user.id) if user else []
    if not (by_place and by_address) or user is None or not tenants:
        return
    with tenant_scope(tenants[0].id), transaction.atomic():
        mail_reset(user=user, tenant_id=tenants[0].id, why="forgotten")
        audit.record(actor=system_actor(tenants[0].id), action="password.reset-asked", subject_id=user.id)


def mail_reset(*, user: User, tenant_id: UUID, why: str) -> None:
    """Have a link mailed (inside the caller's transaction and scope); older ones end."""
    moment = now()
    PasswordReset.objects.filter(user=user, used_at=None).update(used_at=moment)
    row = PasswordReset.objects.create(user=user, expires_at=moment + LIFE[why])
    outbox.publish(PasswordResetAsked(tenant_id=tenant_id, reset_id=row.id, why=why))


def hand_out_link(*, user: User) -> str:
    """Return a link for who is not mailed one: the first owner of a tenant, who gets it from the operator."""
    secret = tokens.new_secret()
    row = PasswordReset.objects.create(user=user, expires_at=now() + LIFE["factor"], secret_hash=tokens.digest(secret))
    return mailing.url("accounts:reset", row.id, secret)


def send_reset(*, tenant_id: UUID, reset_id: UUID, why: str) -> None:
    """Mail the link; running again sends a new secret, and the older mail ends."""
    row = PasswordReset.objects.select_related("user").filter(id=reset_id, used_at=None, expires_at__gt=now()).first()
    if row is None:
        return
    secret = tokens.new_secret()
    PasswordReset.objects.filter(id=reset_id).update(secret_hash=tokens.digest(secret))
    mailing.send(
        f"password_{why}",
        tenant_id=tenant_id,
        to=row.user.email,
        url=mailing.url("accounts:reset", reset_id, secret),
        expires_at=row.expires_at,
    )


def find_reset(*, reset_id: UUID, secret: str) -> User:
    """Return whose password may be chosen, or raise."""
    row = PasswordReset.objects.select_related("user").filter(id=reset_id, used_at=None, expires_at__gt=now()).first()
    if row is None or not row.secret_hash or not tokens.matches(secret, bytes(row.secret_hash)):
        raise ResetClosedError
    return row.user


def reset_password(*, reset_id: UUID, secret: str, password: str) -> None:
    """Set the new password once: all sessions of the person end, and the second factor stays what it is."""
    user = find_reset(reset_id=reset_id, secret=secret)
    with transaction.atomic():
        unused = PasswordReset.objects.filter(id=reset_id, used_at=None, expires_at__gt=now())
        if not unused.update(used_at=now()):
            raise ResetClosedError
        _set(user, password)
    sessions.end_all(user_id=user.id)
    _tell(user, "password.reset", actor_of=system_actor)


def change_password(*, actor: Actor, present: str, password: str, current_key: str) -> User:
    """Change one's own password; all other sessions end."""
    user = selectors.get_user(actor.id)
    if not user.check_password(present):
        raise WrongPasswordError
    with transaction.atomic():
        _set(user, password)
    sessions.end_all(user_id=user.id, but_key=current_key)
    _tell(user, "password.changed", actor_of=lambda tenant_id: Actor(tenant_id, actor.kind, actor.id))
    return user


def _set(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])


def _tell(user: User, action: str, *, actor_of: Callable[[UUID], Actor]) -> None:
    """Write into the log of each tenant of the person, and mail the person by the first of them."""
    for number, tenant_id in enumerate(selectors.tenants_of(user.id)):
        with tenant_scope(tenant_id), transaction.atomic():
            audit.record(actor=actor_of(tenant_id), action=action, subject_id=user.id)
            if number == 0:
                outbox.publish(AccountChanged(tenant_id=tenant_id, user_id=user.id, what="password"))


def purge() -> None:
    """Delete old links."""
    PasswordReset.objects.filter(created_at__lt=now() - KEPT).delete()
