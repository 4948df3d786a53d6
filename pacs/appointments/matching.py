"""Which appointment a study came of (BR-50): by what the device took over, by number, by patient and day.

Nothing is guessed: where patient or birth date contradict, or several appointments fit, a human decides.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from pacs.appointments.models import Appointment, Unmatched
from pacs.models import Study

# Older examinations that are imported had their appointment elsewhere.
AWAITED: Final = dt.timedelta(days=14)
_Reason = Unmatched.Reason


@dataclass(frozen=True, slots=True)
class Match:
    """The appointment and how it was found, or why a human is to look."""

    appointment: Appointment | None = None
    how: str = ""
    reason: str = _Reason.NONE


def find(study: Study) -> Match:
    """Find the appointment of a study (inside the open scope)."""
    open_ones = Appointment.objects.filter(study=None).exclude(state=Appointment.State.CANCELLED)
    ways: list[tuple[str, Q]] = [("uid", Q(study_instance_uid=study.study_instance_uid))]
    if study.accession_number:
        ways.append(("number", Q(accession_number=study.accession_number)))
    if study.dicom_patient_id and study.study_date:
        ways.append(("day", Q(patient_id=study.dicom_patient_id, start_date=study.study_date)))
    for how, condition in ways:
        found = list(open_ones.filter(condition).order_by("start_date", "start_time", "id")[:50])
        if found:
            return _judge(study, found, how)
    return Match()


def _judge(study: Study, found: list[Appointment], how: str) -> Match:
    fitting = [row for row in found if not contradicts(row, study)]
    if not fitting:
        return Match(reason=_Reason.DIFFERS)
    if len(fitting) > 1:
        made = set(study.modalities.split())
        narrowed = [row for row in fitting if row.modality in made]
        fitting = narrowed or fitting
    if len(fitting) > 1:
        return Match(reason=_Reason.SEVERAL)
    return Match(appointment=fitting[0], how=how)


def contradicts(row: Appointment, study: Study) -> bool:
    """Say whether appointment and images name different people."""
    if row.patient_id != study.dicom_patient_id:
        return True
    if row.issuer and study.issuer_of_patient_id and row.issuer != study.issuer_of_patient_id:
        return True
    return bool(row.birth_date and study.patient_birth_date and row.birth_date != study.patient_birth_date)


def is_awaited(study: Study, day: dt.date) -> bool:
    """Say whether somebody must have expected a study: one of these days."""
    return study.study_date is None or abs(day - study.study_date) <= AWAITED


def candidates(study: Study, *, limit: int = 20) -> list[Appointment]:
    """List open appointments that a waiting study may belong to: of the patient, the number, or the day."""
    near: Any = Q(patient_id=study.dicom_patient_id)
    if study.accession_number:
        near |= Q(accession_number=study.accession_number)
    if study.study_date:
        near |= Q(start_date=study.study_date)
    rows = Appointment.objects.filter(near, study=None).exclude(state=Appointment.State.CANCELLED)
    found = list(rows.order_by("start_date", "start_time", "id")[:200])
    return sorted(found, key=lambda row: contradicts(row, study))[:limit]
