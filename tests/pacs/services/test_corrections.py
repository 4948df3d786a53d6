"""A study given to the right patient: what is served changes, originals do not, and all of it can be taken back."""

import datetime as dt
import gzip
import hashlib
from collections.abc import Sequence
from uuid import UUID

import orjson
import pytest

from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import Actor
from common.errors import ForbiddenError
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import conflicts, headers, selectors, services, worklist
from pacs.dicom.json_model import get_str
from pacs.errors import (
    CorrectionNotFoundError,
    CorrectionSupersededError,
    PatientIdTakenError,
    PatientNotFoundError,
    SamePatientError,
    StudyNotFoundError,
)
from pacs.identity import Identity
from pacs.models import Patient, Study, StudyMove
from pacs.worklist_filters import Search
from tests.factories.cast import make_actor, make_tenant
from tests.factories.studies import make_dicom, make_files, make_study, store
from vault import selectors as vault
from vault import services as vault_services
from vault.writer import StagedObject

pytestmark = pytest.mark.django_db

NEW = Identity("NEW-1", "", "Fresh^Frieda", dt.date(2001, 2, 3), "F")


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_study(tenant.id, "s", 2, prepared=True, PatientID="P-1", PatientName="Wrong^Willi")


@pytest.fixture
def right(tenant: Tenant) -> Patient:
    return make_study(
        tenant.id, "other", 1, PatientID="P-2", PatientName="Right^Rita", PatientBirthDate="19900506"
    ).patient


def row_of(study: Study) -> Study:
    with tenant_scope(study.tenant_id):
        found: Study = Study.objects.select_related("patient").get(id=study.id)
    return found


def served_names(study: Study) -> set[str]:
    """Return the name in each header as it is served."""
    with tenant_scope(study.tenant_id):
        found = selectors.list_instances(study_id=study.id)
        return {get_str(headers.unseal(instance), "PatientName") for instance in found}


def prepared_names(study: Study) -> list[str]:
    """Return the names in the prepared metadata of a study; empty while nothing is prepared."""
    with tenant_scope(study.tenant_id):
        (series,) = selectors.list_series(study_id=study.id)
        if series.metadata_blob_id is None:
            return []
        reader = vault.open_object(tenant_id=study.tenant_id, blob_id=series.metadata_blob_id)
        content = b"".join(reader.stream())
    return [get_str(header, "PatientName") for header in orjson.loads(gzip.decompress(content))]


def originals(study: Study) -> list[bytes]:
    with tenant_scope(study.tenant_id):
        return [b"".join(vault.open_blob(ref.blob).stream()) for ref in selectors.list_instances(study_id=study.id)]


def found_by(actor: Actor, name: str) -> list[UUID]:
    with tenant_scope(actor.tenant_id):
        return [row.id for row in worklist.find_page(actor=actor, search=Search(name=name)).rows]


def move(actor: Actor, study: Study, to: UUID | Identity) -> UUID:
    return services.move_study(actor=actor, study_id=study.id, to=to)


def undo(actor: Actor, correction_id: UUID) -> None:
    services.undo_correction(actor=actor, correction_id=correction_id)


def test_a_moved_study_is_served_under_the_right_patient(technician: Actor, study: Study, right: Patient) -> None:
    move(technician, study, right.id)

    row = row_of(study)
    assert (row.patient_id, row.patient_name, row.dicom_patient_id) == (right.id, "Right, Rita", "P-2")
    assert row.patient_birth_date == dt.date(1990, 5, 6)
    assert served_names(study) == {"Right^Rita"}


def test_it_is_found_by_the_right_name_and_no_longer_by_the_wrong_one(
    technician: Actor, study: Study, right: Patient
) -> None:
    move(technician, study, right.id)

    assert study.id in found_by(technician, "Rita")
    assert study.id not in found_by(technician, "Willi")


def test_what_was_prepared_for_the_wrong_patient_is_never_served_again(
    technician: Actor, study: Study, right: Patient
) -> None:
    assert prepared_names(study) == ["Wrong^Willi", "Wrong^Willi"]

    move(technician, study, right.id)
    assert prepared_names(study) == []
    outbox.drain([study.tenant_id])

    assert prepared_names(study) == ["Right^Rita", "Right^Rita"]


