"""Reads of broken glass."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.errors import EmergencyNotFoundError
from accounts.models import Emergency
from accounts.selectors import decisions, people
from common.actor import Actor, ActorKind
from common.clock import now
from common.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """One act of breaking the glass."""

    id: UUID
    user_id: UUID
    user_name: str
    patient_id: UUID
    study_id: UUID
    reason: str
    opened_at: dt.datetime
    until: dt.datetime
    is_running: bool
    verdict: str
    review_note: str
    reviewed_at: dt.datetime | None
    reviewer_name: str


def running_of(actor: Actor) -> dict[UUID, EmergencyLine]:
    """Return the running emergencies of a person by patient, at most five seconds old."""
    if actor.kind is not ActorKind.USER:
        return {}
    if not people.standing_in(user_id=actor.id, tenant_id=actor.tenant_id).is_in_emergency:
        return {}
    key = ("emergencies", actor.id, actor.tenant_id)
    moment = now()
    found = decisions.keep(key, lambda: _read_running(actor))
    return {line.patient_id: line for line in found if line.until > moment}


def read_running(actor: Actor, *, patient_id: UUID) -> EmergencyLine | None:
    """Return the running emergency of a person for a patient as it is now: another process may have opened it."""
    if actor.kind is not ActorKind.USER:
        return None
    return next((line for line in _read_running(actor) if line.patient_id == patient_id), None)


def still_runs(*, tenant_id: UUID, emergency_id: UUID) -> bool:
    """Say whether an answer that began in an emergency may go on, at most five seconds late."""
    return decisions.keep(("emergency", emergency_id), lambda: _read_runs(tenant_id, emergency_id))


def _read_running(actor: Actor) -> list[EmergencyLine]:
    with tenant_scope(actor.tenant_id):
        return [_line(row) for row in _running().filter(user_id=actor.id)]


def _read_runs(tenant_id: UUID, emergency_id: UUID) -> bool:
    with tenant_scope(tenant_id):
        return bool(_running().filter(id=emergency_id).exists())


def _running() -> Any:
    return _rows().filter(ended_at=None, expires_at__gt=now())


def _rows() -> Any:
    return Emergency.objects.select_related("user", "reviewed_by").order_by("-opened_at", "-id")


# --- inside the tenant's scope ----------------------------------------------------------------------------------------


def list_emergencies(*, limit: int = 100) -> list[EmergencyLine]:
    """List the emergencies of the open tenant: those that wait for a review first, then the newest."""
    waiting = [_line(row) for row in _rows().filter(reviewed_at=None)[:limit]]
    reviewed = [_line(row) for row in _rows().exclude(reviewed_at=None)[: limit - len(waiting)]]
    return waiting + reviewed


def get_emergency(emergency_id: UUID) -> EmergencyLine:
    """Return one emergency of the open tenant, or raise."""
    row = _rows().filter(id=emergency_id).first()
    if row is None:
        raise EmergencyNotFoundError
    return _line(row)


def _line(row: Emergency) -> EmergencyLine:
    return EmergencyLine(
        id=row.id,
        user_id=row.user_id,
        user_name=row.user.name,
        patient_id=row.patient_id,
        study_id=row.study_id,
        reason=row.reason,
        opened_at=row.opened_at,
        until=row.ended_at or row.expires_at,
        is_running=row.ended_at is None and row.expires_at > now(),
        verdict=row.verdict,
        review_note=row.review_note,
        reviewed_at=row.reviewed_at,
        reviewer_name=row.reviewed_by.name if row.reviewed_by else "",
    )
