"""Whose studies these are: moved, merged, decided where it was in doubt, and taken back again."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from pacs import assignment, conflicts, selectors
from pacs.errors import CorrectionSupersededError, MixedStudyError, NotHeldError, SamePatientError
from pacs.identity import Identity
from pacs.models import Correction, Patient, Study, StudyMove
from pacs.services import correcting, splitting
from pacs.services.bin import bin_study
from pacs.services.correcting import CORRECT
from pacs.services.patients import enter_patient


class Decision(StrEnum):
    """What somebody says of a study whose patient is in doubt."""

    SAME = "same"
    OTHER = "other"
    REFUSE = "refuse"


def move_study(*, actor: Actor, study_id: UUID, to: UUID | Identity) -> UUID:
    """Give one study to another patient, who is known or entered now; return the correction, by which it is undone."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = correcting.lock_study(actor, study_id)
        access.require(actor, CORRECT)
        target = correcting.find_patient(to) if isinstance(to, UUID) else enter_patient(actor=actor, identity=to)
        if target.id == study.patient_id:
            raise SamePatientError
        return _correct(actor, Correction.Kind.MOVE, study.patient, target, [study], is_same_person=False)


def merge_patients(*, actor: Actor, study_id: UUID, into_id: UUID) -> UUID:
    """Say that the patient of a study is the same person as another one, who keeps all studies, also those to come."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        found = selectors.get_study(actor=actor, study_id=study_id)
        access.require(actor, CORRECT)
        former, target = correcting.lock_patients(found.patient_row_id, into_id)
        if target.id == former.id:
            raise SamePatientError
        if former.merged_into_id is not None:
            raise CorrectionSupersededError
        theirs = Study.objects.filter(patient=former, conflict="").values_list("id", flat=True)
        # Once more, for what happened to them while this waited.
        studies = [one for one in assignment.lock(theirs) if one.patient_id == former.id and not one.conflict]
        Patient.objects.filter(id=former.id).update(merged_into=target)
        return _correct(actor, Correction.Kind.MERGE, former, target, studies, is_same_person=True)


def decide_conflict(*, actor: Actor, study_id: UUID, decision: Decision, patient_id: str = "") -> None:
    """Settle whose a held study is.

    The same person: it is served under the patient who was known. Another person: it stays by itself, under another
    Patient ID where one is given. Refused: it goes to the bin, still in doubt.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = correcting.lock_study(actor, study_id)
        access.require(actor, "conflict.decide")
        if not study.conflict:
            raise NotHeldError
        detail = {"decision": decision.value, "conflict": study.conflict}
        audit.record(
            actor=actor, action="conflict.decided", study_id=study.id, patient_id=study.patient_id, detail=detail
        )
        if decision is Decision.REFUSE:
            bin_study(actor=actor, study_id=study.id, key_id=study.key_id)
        else:
            _settle(actor, study, decision, patient_id)


def _settle(actor: Actor, study: Study, decision: Decision, patient_id: str) -> None:
    known_id = (study.conflict_with or {}).get("patient")
    if decision is Decision.OTHER and study.conflict == conflicts.MIXED:
        raise MixedStudyError
    target = study.patient
    if decision is Decision.SAME and known_id:
        target = correcting.find_patient(UUID(known_id))
    elif decision is Decision.OTHER and patient_id:
        target = enter_patient(actor=actor, identity=replace(Identity.of_images(study), patient_id=patient_id))
    kind = Correction.Kind.SAME if decision is Decision.SAME else Correction.Kind.OTHER
    _correct(actor, kind, study.patient, target, [study], is_same_person=True)


def undo_correction(*, actor: Actor, correction_id: UUID) -> None:
    """Put back what a correction changed; a second time does nothing."""
    with tenant_scope(actor.tenant_id):
        correction = selectors.get_correction(correction_id=correction_id)
        access.require(actor, CORRECT)
        if correction.kind == Correction.Kind.SPLIT:
            splitting.undo_split(actor=actor, correction=correction)
            return
        _undo(actor, correction)


def _undo(actor: Actor, correction: Correction) -> None:
    with transaction.atomic():
        if not Correction.objects.filter(id=correction.id, undone_at=None).update(undone_at=now(), undone_by=actor.id):
            return
        if correction.kind == Correction.Kind.MERGE:
            Patient.objects.filter(id=correction.from_patient_id).update(merged_into=None)
        rows = StudyMove.objects.filter(correction=correction).select_related("from_patient")
        moves = {move.study_id: move for move in rows}
        studies = assignment.lock(moves)
        correcting.refuse_when_superseded(correction, moves.values())
        for study in studies:
            assignment.revert(study, moves[study.id])
            correcting.record(actor, "correction.undone", correction, study)


def _correct(
    actor: Actor, kind: str, former: Patient, target: Patient, studies: Iterable[Study], *, is_same_person: bool
) -> UUID:
    correction: Correction = Correction.objects.create(
        tenant_id=actor.tenant_id, kind=kind, from_patient=former, to_patient=target, actor_id=actor.id
    )
    for study in studies:
        assignment.assign(study, target, correction=correction, is_same_person=is_same_person)
        correcting.record(actor, "study.reassigned", correction, study)
    return correction.id
