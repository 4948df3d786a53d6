"""A hold reaches what was split off, moved, or given back: whoever has it now."""

import datetime as dt
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.clock import today
from common.scope import tenant_scope
from compliance.models import KeepingExtension, PatientCircumstances
from compliance.retention import circumstances, extensions, holds, runs
from compliance.retention.extensions import ExtensionDraft
from compliance.retention.holds import HoldDraft
from outbox import services as outbox
from pacs import retained
from pacs import services as pacs
from pacs.dicom.phantom import make_uid
from pacs.identity import Identity
from pacs.models import Series, Study
from pacs.selectors import survivors_of
from tests.factories.cast import make_actor, make_tenant
from tests.factories.retention import make_officer, make_old_study
from tests.factories.studies import make_dicom, make_study, store
from vault import services as vault

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-01")]
BERT = Identity("P-2", "", "Bert^B", dt.date(1970, 1, 1), "M")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def study(tenant: Tenant) -> Study:
    made = make_study(tenant.id, "s", 1)
    second = {"SeriesInstanceUID": make_uid("s", "two"), "SOPInstanceUID": make_uid("s", "two", 1)}
    store(tenant.id, [make_dicom("s", 1, **second)])
    return made


def hold(tenant: Tenant, study: Study, *, of_patient: bool) -> None:
    officer = make_actor(tenant, "compliance_officer")
    draft = HoldDraft("legal", "File 12", officer.id, today() + dt.timedelta(days=90), of_patient=of_patient)
    holds.place(actor=officer, study_id=study.id, draft=draft)


def split(tenant: Tenant, study: Study, to: Identity | None) -> UUID:
    with tenant_scope(tenant.id):
        series = Series.objects.get(series_instance_uid=make_uid("s", "two"))
    actor = make_actor(tenant, "technician")
    pacs.split_study(actor=actor, study_id=study.id, series_ids=[series.id], to=to)
    outbox.drain([tenant.id])
    with tenant_scope(tenant.id):
        other_id: UUID = Series.objects.get(id=series.id).study_id
    return other_id


def held(tenant: Tenant) -> list[tuple[UUID | None, str]]:
    with tenant_scope(tenant.id):
        return sorted(((one.study_id, one.matter) for one in holds.list_standing()), key=str)


def test_what_is_split_off_a_held_study_is_held_for_the_same_matter(tenant: Tenant, study: Study) -> None:
    hold(tenant, study, of_patient=False)
    other_id = split(tenant, study, BERT)

    assert held(tenant) == sorted([(study.id, "File 12"), (other_id, "File 12")], key=str)
    outbox.drain([tenant.id])
    assert len(held(tenant)) == 2


def test_a_hold_on_a_patient_reaches_what_another_one_gets(tenant: Tenant, study: Study) -> None:
    hold(tenant, study, of_patient=True)
    other_id = split(tenant, study, BERT)

    assert held(tenant) == sorted([(None, "File 12"), (other_id, "File 12")], key=str)


def test_a_hold_on_the_patient_who_keeps_it_needs_no_second(tenant: Tenant, study: Study) -> None:
    hold(tenant, study, of_patient=True)
    split(tenant, study, None)

    assert held(tenant) == [(None, "File 12")]


def test_without_a_hold_nothing_is_held(tenant: Tenant, study: Study) -> None:
    split(tenant, study, BERT)

    assert held(tenant) == []


def test_longer_keeping_follows_what_is_split_off(tenant: Tenant, study: Study) -> None:
    draft = ExtensionDraft("implant", years=20)
    extensions.extend(actor=make_actor(tenant, "dentist"), study_id=study.id, draft=draft)
    other_id = split(tenant, study, BERT)
    outbox.drain([tenant.id])

    with tenant_scope(tenant.id):
        kept = KeepingExtension.objects.filter(study_id=other_id).values_list("kind", "years")
        assert list(kept) == [("implant", 20)]


# --- what is given to somebody else -----------------------------------------------------------------------------------


def due(tenant: Tenant) -> list[UUID]:
    with tenant_scope(tenant.id):
        return [one.study.id for one in runs.list_due()]


def move(tenant: Tenant, study: Study) -> UUID:
    return pacs.move_study(actor=make_actor(tenant, "technician"), study_id=study.id, to=BERT)


@pytest.fixture
def old(tenant: Tenant) -> Study:
    """A study that is past its time by the rules of the tenant."""
    make_officer(tenant)
    return make_old_study(tenant)


