"""One way in: verdicts, rows, objects, idempotence, and nothing half-visible."""

import hashlib
import weakref
from uuid import UUID

import pytest

from audit.models import AuditEvent
from common.actor import Actor, ActorKind, system_actor
from common.errors import ForbiddenError, StorageFullError
from common.ids import uuid7
from common.scope import tenant_scope
from outbox.models import OutboxMessage
from pacs import selectors
from pacs import services as pacs_services
from pacs.dicom.phantom import make_uid
from pacs.dimse.gathering import Gatherer
from pacs.intake import Batch, Status
from pacs.intake.announcing import Announcements
from pacs.intake.arriving import Arrivals
from pacs.models import Instance, NameToken, Patient, Refusal, Series, Study
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files, make_study, store
from vault import selectors as vault
from vault import services as vault_services
from vault import storage
from vault.storage.port import Entry
from vault.writer import StagedObject

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant_id() -> UUID:
    return make_tenant().id


def stored_bytes(entry: Entry) -> bytes:
    content = bytearray(entry.size_bytes)
    with storage.current().open(entry.key, 0, entry.size_bytes) as source:
        source.readinto(memoryview(content))
    return bytes(content)


def statuses(tenant_id: UUID, files: list[bytes]) -> list[str]:
    return [verdict.status for verdict in store(tenant_id, files)]


@pytest.mark.req("PA-01")
@pytest.mark.req("PA-02")
def test_what_comes_out_is_bit_for_bit_what_went_in(tenant_id: UUID) -> None:
    files = make_files("s", 3)
    study = make_study(tenant_id, "s", 3)
    with tenant_scope(tenant_id):
        stored = selectors.list_instances(study_id=study.id)
        readers = [vault.open_blob(ref.blob) for ref in stored]
    assert [b"".join(reader.stream()) for reader in readers] == files
    assert [ref.sha256 for ref in stored] == [hashlib.sha256(file).digest() for file in files]


def test_a_study_gets_its_columns_from_the_header(tenant_id: UUID) -> None:
    study = make_study(tenant_id, "s", 2, PatientName="Müller^Jürgen", StudyDescription="CBCT", AccessionNumber="A7")
    assert (study.patient_name, study.description, study.accession_number) == ("Müller, Jürgen", "CBCT", "A7")
    assert (study.number_of_series, study.number_of_instances, study.modalities) == (1, 2, "CT")


def test_the_size_of_a_study_is_that_of_its_files(tenant_id: UUID) -> None:
    assert make_study(tenant_id, "s", 3).size_bytes == sum(map(len, make_files("s", 3)))


def test_names_are_found_by_folded_words(tenant_id: UUID) -> None:
    make_study(tenant_id, "s", 1, PatientName="Müller^Jürgen")
    with tenant_scope(tenant_id):
        assert set(NameToken.objects.values_list("token", flat=True)) == {"muller", "jurgen"}


def test_the_same_file_twice_is_a_success_and_stored_once(tenant_id: UUID) -> None:
    make_study(tenant_id, "s", 1)
    assert statuses(tenant_id, make_files("s", 1)) == [Status.DUPLICATE]
    with tenant_scope(tenant_id):
        assert Instance.objects.count() == 1
        assert Study.objects.get().number_of_instances == 1


def test_the_same_file_twice_in_one_batch_is_stored_once(tenant_id: UUID) -> None:
    file = make_dicom("s", 1)
    assert statuses(tenant_id, [file, file]) == [Status.STORED, Status.DUPLICATE]


def test_the_same_uid_with_other_bytes_never_overwrites(tenant_id: UUID) -> None:
    study = make_study(tenant_id, "s", 1)
    assert statuses(tenant_id, [make_dicom("s", 1, ImageComments="changed")]) == [Status.QUARANTINED]
    with tenant_scope(tenant_id):
        (ref,) = selectors.list_instances(study_id=study.id)
        assert b"".join(vault.open_blob(ref.blob).stream()) == make_dicom("s", 1)
        refusal = Refusal.objects.get()
        kept = vault.open_object(tenant_id=tenant_id, blob_id=refusal.blob_id)
    assert b"".join(kept.stream()) == make_dicom("s", 1, ImageComments="changed")


def test_a_truncated_slice_is_quarantined_whole_and_not_visible(tenant_id: UUID) -> None:
    file = make_dicom("s", 1)[:-40]
    (verdict,) = store(tenant_id, [file])
    assert (verdict.status, verdict.reason) == (Status.QUARANTINED, "truncated")
    with tenant_scope(tenant_id):
        assert not Study.objects.exists()
        kept = vault.open_object(tenant_id=tenant_id, blob_id=Refusal.objects.get().blob_id)
    assert b"".join(kept.stream()) == file


