"""Studies whose patient is in doubt: seen by who decides, by nobody else, until somebody does."""

import pytest

from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import Actor, ActorKind, Grant
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from pacs import selectors, services
from pacs.errors import MixedStudyError, NotHeldError, PatientIdTakenError, StudyNotFoundError
from pacs.models import Study
from pacs.services import Decision
from tests.factories.cast import make_actor
from tests.factories.studies import make_dicom, make_study, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(tenant: Tenant) -> Study:
    return make_study(tenant.id, "known", 1, PatientID="P1", PatientName="Known^Karla")


@pytest.fixture
def held(tenant: Tenant, known: Study) -> Study:
    return make_study(tenant.id, "held", 1, PatientID=known.dicom_patient_id, PatientName="Other^Otto")


@pytest.fixture
def mixed(tenant: Tenant, known: Study) -> Study:
    store(tenant.id, [make_dicom("known", 2, PatientID="P9", PatientName="Other^Otto")])
    return again(known)


def again(study: Study) -> Study:
    with tenant_scope(study.tenant_id):
        found: Study = Study.objects.select_related("patient").get(id=study.id)
    return found


def decide(actor: Actor, study: Study, decision: Decision, patient_id: str = "") -> None:
    services.decide_conflict(actor=actor, study_id=study.id, decision=decision, patient_id=patient_id)


def sees(actor: Actor, study: Study) -> bool:
    with tenant_scope(actor.tenant_id):
        return selectors.visible_studies(actor).filter(id=study.id).exists()


@pytest.mark.req("PA-06")
@pytest.mark.req("X-19")
@pytest.mark.parametrize(
    ("role", "is_shown"),
    [("owner", True), ("administrator", True), ("technician", True), ("radiologist", False), ("dentist", False)],
)
def test_who_does_not_decide_does_not_see_it(tenant: Tenant, held: Study, role: str, is_shown: bool) -> None:
    assert sees(make_actor(tenant, role), held) is is_shown


@pytest.mark.req("PA-06")
def test_a_link_made_before_the_doubt_no_longer_shows_it(known: Study) -> None:
    grant = Grant(study_ids=frozenset({known.id}), rights=frozenset({"view"}))
    guest = Actor(tenant_id=known.tenant_id, kind=ActorKind.GUEST, id=uuid7(), roles=frozenset({"guest"}), grant=grant)
    assert sees(guest, known)

    store(known.tenant_id, [make_dicom("known", 2, PatientID="P9")])

    assert not sees(guest, known)


def test_both_sides_are_kept_to_be_compared(held: Study, known: Study) -> None:
    assert held.conflict == "patient-differs"
    assert held.conflict_with is not None
    assert held.conflict_with["patient"] == str(known.patient_id)
    assert held.conflict_with["identity"]["name_pn"] == "Known^Karla"


def test_a_different_name_under_the_same_id_within_a_study_is_held(known: Study) -> None:
    (verdict,) = store(known.tenant_id, [make_dicom("known", 2, PatientID="P1", PatientName="Other^Otto")])

    assert (verdict.status.value, verdict.reason) == ("held", "mixed-patient")


def test_the_same_person_is_served_under_the_patient_who_was_known(
    technician: Actor, held: Study, known: Study
) -> None:
    decide(technician, held, Decision.SAME)

    row = again(held)
    assert (row.conflict, row.patient_id, row.patient_name) == ("", known.patient_id, "Known, Karla")


def test_another_person_keeps_the_study_for_himself(technician: Actor, held: Study, known: Study) -> None:
    decide(technician, held, Decision.OTHER)

    row = again(held)
    assert (row.conflict, row.patient_name, row.dicom_patient_id) == ("", "Other, Otto", "P1")
    assert row.patient_id != known.patient_id


def test_another_person_can_be_given_the_right_id(technician: Actor, held: Study) -> None:
    decide(technician, held, Decision.OTHER, patient_id="P7")

    row = again(held)
    assert (row.patient_name, row.dicom_patient_id, row.patient.match_key) == ("Other, Otto", "P7", "pid||P7")
    assert make_study(held.tenant_id, "next", 1, PatientID="P7", PatientName="Other^Otto").patient_id == row.patient_id


def test_the_right_id_is_not_one_of_somebody_else(technician: Actor, held: Study, tenant: Tenant) -> None:
    make_study(tenant.id, "third", 1, PatientID="P7", PatientName="Third^Theo")

    with pytest.raises(PatientIdTakenError):
        decide(technician, held, Decision.OTHER, patient_id="P7")
    assert again(held).conflict == "patient-differs"


def test_what_is_refused_lies_in_the_bin_still_in_doubt(technician: Actor, held: Study) -> None:
    decide(technician, held, Decision.REFUSE)

    row = again(held)
    assert row.deleted_at is not None
    assert row.conflict == "patient-differs"
    services.restore_study(actor=make_actor_of(held, "owner"), study_id=held.id)
    assert not sees(make_actor_of(held, "dentist"), held)


def make_actor_of(study: Study, role: str) -> Actor:
    return make_actor(study.tenant, role)


def test_mixed_images_of_one_person_are_one_study(technician: Actor, mixed: Study) -> None:
    decide(technician, mixed, Decision.SAME)
    (verdict,) = store(mixed.tenant_id, [make_dicom("known", 3, PatientID="P9", PatientName="Other^Otto")])

    row = again(mixed)
    assert (verdict.status.value, row.conflict, row.patient_name) == ("stored", "", "Known, Karla")


def test_mixed_images_cannot_belong_to_another_person_as_a_whole(technician: Actor, mixed: Study) -> None:
    with pytest.raises(MixedStudyError):
        decide(technician, mixed, Decision.OTHER)


def test_a_decision_can_be_taken_back_and_the_doubt_returns(technician: Actor, held: Study) -> None:
    decide(technician, held, Decision.SAME)
    with tenant_scope(held.tenant_id):
        (move,) = selectors.list_moves(study_id=held.id)
    services.undo_correction(actor=technician, correction_id=move.correction_id)

    row = again(held)
    assert (row.conflict, row.patient_name, row.conflict_with) == (
        "patient-differs",
        "Other, Otto",
        held.conflict_with,
    )


def test_a_study_is_decided_once(technician: Actor, held: Study) -> None:
    decide(technician, held, Decision.OTHER)
    with pytest.raises(NotHeldError):
        decide(technician, held, Decision.SAME)


def test_the_decision_is_in_the_audit_log_without_names(technician: Actor, held: Study) -> None:
    decide(technician, held, Decision.SAME)

    with tenant_scope(held.tenant_id):
        event = AuditEvent.objects.get(action="conflict.decided")
    assert b'"decision":"same"' in bytes(event.body)
    assert not any(name in bytes(event.body) for name in (b"Karla", b"Otto"))


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", ["radiologist", "dentist", "assistant"])
def test_who_may_not_decide_finds_nothing_to_decide(tenant: Tenant, held: Study, role: str) -> None:
    with pytest.raises(StudyNotFoundError):
        decide(make_actor(tenant, role), held, Decision.SAME)


@pytest.mark.req("PA-06")
def test_a_program_may_see_it_and_not_decide(held: Study) -> None:
    token = Actor(tenant_id=held.tenant_id, kind=ActorKind.TOKEN, id=uuid7(), scopes=frozenset({"dicomweb.read"}))
    assert sees(token, held)
    with pytest.raises(ForbiddenError):
        decide(token, held, Decision.SAME)
