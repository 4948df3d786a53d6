"""Opening a link: its secret brings a code by mail, the code opens one session."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts import services as accounts
from audit import services as audit
from common import logs
from common.clock import now
from common.errors import DomainError
from common.scope import tenant_scope
from outbox import services as outbox
from sharing import mails, proofs, selectors
from sharing.errors import CodeNotSentError, CodeRefusedError, LinkClosedError
from sharing.events import LinkLocked
from sharing.models import GuestSession, OneTimeCode, ShareLink

log = logs.get("sharing")

CODE_MINUTES = 10
TRIES_PER_CODE = 5
FAILURES_PER_LINK = 10
# Whoever has the secret can cause mails to the recipient: this ends a flood, and no honest use comes near.
CODES_PER_SESSION = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """A fresh guest session; the browser keeps the secret."""

    session_id: UUID
    link_id: UUID
    secret: str = field(repr=False)


def open_link(*, link_id: UUID, secret: str, nonce: str) -> None:
    """Mail the recipient a code that only the browser of this nonce can use.

    Raises
    ------
    LinkClosedError
        The link is unknown, the secret is wrong, or it opens no more; nothing was counted or written.
    """
    with tenant_scope(_tenant_of(link_id)):
        link = selectors.find_link(link_id=link_id, secret=secret)
        if link is None:
            raise LinkClosedError
        with transaction.atomic():
            code = _issue_code(link, nonce)
    _send(link, code)


def resend_code(*, link_id: UUID, nonce: str) -> None:
    """Mail a new code to a browser that asked for one before."""
    with tenant_scope(_tenant_of(link_id)):
        issued = selectors.find_code(link_id=link_id, nonce=nonce)
        if issued is None:
            raise LinkClosedError
        link = issued.link
        with transaction.atomic():
            code = _issue_code(link, nonce)
    _send(link, code)


def _tenant_of(link_id: UUID) -> UUID:
    tenant_id = selectors.tenant_of(link_id)
    if tenant_id is None:
        raise LinkClosedError
    return tenant_id


def _issue_code(link: ShareLink, nonce: str) -> str:
    if (state := selectors.state_of(link)) != "active":
        raise LinkClosedError(state)
    moment, code = now(), proofs.new_code()
    mailable = ShareLink.objects.filter(id=link.id, sent_codes__lt=F("max_sessions") * CODES_PER_SESSION)
    if not mailable.update(sent_codes=F("sent_codes") + 1):
        raise LinkClosedError
    OneTimeCode.objects.filter(link=link, expires_at__lt=moment).delete()
    OneTimeCode.objects.create(
        tenant_id=link.tenant_id,
        link=link,
        nonce_hash=proofs.digest(nonce),
        code_mac=proofs.code_mac(link_id=link.id, nonce=nonce, code=code),
        expires_at=moment + dt.timedelta(minutes=CODE_MINUTES),
    )
    _record(link, "share.opened")
    return code


def _send(link: ShareLink, code: str) -> None:
    try:
        mails.send_code(tenant_id=link.tenant_id, to=link.recipient_email, code=code, minutes_valid=CODE_MINUTES)
    except OSError as error:  # smtplib's errors are OSErrors
        log.error("share.code-failed", link_id=str(link.id), error_type=type(error).__name__)
        raise CodeNotSentError from None
    with tenant_scope(link.tenant_id), transaction.atomic():
        _record(link, "share.code-sent")


def confirm_code(*, link_id: UUID, nonce: str, code: str) -> Opened:
    """Exchange a code for one session, in the browser that asked for it.

    Raises
    ------
    CodeRefusedError
        For whatever reason the code is not valid. It counts against the link only when this browser had the secret.
    LinkClosedError
        The link opens no more.
    """
    with tenant_scope(_tenant_of(link_id)):
        issued = selectors.find_code(link_id=link_id, nonce=nonce)
        if issued is None:
            raise CodeRefusedError
        with transaction.atomic():
            outcome = _try_code(issued, nonce, code)
    # A refusal is raised only here, after its counts are committed.
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def _try_code(issued: OneTimeCode, nonce: str, code: str) -> Opened | DomainError:
    link = issued.link
    if (state := selectors.state_of(link)) != "active":
        return LinkClosedError(state)
    if not _take_try(issued):
        return CodeRefusedError()
    if not proofs.code_matches(link_id=link.id, nonce=nonce, code=code, kept=issued.code_mac):
        return _refuse(link)
    ShareLink.objects.filter(id=link.id).update(failures=F("failures") - 1)
    OneTimeCode.objects.filter(id=issued.id).update(used_at=now())
    return _start_session(link) if _take_session(link) else LinkClosedError("used")


def _take_try(issued: OneTimeCode) -> bool:
    """Count a failure before anything is compared, so that parallel guesses get no more; a right code gives it back.

    The updated rows stay locked until the transaction ends.
    """
    moment = now()
    failing = ShareLink.objects.filter(id=issued.link_id, failures__lt=FAILURES_PER_LINK).open_at(moment)
    trying = OneTimeCode.objects.filter(id=issued.id, tries__lt=TRIES_PER_CODE, used_at=None, expires_at__gt=moment)
    if not trying.update(tries=F("tries") + 1):
        return False
    return bool(failing.update(failures=F("failures") + 1))


def _take_session(link: ShareLink) -> bool:
    """Use one of the link's sessions: one statement, whatever happens in parallel."""
    usable = ShareLink.objects.filter(id=link.id).open_at(now()).with_free_session()
    return bool(usable.update(used_sessions=F("used_sessions") + 1))


def _refuse(link: ShareLink) -> CodeRefusedError:
    _record(link, "share.code-refused")
    lockable = ShareLink.objects.filter(id=link.id, failures__gte=FAILURES_PER_LINK, locked_at=None)
    if lockable.update(locked_at=now()):
        _record(link, "share.locked")
        outbox.publish(LinkLocked(tenant_id=link.tenant_id, link_id=link.id))
        transaction.on_commit(selectors.forget)
    return CodeRefusedError()


def _start_session(link: ShareLink) -> Opened:
    secret = proofs.new_secret()
    session = GuestSession.objects.create(tenant_id=link.tenant_id, link=link, secret_hash=proofs.digest(secret))
    accounts.register_credential(credential_id=session.id, tenant_id=link.tenant_id)
    _record(link, "share.session-started")
    return Opened(session_id=session.id, link_id=link.id, secret=secret)


def _record(link: ShareLink, action: str) -> None:
    guest = selectors.guest_of(tenant_id=link.tenant_id, link_id=link.id)
    audit.record(actor=guest, action=action, subject_id=link.id)
