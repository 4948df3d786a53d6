"""What every correction does: find whom it is about, lock the study, write down what was changed."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from audit import services as audit
from common.actor import Actor
from pacs import assignment, selectors
from pacs.errors import CorrectionSupersededError, PatientNotFoundError
from pacs.models import Correction, Patient, Study, StudyMove

CORRECT = "patient.correct"


def lock_study(actor: Actor, study_id: UUID) -> Study:
    """Return the row of a visible study, locked with its series until the transaction ends."""
    found = selectors.get_study(actor=actor, study_id=study_id)
    (study,) = assignment.lock([found.id])
    return study


def find_patient(patient_id: UUID) -> Patient:
    """Return a patient, or the one whom it was merged into."""
    found: Patient | None = Patient.objects.filter(id=patient_id).first()
    if found is None:
        raise PatientNotFoundError
    return found.survivor


def lock_patients(former_id: UUID, into_id: UUID) -> tuple[Patient, Patient]:
    """Return two patients who are to be one, locked until the transaction ends: else two decisions at the same time
    could merge each into the other. The second is the one whom that patient was merged into.
    """
    target = find_patient(into_id)
    rows = Patient.objects.select_for_update(no_key=True).filter(id__in=[former_id, target.id]).order_by("id")
    locked = {row.id: row for row in rows}
    if locked[target.id].merged_into_id is not None:
        return lock_patients(former_id, target.id)
    return locked[former_id], locked[target.id]


def refuse_when_superseded(correction: Correction, moves: Iterable[StudyMove]) -> None:
    """Refuse to take back what a later correction stands upon."""
    later = StudyMove.objects.filter(
        study_id__in=[move.study_id for move in moves], correction__undone_at=None, correction_id__gt=correction.id
    )
    if later.exists():
        raise CorrectionSupersededError


def record(
    actor: Actor, action: str, correction: Correction, study: Study, more: Mapping[str, Any] | None = None
) -> None:
    """Write a change of one study to the access log."""
    detail = {"kind": correction.kind, "from": str(correction.from_patient_id), "to": str(correction.to_patient_id)}
    audit.record(
        actor=actor,
        action=action,
        study_id=study.id,
        patient_id=study.patient_id,
        subject_id=correction.id,
        detail={**detail, **(more or {})},
    )