def test_what_is_not_dicom_is_refused_and_not_kept(tenant_id: UUID) -> None:
    (verdict,) = store(tenant_id, [b"%!PS this is no image" * 40])
    assert (verdict.status, verdict.reason) == (Status.REFUSED, "not-dicom")
    with tenant_scope(tenant_id):
        assert Refusal.objects.get().blob_id is None


def test_good_files_are_stored_beside_bad_ones(tenant_id: UUID) -> None:
    files = [make_dicom("s", 1), b"nonsense" * 30, make_dicom("s", 2)]
    assert statuses(tenant_id, files) == [Status.STORED, Status.REFUSED, Status.STORED]


def test_two_studies_of_one_patient_share_the_patient(tenant_id: UUID) -> None:
    make_study(tenant_id, "a", 1, PatientID="P1")
    make_study(tenant_id, "b", 1, PatientID="P1")
    with tenant_scope(tenant_id):
        assert Patient.objects.count() == 1


@pytest.mark.parametrize("other", [{"PatientName": "Somebody^Else"}, {"PatientBirthDate": "19991231"}])
def test_another_person_under_the_same_id_is_held_for_a_decision(tenant_id: UUID, other: dict[str, str]) -> None:
    make_study(tenant_id, "a", 1, PatientID="P1", PatientBirthDate="19800101")
    (verdict,) = store(tenant_id, [make_dicom("b", 1, **{"PatientID": "P1", "PatientBirthDate": "19800101", **other})])
    assert (verdict.status, verdict.warning_reason) == (Status.HELD, 0xB000)
    with tenant_scope(tenant_id):
        held = Study.objects.get(study_instance_uid=make_uid("b", "study"))
        assert held.conflict == "patient-differs"
        assert Patient.objects.count() == 2


def test_a_spelling_with_accents_is_the_same_person(tenant_id: UUID) -> None:
    make_study(tenant_id, "a", 1, PatientID="P1", PatientName="Muller^Jurgen")
    assert statuses(tenant_id, [make_dicom("b", 1, PatientID="P1", PatientName="Müller^Jürgen")]) == [Status.STORED]


def test_what_came_after_two_mergers_goes_back_with_the_others(tenant_id: UUID) -> None:
    actor = system_actor(tenant_id)
    one, two, three = (make_study(tenant_id, seed, 1, PatientID=seed, PatientName="Same^Sue") for seed in "abc")
    first = pacs_services.merge_patients(actor=actor, study_id=one.id, into_id=two.patient_id)
    second = pacs_services.merge_patients(actor=actor, study_id=two.id, into_id=three.patient_id)
    later = make_study(tenant_id, "later", 1, PatientID="a", PatientName="Same^Sue")
    assert later.patient_id == three.patient_id

    def patients() -> list[UUID]:
        with tenant_scope(tenant_id):
            return [Study.objects.get(id=study.id).patient_id for study in (one, later)]

    pacs_services.undo_correction(actor=actor, correction_id=second)
    assert patients() == [two.patient_id] * 2
    pacs_services.undo_correction(actor=actor, correction_id=first)
    assert patients() == [one.patient_id] * 2


def test_the_log_names_the_patient_to_whom_a_study_was_given_meanwhile(tenant_id: UUID) -> None:
    arrivals = Arrivals()

    def send(number: int) -> None:
        batch = Batch(actor=system_actor(tenant_id), source="dimse")
        batch.add([make_dicom("given", number)])
        batch.try_commit(arrivals=arrivals)

    send(1)
    with tenant_scope(tenant_id):
        # As after a decision between two who are told apart by nothing that images say.
        other = Patient.objects.create(tenant_id=tenant_id, dicom_patient_id="P-other")
        Study.objects.update(patient=other)

    arrivals.announcements = Announcements()
    send(2)

    with tenant_scope(tenant_id):
        event = AuditEvent.objects.filter(action="study.stored").latest("id")
    assert str(other.id) in bytes(event.body).decode()


def test_studies_without_a_patient_id_are_never_merged(tenant_id: UUID) -> None:
    make_study(tenant_id, "a", 1, PatientID="")
    make_study(tenant_id, "b", 1, PatientID="")
    with tenant_scope(tenant_id):
        assert Patient.objects.count() == 2


def test_two_patients_in_one_study_are_held(tenant_id: UUID) -> None:
    make_study(tenant_id, "a", 1, PatientID="P1")
    (verdict,) = store(tenant_id, [make_dicom("a", 2, PatientID="P2")])
    assert (verdict.status, verdict.reason) == (Status.HELD, "mixed-patient")


def test_another_study_than_the_address_names_is_refused(tenant_id: UUID) -> None:
    with Batch(actor=system_actor(tenant_id), source="stow", study_instance_uid="1.2.3") as batch:
        batch.add([make_dicom("s", 1)])
        (verdict,) = batch.commit()
    assert (verdict.status, verdict.reason) == (Status.QUARANTINED, "study-mismatch")


