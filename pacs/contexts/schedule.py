"""What the page of appointments shows."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts import access
from common.actor import Actor
from pacs.appointments import matching, selectors, services
from pacs.appointments.models import Appointment, Unmatched
from pacs.dicom.names import PersonName
from pacs.models import Study

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_STATES = {
    Appointment.State.SCHEDULED: (_("expected"), ""),
    Appointment.State.STARTED: (_("in progress"), "info"),
    Appointment.State.DONE: (_("done"), "ok"),
    Appointment.State.CANCELLED: (_("cancelled"), "warn"),
}
_WAYS = {
    "uid": _("by the worklist"),
    "number": _("by accession number"),
    "day": _("by patient and day"),
    "hand": _("by hand"),
}
_REASONS = {
    Unmatched.Reason.NONE: _("No appointment fits."),
    Unmatched.Reason.SEVERAL: _("Several appointments fit."),
    Unmatched.Reason.DIFFERS: _("The appointment is of another patient."),
}


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    id: UUID
    time: str
    patient: str
    patient_id: str
    birth_date: dt.date | None
    modality: str
    station: str
    description: str
    accession_number: str
    state: "StrOrPromise"
    tone: str
    study_id: UUID | None
    way: "StrOrPromise"
    date: dt.date
    is_other_patient: bool = False


@dataclass(frozen=True, slots=True)
class WaitingLine:
    id: UUID
    study_id: UUID
    patient: str
    patient_id: str
    study_date: dt.date | None
    description: str
    modalities: str
    reason: "StrOrPromise"


@dataclass(frozen=True, slots=True)
class SchedulePage:
    day: dt.date
    before: dt.date
    after: dt.date
    rows: tuple[AppointmentLine, ...]
    waiting: tuple[WaitingLine, ...]
    can_write: bool


@dataclass(frozen=True, slots=True)
class DecisionPage:
    waiting: WaitingLine
    candidates: tuple[AppointmentLine, ...]


def build(*, actor: Actor, day: dt.date) -> SchedulePage:
    """Return a day, and what waits (inside the open scope)."""
    step = dt.timedelta(days=1)
    return SchedulePage(
        day=day,
        before=day - step,
        after=day + step,
        rows=tuple(_line(row) for row in selectors.list_day(day)),
        waiting=tuple(_waiting(row) for row in selectors.list_waiting(actor=actor)),
        can_write=access.allows(actor, services.WRITE),
    )


def build_decision(row: Unmatched) -> DecisionPage:
    """Return a study that waits, and the appointments that it may belong to."""
    study: Study = row.study
    return DecisionPage(
        waiting=_waiting(row),
        candidates=tuple(
            _line(one, is_other_patient=matching.contradicts(one, study)) for one in matching.candidates(study)
        ),
    )


def _line(row: Appointment, *, is_other_patient: bool = False) -> AppointmentLine:
    label, tone = _STATES[Appointment.State(row.state)]
    return AppointmentLine(
        id=row.id,
        time=f"{row.start_time[:2]}:{row.start_time[2:4]}" if row.start_time else "",
        patient=PersonName.parse(row.patient_name_pn).display,
        patient_id=row.patient_id,
        birth_date=row.birth_date,
        modality=row.modality,
        station=row.station_ae_title,
        description=row.description,
        accession_number=row.accession_number,
        state=label,
        tone=tone,
        study_id=row.study_id,
        way=_WAYS.get(row.matched_by, ""),
        date=row.start_date,
        is_other_patient=is_other_patient,
    )


def _waiting(row: Unmatched) -> WaitingLine:
    study: Study = row.study
    return WaitingLine(
        id=row.id,
        study_id=study.id,
        patient=study.patient_name,
        patient_id=study.dicom_patient_id,
        study_date=study.study_date,
        description=study.description,
        modalities=study.modalities,
        reason=_REASONS[Unmatched.Reason(row.reason)],
    )
