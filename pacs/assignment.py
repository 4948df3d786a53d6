"""A study given to a patient by a decision, and given back: its rows change, its originals do not."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from common.clock import now
from common.inserting import insert
from common.rows import new_row
from outbox import services as outbox
from pacs import overlay
from pacs.dicom.names import PersonName
from pacs.events import SeriesReceived
from pacs.identity import Identity
from pacs.intake import columns
from pacs.models import Correction, NameToken, Patient, Series, Study, StudyMove
from vault import services as vault

_CHANGED = (*columns.IDENTITY_FIELDS, "patient_id", "conflict", "conflict_with", "overlay", "updated_at")


def lock(study_ids: Iterable[UUID]) -> list[Study]:
    """Lock studies in the order of their ids; their series first, as those do who store into them."""
    ids = list(study_ids)
    list(Series.objects.select_for_update().filter(study_id__in=ids).order_by("id").values_list("id"))
    rows = Study.objects.select_for_update(of=("self",)).select_related("patient")
    return list(rows.filter(id__in=ids).order_by("id"))


def assign(study: Study, patient: Patient, *, correction: Correction, is_same_person: bool) -> None:
    """Serve a study under a patient from now on, in the caller's transaction and scope."""
    StudyMove.objects.create(
        tenant_id=study.tenant_id,
        correction=correction,
        study=study,
        from_patient_id=study.patient_id,
        before=state(study),
    )
    identity, images = Identity.of_patient(patient), Identity.of_images(study)
    others = _others(study)
    uids = (study.overlay or {}).get("uids")
    study.overlay = None
    if identity != images or others or uids:
        study.overlay = overlay.make(identity=identity, images=images, is_same_person=is_same_person, at=now()) | (
            {"also": others} if others else {}
        )
        if uids:
            study.overlay["uids"] = uids
    study.conflict, study.conflict_with = "", None
    columns.serve_as(study, identity)
    _change(study, patient)


def revert(study: Study, move: StudyMove) -> None:
    """Serve a study as it was served before a correction; what came into doubt since then stays so."""
    before = move.before
    study.overlay = before["overlay"]
    if not study.conflict:
        study.conflict, study.conflict_with = before["conflict"], before["conflict_with"]
    columns.serve_as(study, Identity.from_json(before["identity"]))
    _change(study, move.from_patient)


def state(study: Study) -> dict[str, Any]:
    """Return what a correction may change, as it is kept to be put back."""
    return {
        "identity": Identity.of_study(study).to_json(),
        "overlay": study.overlay,
        "conflict": study.conflict,
        "conflict_with": study.conflict_with,
    }


def _others(study: Study) -> list[dict[str, Any]]:
    """Return whom else images of the study name, once somebody decided that they belong together."""
    known: list[dict[str, Any]] = (study.overlay or {}).get("also", [])
    if study.conflict_with and study.conflict_with["patient"] is None:
        return [*known, study.conflict_with["identity"]]
    return known


def _change(study: Study, patient: Patient) -> None:
    study.patient, study.updated_at = patient, now()
    study.save(update_fields=_CHANGED)
    write_tokens([study])
    _prepare_anew(study)


def write_tokens(studies: list[Study]) -> None:
    """Let studies be found by the words of the names that they are served under, and by no former ones."""
    NameToken.objects.filter(study_id__in=[study.id for study in studies]).delete()
    add_tokens(studies)


def add_tokens(studies: list[Study]) -> None:
    """Let new studies be found by the words of the names that they are served under."""
    rows = [
        new_row(NameToken, tenant_id=study.tenant_id, study_id=study.id, token=token[:64])
        for study in studies
        for token in PersonName.parse(study.patient_name_pn).search_tokens
    ]
    insert(rows, ignore_conflicts=True)


def _prepare_anew(study: Study) -> None:
    """Drop the prepared headers, which name the former patient; until they are made again, each is read by itself."""
    rows = list(Series.objects.select_for_update().defer("layout").filter(study_id=study.id).order_by("id"))
    Series.objects.filter(study_id=study.id).update(metadata_blob_id=None)
    vault.delete_blobs(
        tenant_id=study.tenant_id, blob_ids=[row.metadata_blob_id for row in rows if row.metadata_blob_id is not None]
    )
    for row in rows:
        outbox.publish(SeriesReceived(tenant_id=study.tenant_id, series_id=row.id))