def test_a_preparation_that_began_before_the_correction_is_thrown_away(
    technician: Actor, study: Study, right: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenant_scope(study.tenant_id):
        (series,) = selectors.list_series(study_id=study.id)
    sync, moved = vault_services.sync, []

    def sync_and_move(staged: Sequence[StagedObject]) -> None:
        sync(staged)
        moved.append(move(technician, study, right.id))

    # The moment after reading and before committing.
    monkeypatch.setattr(vault_services, "sync", sync_and_move)
    services.prepare_series(tenant_id=study.tenant_id, series_id=series.id)

    assert len(moved) == 1
    assert prepared_names(study) == []


def test_the_originals_stay_bit_for_bit_what_came(technician: Actor, study: Study, right: Patient) -> None:
    move(technician, study, right.id)

    expected = make_files("s", 2, PatientID="P-1", PatientName="Wrong^Willi")
    assert [hashlib.sha256(file).digest() for file in originals(study)] == [
        hashlib.sha256(file).digest() for file in expected
    ]


def test_undoing_serves_the_study_as_before(technician: Actor, study: Study, right: Patient) -> None:
    before = row_of(study)
    undo(technician, move(technician, study, right.id))
    outbox.drain([study.tenant_id])

    row = row_of(study)
    assert (row.patient_id, row.patient_name_pn, row.overlay) == (before.patient_id, "Wrong^Willi", None)
    assert served_names(study) == {"Wrong^Willi"}
    assert prepared_names(study) == ["Wrong^Willi", "Wrong^Willi"]
    assert found_by(technician, "Willi") == [study.id]


def test_undoing_twice_does_nothing_more(technician: Actor, study: Study, right: Patient) -> None:
    correction = move(technician, study, right.id)
    undo(technician, correction)
    undo(technician, correction)

    with tenant_scope(study.tenant_id):
        assert AuditEvent.objects.filter(action="correction.undone").count() == 1


def test_corrections_are_undone_in_the_order_of_the_last_first(technician: Actor, study: Study, right: Patient) -> None:
    first = move(technician, study, right.id)
    second = move(technician, study, NEW)
    with pytest.raises(CorrectionSupersededError):
        undo(technician, first)
    undo(technician, second)
    assert row_of(study).patient_id == right.id
    undo(technician, first)
    assert served_names(study) == {"Wrong^Willi"}


def test_a_study_moved_back_to_whom_its_images_name_needs_no_overlay(
    technician: Actor, study: Study, right: Patient
) -> None:
    former = study.patient_id
    move(technician, study, right.id)
    move(technician, study, former)

    assert row_of(study).overlay is None


def test_a_study_can_be_given_to_a_patient_who_is_entered_now(technician: Actor, study: Study) -> None:
    move(technician, study, NEW)

    row = row_of(study)
    assert (row.patient.match_key, row.patient_name, row.patient_sex) == ("pid||NEW-1", "Fresh, Frieda", "F")


def test_a_new_patient_with_the_id_of_somebody_else_is_refused(technician: Actor, study: Study, right: Patient) -> None:
    with pytest.raises(PatientIdTakenError):
        move(technician, study, Identity(patient_id="P-2", name_pn="Fresh^Frieda"))
    assert row_of(study).patient_name == "Wrong, Willi"


def test_a_study_is_not_moved_to_the_patient_it_has(technician: Actor, study: Study) -> None:
    with pytest.raises(SamePatientError):
        move(technician, study, study.patient_id)


def test_slices_that_arrive_later_belong_to_the_right_patient_too(
    technician: Actor, study: Study, right: Patient
) -> None:
    move(technician, study, right.id)
    (verdict,) = store(study.tenant_id, [make_dicom("s", 3, PatientID="P-1", PatientName="Wrong^Willi")])

    assert (verdict.status.value, verdict.warning_reason) == ("stored", 0xB000)
    assert served_names(study) == {"Right^Rita"}


def test_a_slice_of_a_third_person_is_held(technician: Actor, study: Study, right: Patient) -> None:
    move(technician, study, right.id)
    (verdict,) = store(study.tenant_id, [make_dicom("s", 3, PatientID="P-2", PatientName="Right^Rita")])

    assert verdict.status.value == "held"


def test_taking_back_keeps_in_doubt_what_came_into_doubt_since(technician: Actor, study: Study, right: Patient) -> None:
    correction = move(technician, study, right.id)
    store(study.tenant_id, [make_dicom("s", 3, PatientID="P-3", PatientName="Third^Theo")])

    undo(technician, correction)

    row = row_of(study)
    assert (row.dicom_patient_id, row.conflict) == ("P-1", conflicts.MIXED)
    assert (row.conflict_with or {})["identity"]["patient_id"] == "P-3"


def test_merged_patients_have_one_list_of_studies(tenant: Tenant, technician: Actor, right: Patient) -> None:
    twice = [make_study(tenant.id, seed, 1, PatientID="P-1", PatientName="Right^Rita") for seed in ("a", "b")]

    services.merge_patients(actor=technician, study_id=twice[0].id, into_id=right.id)

    assert [row_of(one).patient_id for one in twice] == [right.id, right.id]
    assert [row_of(one).dicom_patient_id for one in twice] == ["P-2", "P-2"]


def test_what_arrives_for_a_merged_number_goes_to_the_one_who_is_left(
    tenant: Tenant, technician: Actor, right: Patient
) -> None:
    former = make_study(tenant.id, "a", 1, PatientID="P-1", PatientName="Right^Rita")
    merge = services.merge_patients(actor=technician, study_id=former.id, into_id=right.id)

    later = make_study(tenant.id, "c", 1, PatientID="P-1", PatientName="Right^Rita")
    assert (later.patient_id, later.dicom_patient_id, served_names(later)) == (right.id, "P-2", {"Right^Rita"})

    undo(technician, merge)
    assert [row_of(one).dicom_patient_id for one in (former, later)] == ["P-1", "P-1"]
    assert make_study(tenant.id, "d", 1, PatientID="P-1", PatientName="Right^Rita").dicom_patient_id == "P-1"


def test_mergers_lead_on_to_the_last_one(tenant: Tenant, technician: Actor) -> None:
    one, two, three = (make_study(tenant.id, seed, 1, PatientID=seed, PatientName="Same^Sue") for seed in "abc")
    services.merge_patients(actor=technician, study_id=one.id, into_id=two.patient_id)
    services.merge_patients(actor=technician, study_id=two.id, into_id=three.patient_id)

    later = make_study(tenant.id, "later", 1, PatientID="a", PatientName="Same^Sue")

    assert {row_of(study).patient_id for study in (one, two, later)} == {three.patient_id}
    with tenant_scope(tenant.id):
        theirs = [set(selectors.study_ids_of_patient(study.patient_id)) for study in (one, two, three)]
    assert theirs == [{study.id for study in (one, two, three, later)}] * 3


def test_every_step_is_in_the_audit_log_without_names(technician: Actor, study: Study, right: Patient) -> None:
    undo(technician, move(technician, study, right.id))

    with tenant_scope(study.tenant_id):
        events = AuditEvent.objects.filter(action__in=["study.reassigned", "correction.undone"]).order_by("id")
        bodies = [bytes(event.body).decode() for event in events]
        assert [event.action for event in events] == ["study.reassigned", "correction.undone"]
    assert all(str(right.id) in body for body in bodies)
    assert not any(name in body for body in bodies for name in ("Willi", "Rita", "P-1", "P-2"))


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", ["radiologist", "dentist", "assistant"])
def test_who_may_not_correct_changes_nothing(tenant: Tenant, study: Study, right: Patient, role: str) -> None:
    with pytest.raises(ForbiddenError):
        move(make_actor(tenant, role), study, right.id)
    assert row_of(study).patient_name == "Wrong, Willi"


@pytest.mark.req("PA-06")
def test_nothing_of_another_tenant_can_be_corrected_or_chosen(technician: Actor, study: Study, right: Patient) -> None:
    stranger = make_actor(make_tenant(), "owner")
    elsewhere = make_study(stranger.tenant_id, "x", 1)
    correction = move(technician, study, right.id)

    with pytest.raises(StudyNotFoundError):
        move(stranger, study, elsewhere.patient_id)
    with pytest.raises(PatientNotFoundError):
        move(stranger, elsewhere, right.id)
    with pytest.raises(CorrectionNotFoundError):
        undo(stranger, correction)
    with tenant_scope(study.tenant_id):
        assert StudyMove.objects.get().correction.undone_at is None
