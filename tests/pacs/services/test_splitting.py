"""Series of somebody else, or of another examination, become a study of their own, with its own key."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import Actor, system_actor
from common.errors import ConflictError, ForbiddenError
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import headers, overlay, selectors, services
from pacs.dicom.json_model import get_str
from pacs.dicom.phantom import make_uid
from pacs.errors import (
    CorrectionSupersededError,
    SplitEncodingError,
    SplitInUseError,
    SplitSeriesError,
    StudyNotFoundError,
)
from pacs.identity import Identity
from pacs.intake import Batch, Verdict, counters
from pacs.intake.arriving import Arrivals
from pacs.intake.verdicts import Status
from pacs.models import Correction, Instance, Report, Series, SplitSeries, Study
from pacs.resealing import Copies
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_dicom, store
from vault import selectors as vault
from vault import services as vault_services
from vault.errors import KeyDestroyedError
from vault.models import Blob, StudyKey

pytestmark = pytest.mark.django_db

ANNA = {"PatientID": "P-1", "PatientName": "Anna^A"}
MODALITIES = {"one": "CT", "two": "PX", "three": "CT"}
BERT = Identity("P-2", "", "Bert^B", None, "M")


def slice_of(series: str, number: int, **elements: Any) -> bytes:
    """Return a slice of one of the series of the same study; all name the same patient unless told otherwise."""
    uids = {
        "Modality": MODALITIES[series],
        "SeriesInstanceUID": make_uid("s", series),
        "SOPInstanceUID": make_uid("s", series, number),
    }
    return make_dicom("s", number, **{**ANNA, **uids, **elements})


def slices_of(series: str, count: int = 2, **elements: Any) -> list[bytes]:
    return [slice_of(series, number, **elements) for number in range(1, count + 1)]


@pytest.fixture
def study(tenant: Tenant) -> Study:
    store(tenant.id, [*slices_of("one"), *slices_of("two", 3)])
    return study_of(tenant, make_uid("s", "study"))


def study_of(tenant: Tenant, uid: str) -> Study:
    with tenant_scope(tenant.id):
        found: Study = Study.objects.select_related("patient").get(study_instance_uid=uid, deleted_at=None)
    return found


def row_of(study: Study) -> Study:
    with tenant_scope(study.tenant_id):
        found: Study = Study.objects.select_related("patient").get(id=study.id)
    return found


def series_of(study: Study, name: str = "two") -> Series:
    with tenant_scope(study.tenant_id):
        found: Series = Series.objects.get(series_instance_uid=make_uid("s", name))
    return found


def split(actor: Actor, study: Study, to: UUID | Identity | None = BERT, *names: str) -> UUID:
    ids = [series_of(study, name).id for name in names or ("two",)]
    return services.split_study(actor=actor, study_id=study.id, series_ids=ids, to=to)


def split_off(study: Study, name: str = "two") -> Study:
    """Return the study that has a series now."""
    with tenant_scope(study.tenant_id):
        found: Study = Study.objects.get(id=series_of(study, name).study_id)
    return found


def undo(actor: Actor, correction_id: UUID) -> None:
    services.undo_correction(actor=actor, correction_id=correction_id)


def refs(study: Study) -> list[selectors.InstanceRef]:
    with tenant_scope(study.tenant_id):
        return selectors.list_instances(study_id=study.id)


def served(study: Study, keyword: str) -> set[str]:
    with tenant_scope(study.tenant_id):
        return {get_str(headers.unseal(one), keyword) for one in refs(study)}


def originals(study: Study) -> list[bytes]:
    with tenant_scope(study.tenant_id):
        return [b"".join(vault.open_blob(one.blob).stream()) for one in refs(study)]


def counts(study: Study) -> tuple[int, int, str]:
    row = row_of(study)
    return row.number_of_series, row.number_of_instances, row.modalities


def blob_keys(study: Study) -> set[UUID]:
    return {one.blob.key_id for one in refs(study)}


def sends(tenant: Tenant, files: Sequence[bytes]) -> list[Verdict]:
    return store(tenant.id, files)


# --- what becomes of the study ----------------------------------------------------------------------------------------


def test_chosen_series_become_a_study_of_their_own(technician: Actor, study: Study) -> None:
    split(technician, study)

    other = split_off(study)
    assert other.study_instance_uid.startswith("2.25.")
    assert (other.patient_name, other.dicom_patient_id) == ("Bert, B", "P-2")
    assert row_of(study).study_instance_uid == make_uid("s", "study")
    assert row_of(study).patient_name == "Anna, A"


def test_both_studies_count_what_they_have(technician: Actor, study: Study) -> None:
    size = row_of(study).size_bytes
    split(technician, study)

    assert counts(study) == (1, 2, "CT")
    assert counts(split_off(study)) == (1, 3, "PX")
    assert row_of(study).size_bytes + split_off(study).size_bytes == size


def test_what_is_served_names_the_new_study_and_patient(technician: Actor, study: Study) -> None:
    split(technician, study)

    other = split_off(study)
    assert served(other, "StudyInstanceUID") == {other.study_instance_uid}
    assert served(other, "PatientName") == {"Bert^B"}
    assert served(study, "StudyInstanceUID") == {make_uid("s", "study")}
    assert served(study, "PatientName") == {"Anna^A"}


def test_the_originals_stay_as_they_came(technician: Actor, study: Study) -> None:
    before = [hashlib.sha256(data).digest() for data in originals(study)]
    split(technician, study)

    after = [hashlib.sha256(data).digest() for data in originals(study) + originals(split_off(study))]
    assert sorted(after) == sorted(before)
    assert {one.sha256 for one in refs(split_off(study))} <= set(before)


def test_another_examination_stays_with_the_same_patient(technician: Actor, study: Study) -> None:
    split(technician, study, None)

    other = split_off(study)
    assert (other.patient_id, other.patient_name) == (study.patient_id, "Anna, A")
    assert not overlay.names_another(other.overlay)
    assert served(other, "StudyInstanceUID") == {other.study_instance_uid}


def test_what_was_prepared_is_made_anew(technician: Actor, study: Study) -> None:
    outbox.drain([study.tenant_id])
    before = series_of(study)
    assert before.metadata_blob_id

    split(technician, study)
    assert (series_of(study).metadata_blob_id, series_of(study).scene) == (None, None)
    outbox.drain([study.tenant_id])

    after = series_of(study)
    with tenant_scope(study.tenant_id):
        prepared = Blob.objects.get(id=after.metadata_blob_id)
    assert (prepared.study_key_id, after.prepared_instances) == (split_off(study).key_id, 3)


def test_the_access_log_of_both_says_so(technician: Actor, study: Study) -> None:
    split(technician, study)

    with tenant_scope(study.tenant_id):
        found = dict(AuditEvent.objects.filter(action__startswith="study.split").values_list("action", "study_id"))
    assert found == {"study.split": study.id, "study.split-off": split_off(study).id}


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("one", "two"), ()])
def test_something_is_chosen_and_something_stays(technician: Actor, study: Study, names: tuple[str, ...]) -> None:
    ids = [series_of(study, name).id for name in names]
    with pytest.raises(SplitSeriesError):
        services.split_study(actor=technician, study_id=study.id, series_ids=ids, to=None)


def test_a_series_of_another_study_is_refused(technician: Actor, study: Study) -> None:
    store(study.tenant_id, [make_dicom("elsewhere")])
    with tenant_scope(study.tenant_id):
        other = Series.objects.get(series_instance_uid=make_uid("elsewhere", "series"))
    with pytest.raises(SplitSeriesError):
        services.split_study(actor=technician, study_id=study.id, series_ids=[other.id], to=None)


def test_a_reader_may_not_and_a_stranger_finds_nothing(tenant: Tenant, study: Study) -> None:
    with pytest.raises(ForbiddenError):
        split(make_actor(tenant, "radiologist"), study)
    with pytest.raises(StudyNotFoundError):
        split(make_actor(make_tenant(), "owner"), study)


def test_files_that_cannot_be_written_anew_stay(technician: Actor, study: Study) -> None:
    with tenant_scope(study.tenant_id):
        Instance.objects.filter(series=series_of(study)).update(transfer_syntax_uid="1.2.840.10008.1.2.1.99")
    with pytest.raises(SplitEncodingError):
        split(technician, study)


def test_a_refused_split_leaves_nothing_behind(technician: Actor, study: Study) -> None:
    with tenant_scope(study.tenant_id):
        before = Blob.objects.count(), StudyKey.objects.count()
    with pytest.raises(ConflictError):
        # Somebody of another name has this id.
        split(technician, study, Identity("P-1", "", "Somebody^Else", None, ""))

    with tenant_scope(study.tenant_id):
        assert (Blob.objects.count(), StudyKey.objects.count()) == before
        assert Study.objects.count() == 1
    assert series_of(study).study_id == study.id


# --- keys -------------------------------------------------------------------------------------------------------------


def test_each_study_has_a_key_and_nothing_under_the_others(technician: Actor, study: Study) -> None:
    outbox.drain([study.tenant_id])
    split(technician, study)
    outbox.drain([study.tenant_id])

    other = split_off(study)
    assert other.key_id != study.key_id
    assert (blob_keys(study), blob_keys(other)) == ({study.key_id}, {other.key_id})
    with tenant_scope(study.tenant_id):
        series = Series.objects.get(study=study)
        kept = {row.blob_id for row in Instance.objects.filter(study=study)}
        kept |= {series.metadata_blob_id, series.preview_blob_id, series.half_blob_id, series.thumbnail_blob_id}
        live = Blob.objects.filter(study_key_id=study.key_id, state=Blob.State.LIVE)
        assert {row.id for row in live} == kept - {None}


@pytest.mark.parametrize("is_first", [True, False])
def test_destroying_one_leaves_the_other_whole(technician: Actor, study: Study, *, is_first: bool) -> None:
    split(technician, study)
    doomed, kept = (study, split_off(study)) if is_first else (split_off(study), study)
    before = originals(kept)
    with tenant_scope(study.tenant_id):
        StudyKey.objects.filter(id=doomed.key_id).update(wrapped=None, shredded_at="2026-01-01T00:00:00Z")

    assert originals(kept) == before
    assert served(kept, "PatientName")
    with pytest.raises(KeyDestroyedError):
        originals(doomed)


@pytest.mark.req("X-01")
def test_a_split_off_study_is_destroyed_with_all_of_its_own_and_never_comes_back(
    technician: Actor, tenant: Tenant, study: Study
) -> None:
    correction_id = split(technician, study)
    outbox.drain([tenant.id])
    other, kept, system = split_off(study), originals(study), system_actor(tenant.id)
    with tenant_scope(tenant.id):
        services.doom_study(actor=system, study_id=other.id, rule="US-TX", reason="test")
    vault_services.run_barrier(tenant_id=tenant.id)
    services.destroy_study(actor=system, study_id=other.id)

    assert originals(study) == kept
    with tenant_scope(tenant.id):
        assert not Study.objects.filter(id=other.id).exists()
        assert set(Blob.objects.filter(study_key_id=other.key_id).values_list("state", flat=True)) == {"gone"}
        assert set(Blob.objects.exclude(state="gone").values_list("study_key_id", flat=True)) == {study.key_id}
    (verdict,) = sends(tenant, [slice_of("two", 9)])
    assert (verdict.status, counts(study)[1]) == (Status.QUARANTINED, 2)
    with pytest.raises(SplitInUseError, match="destroyed"):
        undo(technician, correction_id)


# --- what arrives later -----------------------------------------------------------------------------------------------


def test_a_late_slice_goes_where_its_series_went(technician: Actor, tenant: Tenant, study: Study) -> None:
    split(technician, study)

    (verdict,) = sends(tenant, [slice_of("two", 9)])

    other = split_off(study)
    assert (verdict.status, verdict.study_instance_uid) == (Status.STORED, other.study_instance_uid)
    assert (counts(study)[1], counts(other)[1]) == (2, 4)
    assert blob_keys(other) == {other.key_id}
    assert served(other, "StudyInstanceUID") == {other.study_instance_uid}


def test_a_late_slice_of_what_stayed_stays(technician: Actor, tenant: Tenant, study: Study) -> None:
    split(technician, study)
    sends(tenant, [slice_of("one", 9), slice_of("two", 9)])

    assert (counts(study)[1], counts(split_off(study))[1]) == (3, 4)


def test_what_is_sent_again_is_a_duplicate(technician: Actor, tenant: Tenant, study: Study) -> None:
    split(technician, study)

    verdicts = sends(tenant, [*slices_of("one"), *slices_of("two", 3)])

    assert {verdict.status for verdict in verdicts} == {Status.DUPLICATE}
    assert (counts(study)[1], counts(split_off(study))[1]) == (2, 3)


def test_a_slice_for_a_deleted_study_is_quarantined_with_a_reason(
    technician: Actor, tenant: Tenant, study: Study
) -> None:
    split(technician, study)
    services.delete_study(actor=system_actor(tenant.id), study_id=split_off(study).id)

    (verdict,) = sends(tenant, [slice_of("two", 9)])

    assert (verdict.status, verdict.reason) == (Status.QUARANTINED, "series-split-off")
    assert counts(study)[1] == 2


def test_a_slice_for_a_destroyed_study_never_goes_back(technician: Actor, tenant: Tenant, study: Study) -> None:
    split(technician, study)
    with tenant_scope(tenant.id):
        Study.objects.filter(id=split_off(study).id).delete()

    (verdict,) = sends(tenant, [slice_of("two", 9)])

    assert (verdict.status, verdict.reason) == (Status.QUARANTINED, "series-split-off")
    assert counts(study)[1] == 2


def test_the_route_holds_when_the_first_study_was_deleted_and_stored_anew(
    technician: Actor, tenant: Tenant, study: Study
) -> None:
    split(technician, study)
    services.delete_study(actor=system_actor(tenant.id), study_id=study.id)

    sends(tenant, [slice_of("one", 1), slice_of("two", 9)])

    assert counts(split_off(study))[1] == 4
    assert counts(study_of(tenant, study.study_instance_uid))[1] == 1


# --- a study that names two people ------------------------------------------------------------------------------------


def test_a_held_mixed_study_is_free_once_the_other_person_is_split_off(technician: Actor, tenant: Tenant) -> None:
    store(tenant.id, slices_of("one"))
    store(tenant.id, slices_of("two", PatientID="P-2", PatientName="Bert^B"))
    mixed = study_of(tenant, make_uid("s", "study"))
    assert mixed.conflict == "mixed-patient"

    correction_id = split(technician, mixed)
    assert (row_of(mixed).conflict, split_off(mixed).conflict) == ("", "")
    assert not overlay.names_another(split_off(mixed).overlay)

    undo(technician, correction_id)
    assert row_of(mixed).conflict == "mixed-patient"


def test_it_stays_held_while_other_images_name_somebody_else(technician: Actor, tenant: Tenant) -> None:
    other: dict[str, Any] = {"PatientID": "P-2", "PatientName": "Bert^B"}
    store(tenant.id, slices_of("one"))
    store(tenant.id, [*slices_of("two", **other), *slices_of("three", **other)])
    mixed = study_of(tenant, make_uid("s", "study"))

    split(technician, mixed)
    assert row_of(mixed).conflict == "mixed-patient"


# --- taking it back ---------------------------------------------------------------------------------------------------


def test_undoing_puts_all_back(technician: Actor, tenant: Tenant, study: Study) -> None:
    before, named = set(originals(study)), served(study, "PatientName")
    correction_id = split(technician, study)
    other_id = split_off(study).id
    sends(tenant, [slice_of("two", 9)])

    undo(technician, correction_id)

    assert (counts(study)[0], counts(study)[1]) == (2, 6)
    assert set(originals(study)) == {*before, slice_of("two", 9)}
    assert served(study, "PatientName") == named
    assert blob_keys(study) == {study.key_id}
    with tenant_scope(tenant.id):
        assert Study.objects.get(id=other_id).deleted_at is not None
        assert not SplitSeries.objects.exists()


def test_what_arrives_after_the_undo_goes_to_the_study_that_it_names(
    technician: Actor, tenant: Tenant, study: Study
) -> None:
    undo(technician, split(technician, study))
    sends(tenant, [slice_of("two", 9)])

    assert counts(study)[1] == 6


def test_an_emptied_study_is_not_offered_in_the_bin(technician: Actor, study: Study) -> None:
    undo(technician, split(technician, study))

    with tenant_scope(study.tenant_id):
        assert selectors.list_binned_studies(actor=make_actor_of(study, "owner")) == []


def make_actor_of(study: Study, role: str) -> Actor:
    with tenant_scope(study.tenant_id):
        tenant = Tenant.objects.get(id=study.tenant_id)
    return make_actor(tenant, role)


def test_undoing_twice_does_nothing_more(technician: Actor, study: Study) -> None:
    correction_id = split(technician, study)
    undo(technician, correction_id)
    undo(technician, correction_id)

    assert counts(study)[1] == 5


def test_undo_is_refused_when_one_was_corrected_later(technician: Actor, study: Study) -> None:
    correction_id = split(technician, study)
    later = services.move_study(
        actor=technician, study_id=split_off(study).id, to=Identity("P-3", "", "Carla^C", None, "")
    )
    with pytest.raises(CorrectionSupersededError):
        undo(technician, correction_id)
    assert row_of(study).number_of_instances == 2

    undo(technician, later)
    undo(technician, correction_id)
    assert counts(study)[1] == 5


def test_undo_is_refused_when_a_report_stands_on_it(technician: Actor, study: Study) -> None:
    correction_id = split(technician, study)
    with tenant_scope(study.tenant_id):
        Report.objects.create(
            tenant_id=study.tenant_id, study=split_off(study), author_id=study.id, author_name="R", body=b"x"
        )
    with pytest.raises(SplitInUseError, match="report"):
        undo(technician, correction_id)
    with tenant_scope(study.tenant_id):
        assert Correction.objects.get(id=correction_id).undone_at is None


@pytest.mark.parametrize("is_former", [True, False])
def test_undo_is_refused_while_one_lies_in_the_bin(technician: Actor, study: Study, *, is_former: bool) -> None:
    correction_id = split(technician, study)
    binned = study if is_former else split_off(study)
    services.delete_study(actor=system_actor(study.tenant_id), study_id=binned.id)

    with pytest.raises(SplitInUseError, match="bin"):
        undo(technician, correction_id)


# --- further corrections ----------------------------------------------------------------------------------------------


def test_a_split_off_study_that_is_moved_keeps_its_uid(technician: Actor, study: Study) -> None:
    split(technician, study)
    other = split_off(study)
    services.move_study(actor=technician, study_id=other.id, to=Identity("P-3", "", "Carla^C", None, ""))

    assert served(other, "StudyInstanceUID") == {other.study_instance_uid}
    assert served(other, "PatientName") == {"Carla^C"}


def test_what_was_split_off_can_be_split_again(technician: Actor, tenant: Tenant, study: Study) -> None:
    store(tenant.id, slices_of("three"))
    split(technician, study, BERT, "two", "three")
    other = split_off(study)
    again = split(technician, other, None, "three")
    third = split_off(study, "three")
    assert len({study.id, other.id, third.id}) == 3

    sends(tenant, [slice_of("three", 9)])
    assert counts(third)[1] == 3

    undo(technician, again)
    sends(tenant, [slice_of("three", 10)])
    assert (counts(other)[1], counts(study)[1]) == (7, 2)


# --- devices that send slice after slice ------------------------------------------------------------------------------


def sends_one(tenant: Tenant, arrivals: Arrivals, file: bytes) -> Verdict:
    """Send a file as a listener does, who remembers what earlier ones had to look up."""
    batch = Batch(actor=system_actor(tenant.id), source="dimse")
    batch.add([file])
    (verdict,) = batch.try_commit(arrivals=arrivals)
    return verdict


def test_a_listener_that_knew_the_study_before_the_split_is_not_deceived(
    technician: Actor, tenant: Tenant, study: Study
) -> None:
    arrivals = Arrivals()
    for series in ("one", "two"):
        sends_one(tenant, arrivals, slice_of(series, 7))
    correction_id = split(technician, study)
    other = split_off(study)

    late = [sends_one(tenant, arrivals, slice_of(series, number)) for series in ("two", "one") for number in (8, 9)]
    again = sends_one(tenant, arrivals, slice_of("two", 7))

    assert [verdict.status for verdict in late] == [Status.STORED] * 4
    assert again.status is Status.DUPLICATE
    assert (counts(study)[1], counts(other)[1]) == (5, 6)
    assert (blob_keys(study), blob_keys(other)) == ({study.key_id}, {other.key_id})

    undo(technician, correction_id)
    sends_one(tenant, arrivals, slice_of("two", 10))
    assert counts(study)[1] == 12
    assert blob_keys(study) == {study.key_id}


def test_a_batch_that_looked_the_series_up_before_the_split_is_sent_again(
    technician: Actor, tenant: Tenant, study: Study
) -> None:
    tally, series = counters.Tally(), series_of(study)
    tally.add(series.id, 10)
    split(technician, study)

    with tenant_scope(tenant.id), pytest.raises(ConflictError, match="Send it again"):
        counters.add(tenant_id=tenant.id, studies=counters.Tally(), series=tally, study_of={series.id: study.id})


def test_who_lists_images_while_a_series_is_split_off_finds_what_stayed(
    technician: Actor, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob_refs, calls = vault.blob_refs, iter([partial(split, technician, study)])

    def split_first(blob_ids: Iterable[UUID]) -> dict[UUID, vault.BlobRef]:
        for call in calls:
            call()
        return blob_refs(blob_ids)

    monkeypatch.setattr(vault, "blob_refs", split_first)

    assert {one.series_instance_uid for one in refs(study)} == {make_uid("s", "one")}


def test_slices_that_came_while_objects_were_copied_go_along(
    technician: Actor, tenant: Tenant, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, late = Copies.make, [slice_of("two", 9)]

    def make_and_receive(copies: Copies, instances: Sequence[selectors.InstanceRef]) -> None:
        make(copies, instances)
        if late:
            sends(tenant, [late.pop()])

    monkeypatch.setattr(Copies, "make", make_and_receive)
    split(technician, study)

    assert (counts(study)[1], counts(split_off(study))[1]) == (2, 4)
    assert blob_keys(split_off(study)) == {split_off(study).key_id}
