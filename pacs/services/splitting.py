"""A study in which series of another person, or of another examination, lie: those become a study of their own."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import access
from common.actor import Actor
from common.clock import now
from common.crashpoint import crashpoint
from common.ids import uuid7
from common.scope import tenant_scope
from pacs import assignment, conflicts, overlay, resealing, selectors
from pacs.dicom.uids import uid_from_uuid
from pacs.errors import SplitEncodingError, SplitInUseError, SplitSeriesError
from pacs.identity import Identity
from pacs.intake import columns, counters, routing
from pacs.models import Correction, Patient, Report, Series, SplitSeries, Study, StudyMove
from pacs.resealing import Copies
from pacs.selectors import InstanceRef
from pacs.services import correcting
from pacs.services.correcting import CORRECT
from pacs.services.patients import enter_patient
from vault import services as vault
from vault.keys_of_studies import KeyHandle

_COUNTS = ("number_of_series", "number_of_instances", "size_bytes", "modalities", "updated_at")


def split_study(*, actor: Actor, study_id: UUID, series_ids: Collection[UUID], to: UUID | Identity | None) -> UUID:
    """Make a study of its own of some series; return the correction, by which it is undone.

    They go to another patient, who is known or entered now, or (None) stay with the same one as another examination.

    Raises
    ------
    SplitSeriesError
        If one of them is no series of the study, or none would be left.
    SplitEncodingError
        If they hold files in which another study cannot be named.
    """
    with tenant_scope(actor.tenant_id):
        found = selectors.get_study(actor=actor, study_id=study_id)
        access.require(actor, CORRECT)
        chosen = _choose(found.id, series_ids)
    uid = uid_from_uuid(uuid7())
    key = vault.key_for(tenant_id=actor.tenant_id, name=uid)
    with Copies(key) as copies:
        copies.make(chosen)
        crashpoint("split.staged")
        with tenant_scope(actor.tenant_id), transaction.atomic():
            settled = vault.settle_keys(tenant_id=actor.tenant_id, keys=[key])[uid]
            former = correcting.lock_study(actor, study_id)
            # Once more: slices may have arrived, or somebody else was quicker.
            chosen = _choose(former.id, series_ids)
            correction = _split(actor, former, chosen, _Fresh(uid, settled, copies, to))
            crashpoint("split.written")
    return correction.id


class _Fresh:
    """The study to be, before it has a row."""

    def __init__(self, uid: str, key: KeyHandle, copies: Copies, to: UUID | Identity | None) -> None:
        self.uid = uid
        self.key = key
        self.copies = copies
        self.to = to


def _choose(study_id: UUID, series_ids: Collection[UUID]) -> list[InstanceRef]:
    """Return the instances of series that may be split off."""
    wanted = set(series_ids)
    known = set(Series.objects.filter(study_id=study_id).values_list("id", flat=True))
    if not wanted or not wanted < known:
        raise SplitSeriesError
    chosen = [one for one in selectors.list_instances(study_id=study_id) if one.series_id in wanted]
    if any(one.transfer_syntax_uid in routing.NOT_WRITTEN for one in chosen):
        raise SplitEncodingError
    return chosen


def _split(actor: Actor, former: Study, chosen: Sequence[InstanceRef], fresh: _Fresh) -> Correction:
    before = assignment.state(former)
    study = _new_study(actor, former, [resealing.unseal_original(one) for one in chosen], fresh)
    correction: Correction = Correction.objects.create(
        tenant_id=actor.tenant_id,
        kind=Correction.Kind.SPLIT,
        from_patient=former.patient,
        to_patient=study.patient,
        actor_id=actor.id,
    )
    series = sorted({str(one.series_id) for one in chosen})
    for row, other in ((former, study), (study, former)):
        StudyMove.objects.create(
            tenant_id=actor.tenant_id,
            correction=correction,
            study=row,
            from_patient_id=former.patient_id,
            before=before | {"split": {"former": str(former.id), "study": str(study.id), "series": series}},
        )
        more = {"series": len(series), "instances": len(chosen), "other_study": str(other.id)}
        correcting.record(actor, "study.split" if row is former else "study.split-off", correction, row, more)
    resealing.hand_over(chosen, former=former, study=study, key=fresh.key, copies=fresh.copies)
    _route(former, chosen, to=study)
    _end_doubt(former)
    _save_counts(former, study)
    return correction


def _new_study(actor: Actor, former: Study, headers: Sequence[columns.Header], fresh: _Fresh) -> Study:
    study = columns.study(headers[0], actor.tenant_id, fresh.uid)
    named = list(dict.fromkeys(Identity.of_header(header) for header in headers))
    study.patient = _patient(actor, former, fresh.to)
    identity = Identity.of_study(former) if fresh.to is None else Identity.of_patient(study.patient)
    if fresh.to is None:
        is_same_person = not overlay.names_another(former.overlay)
    else:
        is_same_person = all(one.patient_id == identity.patient_id and not one.contradicts(identity) for one in named)
    study.overlay = overlay.make(identity=identity, images=named[0], is_same_person=is_same_person, at=now())
    # What comes back from a workstation names who it is served under.
    study.overlay["also"] = [one.to_json() for one in dict.fromkeys([*named[1:], identity]) if one != named[0]]
    study.overlay["uids"] = {"served": fresh.uid, "images": _uid_of_images(former)}
    columns.serve_as(study, identity)
    study.key_id, study.received_at = fresh.key.id, former.received_at
    study.save(force_insert=True)
    assignment.add_tokens([study])
    return study


def _patient(actor: Actor, former: Study, to: UUID | Identity | None) -> Patient:
    if to is None:
        return former.patient
    return correcting.find_patient(to) if isinstance(to, UUID) else enter_patient(actor=actor, identity=to)


def _uid_of_images(study: Study) -> str:
    """Return the Study Instance UID that the files of a study have."""
    uids: dict[str, str] = (study.overlay or {}).get("uids", {})
    return uids.get("images", study.study_instance_uid)


def _route(former: Study, instances: Sequence[InstanceRef], *, to: Study | None) -> None:
    """Say where images go that still arrive for series; None: where they say themselves."""
    uid = _uid_of_images(former)
    places = {
        routing.place_of(study_instance_uid=uid, series_instance_uid=one.series_instance_uid) for one in instances
    }
    SplitSeries.objects.filter(place__in=places).delete()
    if to is not None:
        rows = [SplitSeries(tenant_id=former.tenant_id, place=place, study=to) for place in sorted(places)]
        SplitSeries.objects.bulk_create(rows)


def _end_doubt(study: Study) -> None:
    """Let a study no longer be held whose other images were split off."""
    if study.conflict != conflicts.MIXED:
        return
    staying = selectors.list_instances(study_id=study.id)
    claims = {Identity.of_header(resealing.unseal_original(one)) for one in staying}
    if not any(conflicts.is_foreign(study, claim) for claim in claims):
        study.conflict, study.conflict_with = "", None
        study.save(update_fields=["conflict", "conflict_with"])


def _save_counts(*studies: Study) -> None:
    for study in studies:
        counters.recount(study)
        study.updated_at = now()
        study.save(update_fields=_COUNTS)


# --- taking it back ---------------------------------------------------------------------------------------------------


def undo_split(*, actor: Actor, correction: Correction) -> None:
    """Put series back to the study that they were split off; a second time does nothing (inside the open scope).

    Raises
    ------
    CorrectionSupersededError
        If a later correction changed one of the two studies.
    SplitInUseError
        If one of them lies in the bin, or the split-off one has a report, a link or series of its own.
    """
    moves = list(StudyMove.objects.filter(correction=correction).order_by("study_id"))
    split = moves[0].before["split"]
    former_id, study_id = UUID(split["former"]), UUID(split["study"])
    if correction.undone_at is not None:
        return
    _refuse_when_binned(list(Study.objects.filter(id__in=[former_id, study_id])))
    former_key = Study.objects.values_list("key_id", flat=True).get(id=former_id)
    key = vault.key_of(tenant_id=actor.tenant_id, key_id=former_key)
    with Copies(key) as copies:
        copies.make(selectors.list_instances(study_id=study_id))
        with transaction.atomic():
            settled = next(iter(vault.settle_keys(tenant_id=actor.tenant_id, keys=[key]).values()))
            rows = {row.id: row for row in assignment.lock([former_id, study_id])}
            mine = Correction.objects.filter(id=correction.id, undone_at=None)
            if not mine.update(undone_at=now(), undone_by=actor.id):
                return
            _refuse_when_binned(rows.values())
            correcting.refuse_when_superseded(correction, moves)
            _refuse_when_in_use(rows[study_id], split["series"])
            _put_back(rows[former_id], rows[study_id], moves[0].before, settled, copies)
            for row in rows.values():
                correcting.record(actor, "correction.undone", correction, row)


def _put_back(former: Study, study: Study, before: dict[str, Any], key: KeyHandle, copies: Copies) -> None:
    instances = selectors.list_instances(study_id=study.id)
    resealing.hand_over(instances, former=study, study=former, key=key, copies=copies)
    # One that was split off itself before still has to be told where its images go.
    _route(former, instances, to=former if overlay.is_split_off(former.overlay) else None)
    if before["conflict"]:
        former.conflict, former.conflict_with = before["conflict"], before["conflict_with"]
        former.save(update_fields=["conflict", "conflict_with"])
    _save_counts(former, study)
    # Its row is destroyed with its key, which has nothing left that it opens.
    study.deleted_at = now()
    study.save(update_fields=["deleted_at"])
    vault.release_name(tenant_id=study.tenant_id, key_id=study.key_id)


def _refuse_when_binned(studies: Collection[Study]) -> None:
    if len(studies) < 2:
        raise SplitInUseError("One of the two studies is destroyed.")
    if any(study.deleted_at is not None for study in studies):
        raise SplitInUseError("One of the two studies lies in the bin. Take it back first.")


def _refuse_when_in_use(study: Study, series: Sequence[str]) -> None:
    if Report.objects.filter(study_id=study.id).exists():
        raise SplitInUseError("It has a report. Write what holds into a report of the other study first.")
    if study.shared_until is not None and study.shared_until > now():
        raise SplitInUseError("It is shared. End its links first.")
    if Series.objects.filter(study_id=study.id).exclude(id__in=series).exists():
        raise SplitInUseError("Series were stored for it that never were in the other study. Split those off first.")
