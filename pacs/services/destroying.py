"""Destroying a study, in two steps between which a hold still saves it.

`doom_study` puts it into the bin and its key into the vault's queue. Once the vault has destroyed the key
(`vault.selectors`), nothing opens it any more, and `destroy_study` removes every row that tells of it. Who may, who
approved and what holds is for the caller to ask, in the same transaction.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError, Q

from audit import services as audit
from common.actor import Actor
from common.crashpoint import crashpoint
from common.errors import ConflictError
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.errors import StudyNotDoomedError, StudyNotFoundError
from pacs.events import PatientForgotten, StudyDestroyed
from pacs.models import Correction, Instance, Patient, Refusal, Report, Series, Study, UploadedFile
from pacs.services.bin import bin_study, unbin_study
from vault import selectors as vault_selectors
from vault import services as vault


def doom_study(*, actor: Actor, study_id: UUID, rule: str, reason: str) -> None:
    """Put a study into the bin and its key into the queue, in the caller's transaction; again changes nothing.

    Raises
    ------
    StudyNotFoundError
        If it is not there.
    """
    study = _lock(study_id)
    if study is None:
        raise StudyNotFoundError
    bin_study(actor=actor, study_id=study.id, key_id=study.key_id)
    doomed = vault.DoomedKey(key_id=study.key_id, study_ref=study.id, rule=rule, reason=reason)
    vault.queue_destruction(actor=actor, keys=[doomed])


def spare_study(*, actor: Actor, study_id: UUID, was_binned: bool) -> None:
    """Take a doomed study out of the queue, in the caller's transaction, and back to where it was.

    Where the same study was stored again meanwhile, the older one stays in the bin.

    Raises
    ------
    StudyNotFoundError
        If it is not there.
    DestructionBegunError
        If the vault was quicker: nothing can bring it back.
    """
    study = _lock(study_id)
    if study is None:
        raise StudyNotFoundError
    vault.withdraw_destruction(actor=actor, key_ids=[study.key_id])
    if not was_binned:
        try:
            with transaction.atomic():
                unbin_study(actor=actor, study=study)
        except ConflictError:
            return


def destroy_study(*, actor: Actor, study_id: UUID) -> None:
    """Remove what the database tells of a study whose key is destroyed, and of a patient who has no other; again does
    nothing.

    Series, instances, search rows, thumbnails, previews, scenes and reports go with it, and its place in every link.
    What packages above keep of it they drop when they hear of it (`StudyDestroyed`).

    Raises
    ------
    StudyNotDoomedError
        If its key is not destroyed.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = _lock(study_id)
        if study is None:
            return
        states = vault_selectors.list_destructions(tenant_id=actor.tenant_id, key_ids=[study.key_id])
        if not states or states[0].can_be_withdrawn:
            raise StudyNotDoomedError
        _remove_refused(study)
        Report.objects.filter(study_id=study.id).delete()
        Instance.objects.filter(study_id=study.id).delete()
        Series.objects.filter(study_id=study.id).delete()
        study.delete()
        forgotten = _forget(study.patient_id)
        audit.record(actor=actor, action="study.removed", study_id=study_id, detail={"rule": states[0].rule})
        crashpoint("destroy.removed")
        outbox.publish(StudyDestroyed(tenant_id=actor.tenant_id, study_id=study_id))
        for patient_id in forgotten:
            outbox.publish(PatientForgotten(tenant_id=actor.tenant_id, patient_id=patient_id))


def _lock(study_id: UUID) -> Study | None:
    found: Study | None = Study.objects.select_for_update(of=("self",)).filter(id=study_id).first()
    return found


def _remove_refused(study: Study) -> None:
    """Remove what was refused or sent under the same UID, unless the study was stored again."""
    same = Study.objects.filter(study_instance_uid=study.study_instance_uid).exclude(id=study.id)
    if same.exists():
        return
    refused = Refusal.objects.filter(study_instance_uid=study.study_instance_uid)
    kept = [row.blob_id for row in refused if row.blob_id]
    vault.delete_blobs(tenant_id=study.tenant_id, blob_ids=kept)
    refused.delete()
    UploadedFile.objects.filter(study_instance_uid=study.study_instance_uid).update(
        study_instance_uid="", sop_instance_uid=""
    )


def _forget(patient_id: UUID) -> list[UUID]:
    """Remove a patient without studies, and whoever else was only known by mergers and corrections with that patient;
    return all of them.
    """
    patient = Patient.objects.filter(id=patient_id).first()
    # Of one who was merged into another the studies are that one's.
    if patient is None or Study.objects.filter(patient_id__in=[patient_id, patient.survivor.id]).exists():
        return []
    forgotten = [patient_id]
    for former_id in list(Patient.objects.filter(merged_into_id=patient_id).values_list("id", flat=True)):
        forgotten += _forget(former_id)
    # Whoever of them still has studies, as those in doubt, is a person of their own again.
    Patient.objects.filter(merged_into_id=patient_id).update(merged_into=None)
    others = _take_corrections(patient_id)
    try:
        with transaction.atomic():
            Patient.objects.filter(id=patient_id).delete()
    except ProtectedError:
        # A correction between this patient and another whose studies are still here: the row stays, the person goes.
        _blank(patient_id)
    for other_id in others:
        forgotten += _forget(other_id)
    return forgotten


def _take_corrections(patient_id: UUID) -> set[UUID]:
    """Remove the corrections of a patient that are about no study any more; return who else they name."""
    of_patient = Q(from_patient_id=patient_id) | Q(to_patient_id=patient_id)
    rows = Correction.objects.filter(of_patient, moves=None)
    named = {other for pair in rows.values_list("from_patient_id", "to_patient_id") for other in pair}
    rows.delete()
    return named - {patient_id}


def _blank(patient_id: UUID) -> None:
    Patient.objects.filter(id=patient_id).update(
        match_key=f"destroyed|{patient_id}",
        dicom_patient_id="",
        issuer="",
        name="",
        name_pn="",
        birth_date=None,
        sex="",
    )
