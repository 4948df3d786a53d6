"""Reads of the ways that patients have to their own images."""

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts import selectors as accounts
from common.actor import Actor, ActorKind, Grant, Right
from common.clock import now
from common.scope import tenant_scope
from pacs import retained
from pacs import selectors as pacs
from sharing import proofs
from sharing.errors import AccessNotFoundError
from sharing.models import PatientAccess, PatientMailCode, PatientPasskey, PatientSession, ShareLink
from sharing.selectors import ABSOLUTE, CACHE_S, LinkSummary, Visit, summary_of

RIGHTS = frozenset(Right)
_cache: dict[UUID, tuple[float, "PatientVisit"]] = {}


@dataclass(frozen=True, slots=True)
class PatientVisit(Visit):
    """The session of a patient."""

    access_id: UUID
    patient_id: UUID


@dataclass(frozen=True, slots=True)
class AccessLine:
    """A patient's access as the desk sees it."""

    id: UUID
    state: str
    created_at: dt.datetime
    code_expires_at: dt.datetime
    entered_at: dt.datetime | None
    email_hint: str


def forget() -> None:
    """Drop the sessions of patients kept in this process."""
    _cache.clear()


def patient_actor(*, tenant_id: UUID, access_id: UUID) -> Actor:
    """Return a patient as who acts, granted nothing yet."""
    nothing = Grant(study_ids=frozenset(), rights=frozenset())
    return Actor(tenant_id=tenant_id, kind=ActorKind.PATIENT, id=access_id, roles=frozenset({"patient"}), grant=nothing)


# --- sessions ---------------------------------------------------------------------------------------------------------


def get_visit(*, session_id: UUID, secret: str) -> PatientVisit | None:
    """Return what a patient's session allows now, or None: unknown, wrong, ended and expired look alike."""
    visit = _read(session_id)
    if visit is None or not proofs.matches(secret, visit.secret_hash):
        return None
    return visit if visit.is_live(now()) else None


def still_holds(session_id: UUID) -> bool:
    """Say whether an answer that began under this session may go on."""
    visit = _read(session_id)
    return visit is not None and visit.holds(now())


def _read(session_id: UUID) -> PatientVisit | None:
    hit = _cache.get(session_id)
    if hit is not None and time.monotonic() - hit[0] < CACHE_S:
        return hit[1]
    _cache.pop(session_id, None)
    for tenant_id in accounts.tenants_of(session_id):
        with tenant_scope(tenant_id):
            row = PatientSession.objects.select_related("access").filter(id=session_id).first()
            visit = _visit(row) if row is not None else None
        if visit is not None:
            return _keep(visit)
    return None


def _keep(visit: PatientVisit) -> PatientVisit:
    if len(_cache) > 4096:
        _cache.clear()
    _cache[visit.session_id] = (time.monotonic(), visit)
    return visit


def _visit(row: PatientSession) -> PatientVisit:
    access = row.access
    studies = frozenset(pacs.study_ids_of_patient(access.patient_id))
    return PatientVisit(
        session_id=row.id,
        tenant_id=row.tenant_id,
        access_id=access.id,
        patient_id=access.patient_id,
        grant=Grant(study_ids=studies, rights=RIGHTS),
        secret_hash=bytes(row.secret_hash),
        is_stopped=any(moment is not None for moment in (row.ended_at, access.revoked_at, access.locked_at)),
        last_seen_at=row.last_seen_at,
        ends_at=row.created_at + ABSOLUTE,
    )


# --- entering (inside the tenant's scope) -----------------------------------------------------------------------------


def find_by_code(code: str) -> PatientAccess | None:
    """Return the access that the first half of a printed code names, while its code can still be used."""
    row: PatientAccess | None = (
        PatientAccess.objects.with_fresh_code(now()).filter(code_id=proofs.printed_code_id(code)).first()
    )
    return row


def find_mail_code(*, access_id: UUID, nonce: str) -> PatientMailCode | None:
    """Return the newest unused code that this browser asked for."""
    issued = PatientMailCode.objects.select_related("access").filter(access_id=access_id, used_at=None)
    row: PatientMailCode | None = issued.filter(nonce_hash=proofs.digest(nonce)).order_by("-id").first()
    return row


# --- the desk and the patient (inside the tenant's scope) -------------------------------------------------------------


def get_access(access_id: UUID) -> PatientAccess:
    """Return one access, or raise."""
    row: PatientAccess | None = PatientAccess.objects.filter(id=access_id).first()
    if row is None:
        raise AccessNotFoundError
    return row


def get_access_and_passkey(access_id: UUID) -> tuple[PatientAccess, bool]:
    """Return one access, and whether its patient has a passkey to come back with; or raise."""
    passkeys = PatientPasskey.objects.filter(access_id=OuterRef("id"))
    row: Any = PatientAccess.objects.filter(id=access_id).annotate(has_passkey=Exists(passkeys)).first()
    if row is None:
        raise AccessNotFoundError
    return row, bool(row.has_passkey)


def accesses_of(patient_id: UUID) -> Any:
    """Return the accesses of a patient, and of whoever was merged into that patient: they open the same images."""
    return PatientAccess.objects.filter(patient_id__in=[patient_id, *retained.merged_into([patient_id])])


def list_accesses(patient_id: UUID) -> list[AccessLine]:
    """List the accesses of a patient, the newest first."""
    rows = accesses_of(patient_id).order_by("-id")
    return [
        AccessLine(
            id=row.id,
            state=_state_of(row),
            created_at=row.created_at,
            code_expires_at=row.code_expires_at,
            entered_at=row.code_used_at,
            email_hint=proofs.hint(row.email) if row.email else "",
        )
        for row in rows
    ]


def _state_of(row: PatientAccess) -> str:
    states = {
        "revoked": row.revoked_at is not None,
        "locked": row.locked_at is not None,
        "entered": row.code_used_at is not None,
        "expired": now() > row.code_expires_at,
    }
    return next((state for state, applies in states.items() if applies), "printed")


def list_readers(patient_id: UUID) -> list[PatientAccess]:
    """List the accesses of a patient that were entered and still hold."""
    return list(accesses_of(patient_id).usable().exclude(email="").order_by("id"))


def list_links(study_ids: frozenset[UUID]) -> list[LinkSummary]:
    """List the links that name any of a patient's studies, newest first."""
    named = ShareLink.objects.filter(snapshot__study_id__in=study_ids).values("id")
    rows = ShareLink.objects.filter(id__in=named).prefetch_related("snapshot").order_by("-created_at", "-id")
    return [summary_of(row) for row in rows]


def has_patients() -> bool:
    """Say whether any patient of the open tenant was let in."""
    return bool(PatientAccess.objects.exists())
