"""Keeping appointments, and deciding which study came of which."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import access
from accounts import figures as accounts
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.ids import uuid7
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import selectors as studies
from pacs.appointments import matching
from pacs.appointments.errors import (
    AppointmentNotFoundError,
    AppointmentTakenError,
    AppointmentTermsError,
    UnmatchedNotFoundError,
)
from pacs.appointments.models import Appointment, Unmatched
from pacs.appointments.plans import Plan
from pacs.dicom.names import PersonName
from pacs.dicom.uids import uid_from_uuid
from pacs.events import StudyChanged
from pacs.models import Series, Study

WRITE: Final = "schedule.write"
KEPT: Final = dt.timedelta(days=730)
_State = Appointment.State


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of appointments that were sent."""

    added: int
    changed: int


def save(*, actor: Actor, plans: Sequence[Plan]) -> Saved:
    """Add appointments, or change those that are known by their external id; all of them or none."""
    access.require(actor, WRITE)
    twice = len({plan.external_id for plan in plans}) != len(plans)
    if twice:
        raise AppointmentTermsError("Two appointments have the same external_id.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        known = {
            row.external_id: row
            for row in Appointment.objects.select_for_update()
            .filter(external_id__in=[plan.external_id for plan in plans])
            .order_by("id")
        }
        fresh = [_fill(_new(actor.tenant_id, plan), plan) for plan in plans if plan.external_id not in known]
        changed = [_fill(known[plan.external_id], plan) for plan in plans if plan.external_id in known]
        try:
            with transaction.atomic():
                Appointment.objects.bulk_create(fresh, batch_size=500)
                Appointment.objects.bulk_update(changed, _CHANGED, batch_size=200) if changed else None
        except IntegrityError:
            raise AppointmentTermsError("A study_instance_uid belongs to another appointment.") from None
        audit.record(actor=actor, action="appointments.saved", detail={"added": len(fresh), "changed": len(changed)})
    return Saved(added=len(fresh), changed=len(changed))


def _new(tenant_id: UUID, plan: Plan) -> Appointment:
    # The device takes over the UID with the worklist: what arrives under it is this examination.
    uid = plan.study_instance_uid or uid_from_uuid(uuid7())
    return Appointment(tenant_id=tenant_id, external_id=plan.external_id, study_instance_uid=uid)


_CHANGED: Final = [
    "state",
    "patient_id",
    "issuer",
    "patient_name_pn",
    "patient_name_folded",
    "birth_date",
    "sex",
    "start_date",
    "start_time",
    "modality",
    "station_ae_title",
    "accession_number",
    "description",
    "referring_physician_pn",
    "changed_at",
]


def _fill(row: Appointment, plan: Plan) -> Appointment:
    for name in _CHANGED:
        if hasattr(plan, name):
            setattr(row, name, getattr(plan, name))
    row.patient_name_folded = " ".join(PersonName.parse(plan.patient_name_pn).search_tokens)[:200]
    row.changed_at = now()
    if plan.is_cancelled:
        row.state = _State.CANCELLED
    elif row.state == _State.CANCELLED:
        row.state = _State.DONE if row.study_id else _State.SCHEDULED
    return row


def match_series(*, tenant_id: UUID, series_id: UUID) -> None:
    """Give the study of a series that arrived to its appointment, or let it wait for a human."""
    with tenant_scope(tenant_id), transaction.atomic():
        series = Series.objects.filter(id=series_id).only("study_id").first()
        if series is None or not Appointment.objects.exists():
            # Who plans nothing here has nothing to match.
            return
        study = Study.objects.filter(id=series.study_id, deleted_at=None).first()
        if study is not None and not Appointment.objects.filter(study_id=study.id).exists():
            _match(tenant_id, study)


def _match(tenant_id: UUID, study: Study) -> None:
    if Unmatched.objects.filter(study_id=study.id).exclude(decided_by=None).exists():
        # Somebody said otherwise.
        return
    found = matching.find(study)
    if found.appointment is not None and _join(found.appointment, study.id, found.how):
        Unmatched.objects.filter(study_id=study.id, decided_at=None).delete()
    elif matching.is_awaited(study, today()):
        Unmatched.objects.bulk_create(
            [Unmatched(tenant_id=tenant_id, study_id=study.id, reason=found.reason)], ignore_conflicts=True
        )
        Unmatched.objects.filter(study_id=study.id, decided_at=None).update(reason=found.reason)


def _join(row: Appointment, study_id: UUID | None, how: str) -> bool:
    """Say which study came of an appointment; False when another one did meanwhile."""
    joined: int = (
        Appointment.objects.filter(id=row.id, study=None)
        .exclude(state=_State.CANCELLED)
        .update(study_id=study_id, matched_at=now(), matched_by=how, state=_State.DONE)
    )
    if joined and study_id is not None:
        outbox.publish(StudyChanged(tenant_id=row.tenant_id, study_id=study_id))
    return bool(joined)


def decide(*, actor: Actor, unmatched_id: UUID, appointment_id: UUID | None) -> None:
    """Say which appointment a waiting study belongs to, or that it has none."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        waiting = _waiting(actor, unmatched_id)
        access.require(actor, WRITE)
        if appointment_id is not None:
            row = Appointment.objects.filter(id=appointment_id).first()
            if row is None:
                raise AppointmentNotFoundError
            if not _join(row, waiting.study_id, "hand"):
                raise AppointmentTakenError
        Unmatched.objects.filter(id=unmatched_id).update(decided_at=now(), decided_by=actor.id)
        audit.record(
            actor=actor,
            action="study.scheduled" if appointment_id else "study.unscheduled",
            study_id=waiting.study_id,
            subject_id=appointment_id,
        )


def _waiting(actor: Actor, unmatched_id: UUID) -> Unmatched:
    visible = studies.visible_studies(actor)
    row: Unmatched | None = Unmatched.objects.filter(id=unmatched_id, decided_at=None, study__in=visible).first()
    if row is None:
        raise UnmatchedNotFoundError
    return row


def separate(*, actor: Actor, appointment_id: UUID) -> None:
    """Take a match back: the study waits again, the appointment is open again."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = Appointment.objects.filter(id=appointment_id).exclude(study=None).first()
        if row is None:
            raise AppointmentNotFoundError
        access.require(actor, WRITE)
        study_id = row.study_id
        Appointment.objects.filter(id=row.id).update(study=None, matched_at=None, matched_by="", state=_State.SCHEDULED)
        waiting = {"reason": Unmatched.Reason.NONE, "decided_at": None, "decided_by": actor.id, "noted_at": now()}
        Unmatched.objects.update_or_create(tenant_id=actor.tenant_id, study_id=study_id, defaults=waiting)
        audit.record(actor=actor, action="study.unscheduled", study_id=study_id, subject_id=row.id)
        outbox.publish(StudyChanged(tenant_id=actor.tenant_id, study_id=study_id))


def purge() -> int:
    """Forget appointments of all tenants two years after their day."""
    count = 0
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id), transaction.atomic():
            deleted, _ = Appointment.objects.filter(start_date__lt=today() - KEPT).delete()
            count += deleted
    return count
