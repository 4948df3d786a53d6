"""A patient comes in: the printed code brings a code by mail, both together open one session."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts import limits
from accounts import selectors as accounts_selectors
from accounts import services as accounts
from audit import services as audit
from common import logs
from common.clock import now
from common.errors import DomainError
from common.scope import tenant_scope
from sharing import mails, patients, proofs
from sharing.errors import CodeNotSentError, CodeRefusedError, PrintedCodeRefusedError
from sharing.models import PatientAccess, PatientMailCode, PatientSession
from sharing.services.opening import CODE_MINUTES, TRIES_PER_CODE

log = logs.get("sharing")

FAILURES_PER_ACCESS = 10
MAIL_CODES_PER_ACCESS = 10
# From one network address: a waiting room shares one, and a guesser is stopped long before 2^40 codes.
TRIES_PER_ADDRESS, WINDOW = 60, dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Entered:
    """A fresh session of a patient; the browser keeps the secret."""

    session_id: UUID
    secret: str = field(repr=False)


def present_code(*, code: str, email: str, nonce: str, address: str) -> UUID:
    """Mail a code to the address that the patient gives, for the browser of this nonce; return the access.

    Raises
    ------
    PrintedCodeRefusedError
        For whatever reason the printed code is not valid; a wrong one counts against the access that it names.
    """
    plain = proofs.read_printed_code(code)
    if not limits.take("printed-code", address, limit=TRIES_PER_ADDRESS, window=WINDOW) or not plain:
        raise PrintedCodeRefusedError
    for tenant_id in accounts_selectors.tenants_of(proofs.printed_code_id(plain)):
        with tenant_scope(tenant_id), transaction.atomic():
            issued = _present(plain, email, nonce)
        if issued is not None:
            access, mail_code = issued
            _send(access, email, mail_code)
            return access.id
    raise PrintedCodeRefusedError


def _present(code: str, email: str, nonce: str) -> tuple[PatientAccess, str] | None:
    access = patients.find_by_code(code)
    if access is None or not _take_failure(access):
        return None
    if not proofs.printed_code_matches(code, access.code_mac):
        _refuse(access)
        return None
    _give_back(access)
    return (access, _issue(access, email, nonce)) if _take_mail(access) else None


def resend_mail_code(*, access_id: UUID, nonce: str) -> None:
    """Mail a new code to the same address, for a browser that asked for one before."""
    for tenant_id in accounts_selectors.tenants_of(access_id):
        with tenant_scope(tenant_id), transaction.atomic():
            issued = patients.find_mail_code(access_id=access_id, nonce=nonce)
            if issued is None or not _is_fresh(issued.access) or not _take_mail(issued.access):
                continue
            mail_code = _issue(issued.access, issued.email, nonce)
        _send(issued.access, issued.email, mail_code)
        return
    raise PrintedCodeRefusedError


def _is_fresh(access: PatientAccess) -> bool:
    return bool(PatientAccess.objects.with_fresh_code(now()).filter(id=access.id).exists())


def _take_failure(access: PatientAccess) -> bool:
    """Count a failure before anything is compared; what was right gives it back."""
    row = PatientAccess.objects.usable().filter(id=access.id, failures__lt=FAILURES_PER_ACCESS)
    return bool(row.update(failures=F("failures") + 1))


def _give_back(access: PatientAccess) -> None:
    PatientAccess.objects.filter(id=access.id).update(failures=F("failures") - 1)


def _take_mail(access: PatientAccess) -> bool:
    """Count one mail: whoever holds the paper can cause them, to any address."""
    row = PatientAccess.objects.filter(id=access.id, sent_codes__lt=MAIL_CODES_PER_ACCESS)
    return bool(row.update(sent_codes=F("sent_codes") + 1))


def _issue(access: PatientAccess, email: str, nonce: str) -> str:
    code = proofs.new_code()
    PatientMailCode.objects.create(
        tenant_id=access.tenant_id,
        access=access,
        email=email,
        nonce_hash=proofs.digest(nonce),
        code_mac=proofs.code_mac(link_id=access.id, nonce=nonce, code=code),
        expires_at=now() + dt.timedelta(minutes=CODE_MINUTES),
    )
    _record(access, "patient.code-presented")
    return code


def _send(access: PatientAccess, email: str, code: str) -> None:
    try:
        mails.send_patient_code(tenant_id=access.tenant_id, to=email, code=code, minutes_valid=CODE_MINUTES)
    except OSError as error:  # smtplib's errors are OSErrors
        log.error("patient.code-failed", error_type=type(error).__name__)
        raise CodeNotSentError from None


def confirm_mail_code(*, access_id: UUID, nonce: str, code: str) -> Entered:
    """Exchange the mailed code for one session; the printed one is used up by this, the address is proven.

    Raises
    ------
    CodeRefusedError
        For whatever reason the code is not valid.
    """
    for tenant_id in accounts_selectors.tenants_of(access_id):
        with tenant_scope(tenant_id):
            issued = patients.find_mail_code(access_id=access_id, nonce=nonce)
            if issued is None:
                continue
            with transaction.atomic():
                outcome = _try_code(issued, nonce, code)
        # A refusal is raised only here, after its counts are committed.
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome
    raise CodeRefusedError


def _try_code(issued: PatientMailCode, nonce: str, code: str) -> Entered | DomainError:
    access, moment = issued.access, now()
    trying = PatientMailCode.objects.filter(id=issued.id, tries__lt=TRIES_PER_CODE, used_at=None, expires_at__gt=moment)
    if not trying.update(tries=F("tries") + 1) or not _take_failure(access):
        return CodeRefusedError()
    if not proofs.code_matches(link_id=access.id, nonce=nonce, code=code, kept=issued.code_mac):
        _refuse(access)
        return CodeRefusedError()
    _give_back(access)
    PatientMailCode.objects.filter(id=issued.id).update(used_at=moment)
    fresh = PatientAccess.objects.with_fresh_code(moment).filter(id=access.id)
    # One statement: of two browsers that hold the same paper, one comes in.
    if not fresh.update(code_used_at=moment, email=issued.email):
        return PrintedCodeRefusedError()
    return begin_session(access)


def _refuse(access: PatientAccess) -> None:
    _record(access, "patient.code-refused")
    lockable = PatientAccess.objects.filter(id=access.id, failures__gte=FAILURES_PER_ACCESS, locked_at=None)
    if lockable.update(locked_at=now()):
        _record(access, "patient.locked")
        transaction.on_commit(patients.forget)


def begin_session(access: PatientAccess) -> Entered:
    """Begin a session of a patient who has proven everything (inside the caller's transaction)."""
    secret = proofs.new_secret()
    session = PatientSession.objects.create(
        tenant_id=access.tenant_id, access=access, secret_hash=proofs.digest(secret)
    )
    accounts.register_credential(credential_id=session.id, tenant_id=access.tenant_id)
    _record(access, "patient.entered")
    return Entered(session_id=session.id, secret=secret)


def _record(access: PatientAccess, action: str) -> None:
    actor = patients.patient_actor(tenant_id=access.tenant_id, access_id=access.id)
    audit.record(actor=actor, action=action, patient_id=access.patient_id, subject_id=access.id)