def test_storing_is_in_the_audit_log_once_a_study(tenant_id: UUID) -> None:
    study = make_study(tenant_id, "s", 3)
    with tenant_scope(tenant_id):
        assert AuditEvent.objects.filter(action="study.stored", study_id=study.id).count() == 1


def test_a_stored_series_is_announced_once_a_batch(tenant_id: UUID) -> None:
    make_study(tenant_id, "s", 3)
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.filter(topic="pacs.series-received>pacs.handlers.prepare_series").count() == 1


def test_a_dentist_cannot_upload(tenant_id: UUID) -> None:
    dentist = Actor(tenant_id=tenant_id, kind=ActorKind.USER, id=uuid7(), roles=frozenset({"dentist"}))
    with pytest.raises(ForbiddenError):
        Batch(actor=dentist, source="test")


def test_a_full_disk_leaves_nothing_behind(tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_staged: object) -> None:
        raise StorageFullError()

    monkeypatch.setattr(vault_services, "sync", full)
    with pytest.raises(StorageFullError):
        store(tenant_id, make_files("s", 2))
    with tenant_scope(tenant_id):
        assert not Study.objects.exists()
        assert not Instance.objects.exists()


def test_of_joined_batches_one_that_finds_no_room_does_not_take_the_others_along(
    tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys_of_studies = Gatherer(tenant_id).keys_of_studies
    batches = []
    for file in make_files("s", 2):
        batch = Batch(actor=system_actor(tenant_id), source="dimse", keys_of_studies=keys_of_studies)
        batch.add([file])
        batches.append(batch)
    synced: list[int] = []

    def sync(staged: list[StagedObject]) -> None:
        synced.append(len(staged))
        if staged[0] is batches[1].items[0].staged:
            raise StorageFullError

    monkeypatch.setattr(vault_services, "sync", sync)
    for batch in batches:
        batch.sync_soon()
    with pytest.raises(StorageFullError):
        Batch.joined(batches).try_commit()
    with pytest.raises(StorageFullError):
        batches[1].commit()

    assert [verdict.status for verdict in batches[0].commit()] == [Status.STORED]
    assert synced == [1, 1]
    with tenant_scope(tenant_id):
        assert Instance.objects.count() == 1


def test_what_came_after_the_disk_began_is_durable_too(tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(vault_services, "sync", lambda staged: synced.append(len(staged)))
    first, second, third = make_files("s", 3)
    batch = Batch(actor=system_actor(tenant_id), source="test")
    batch.add([first])
    batch.sync_soon()
    batch.add([second])
    batch.add([third])

    assert len(batch.commit()) == 3
    assert sorted(synced) == [1, 2]


def test_a_failing_transaction_leaves_no_row_and_no_object(tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    discarded: list[object] = []
    monkeypatch.setattr(vault_services, "discard", lambda staged, **_: discarded.extend(staged))
    monkeypatch.setattr("pacs.intake.store._announce", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store(tenant_id, make_files("s", 2))
    with tenant_scope(tenant_id):
        assert not Study.objects.exists()
    assert len(discarded) == 2


@pytest.mark.req("CARD-02")
def test_neither_pixels_nor_names_lie_in_clear(tenant_id: UUID) -> None:
    make_study(tenant_id, "s", 2, PatientName="Zanzibar^Quentin")
    pixels = make_dicom("s", 1)[-256:]
    content = b"".join(stored_bytes(entry) for entry in storage.current().entries())
    assert len(content) > 2000
    assert b"Zanzibar" not in content
    assert pixels not in content


def test_blocks_of_any_size_give_the_same_object(tenant_id: UUID) -> None:
    file = make_dicom("s", 1)
    with Batch(actor=system_actor(tenant_id), source="test") as batch:
        batch.add(file[i : i + 7] for i in range(0, len(file), 7))
        (verdict,) = batch.commit()
    assert verdict.status is Status.STORED
    with tenant_scope(tenant_id):
        assert bytes(Instance.objects.get().sha256) == hashlib.sha256(file).digest()


def test_many_studies_in_one_batch_each_get_their_own_key(tenant_id: UUID) -> None:
    store(tenant_id, [make_dicom(f"s{number}", 1) for number in range(5)])
    with tenant_scope(tenant_id):
        assert Study.objects.values("key_id").distinct().count() == 5
        assert Series.objects.count() == 5


@pytest.mark.usefixtures("no_collector")
def test_what_was_stored_is_let_go_without_the_garbage_collector(tenant_id: UUID) -> None:
    batch = Batch(actor=system_actor(tenant_id), source="test")
    batch.add([make_dicom("s", 1)])
    batch.commit()
    # With it go the headers of all its files, which lay in a cycle until the collector came by.
    left = weakref.ref(batch)
    del batch
    assert left() is None