@pytest.mark.parametrize("of_patient", [False, True])
def test_a_hold_stays_on_a_study_that_is_given_to_another_patient(tenant: Tenant, old: Study, of_patient: bool) -> None:
    hold(tenant, old, of_patient=of_patient)
    move(tenant, old)

    with tenant_scope(tenant.id):
        study = retained.find(old.id)
        assert study is not None
        assert [one.matter for one in holds.list_of(study)] == ["File 12"]
    assert due(tenant) == []


def test_a_hold_that_ends_lets_a_study_go_that_was_given_away(tenant: Tenant, old: Study) -> None:
    hold(tenant, old, of_patient=True)
    move(tenant, old)
    with tenant_scope(tenant.id):
        (standing,) = holds.list_standing()
    holds.release(actor=make_actor(tenant, "compliance_officer"), hold_id=standing.id, reason="Settled")

    assert due(tenant) == [old.id]


def test_a_hold_on_a_patient_reaches_no_study_that_was_given_away_before(tenant: Tenant, old: Study) -> None:
    other = make_old_study(tenant, "other")
    move(tenant, old)
    hold(tenant, other, of_patient=True)

    assert due(tenant) == [old.id]


def test_a_hold_on_merged_patients_stays_on_what_goes_back_to_one_of_them(tenant: Tenant, old: Study) -> None:
    other = make_old_study(tenant, "other", PatientID="P-2", PatientName="Bert^B")
    technician = make_actor(tenant, "technician")
    correction_id = pacs.merge_patients(actor=technician, study_id=old.id, into_id=other.patient_id)
    hold(tenant, other, of_patient=True)

    pacs.undo_correction(actor=technician, correction_id=correction_id)

    assert due(tenant) == []


def test_a_hold_on_somebody_who_was_merged_stays_on_what_is_given_away_later(tenant: Tenant, old: Study) -> None:
    other = make_old_study(tenant, "other", PatientID="P-3", PatientName="Carl^C")
    hold(tenant, old, of_patient=True)
    pacs.merge_patients(actor=make_actor(tenant, "technician"), study_id=old.id, into_id=other.patient_id)

    move(tenant, other)

    assert due(tenant) == []


def test_what_is_split_off_a_study_that_was_given_away_is_held_too(tenant: Tenant, study: Study) -> None:
    hold(tenant, study, of_patient=True)
    move(tenant, study)
    other_id = split(tenant, study, None)

    assert held(tenant) == sorted([(None, "File 12"), (other_id, "File 12")], key=str)


def test_longer_keeping_stays_on_a_study_that_is_given_to_another_patient(tenant: Tenant, old: Study) -> None:
    dentist = make_actor(tenant, "dentist")
    extensions.extend(actor=dentist, study_id=old.id, draft=ExtensionDraft("implant", years=60))
    move(tenant, old)

    assert due(tenant) == []


def test_with_the_last_study_goes_what_was_known_of_whom_the_patient_was_merged_from(
    tenant: Tenant, old: Study
) -> None:
    other = make_old_study(tenant, "other", PatientID="P-2", PatientName="Bert^B")
    officer, program = make_actor(tenant, "compliance_officer"), system_actor(tenant.id)
    circumstances.describe(actor=officer, study_id=old.id, jurisdictions=[], overlays=[], is_incompetent=True)
    pacs.merge_patients(actor=make_actor(tenant, "technician"), study_id=old.id, into_id=other.patient_id)
    with tenant_scope(tenant.id):
        for study_id in (old.id, other.id):
            pacs.doom_study(actor=program, study_id=study_id, rule="US-TX", reason="test")
    vault.run_barrier(tenant_id=tenant.id)
    for study_id in (old.id, other.id):
        pacs.destroy_study(actor=program, study_id=study_id)
    outbox.drain([tenant.id])

    with tenant_scope(tenant.id):
        assert PatientCircumstances.objects.count() == 0


def test_who_was_merged_twice_became_the_last(tenant: Tenant) -> None:
    one, two, three = (make_old_study(tenant, seed, PatientID=seed, PatientName="Same^Sue") for seed in "abc")
    technician = make_actor(tenant, "technician")
    for former, into in ((one, two), (two, three)):
        pacs.merge_patients(actor=technician, study_id=former.id, into_id=into.patient_id)

    with tenant_scope(tenant.id):
        became = survivors_of([one.patient_id, two.patient_id, three.patient_id])
    assert set(became.values()) == {three.patient_id}
