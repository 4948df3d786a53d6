"""Pages on which people say whose a study is."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs import selectors
from pacs.models import Study
from tests.factories.cast import make_tenant
from tests.factories.studies import make_study

Enter = Callable[[str], Client]
pytestmark = pytest.mark.django_db

NEW = {"family_name": "Fresh", "given_name": "Frieda", "patient_id": "NEW-1", "birth_date": "2001-02-03", "sex": "F"}


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_study(tenant.id, "s", 1, PatientID="P-1", PatientName="Wrong^Willi")


@pytest.fixture
def right(tenant: Tenant) -> Study:
    return make_study(tenant.id, "right", 1, PatientID="P-2", PatientName="Right^Rita")


@pytest.fixture
def held(tenant: Tenant, study: Study) -> Study:
    return make_study(tenant.id, "held", 1, PatientID=study.dicom_patient_id, PatientName="Other^Otto")


def name_of(study: Study) -> str:
    with tenant_scope(study.tenant_id):
        return str(Study.objects.get(id=study.id).patient_name)


def correct(client: Client, study: Study, **said: object) -> int:
    return client.post(f"/studies/{study.id}/patient/", {"scope": "study", **said}).status_code


def test_the_study_page_leads_there_who_may_correct(enter: Enter, study: Study) -> None:
    link = f"/studies/{study.id}/patient/"

    assert link in enter("technician").get(f"/studies/{study.id}/").content.decode()
    assert link not in enter("radiologist").get(f"/studies/{study.id}/").content.decode()


def test_the_right_patient_is_looked_for_and_chosen(enter: Enter, study: Study, right: Study) -> None:
    client = enter("technician")
    page = client.post(f"/studies/{study.id}/patient/", {"action": "find", "find": "rita"}).content.decode()
    assert str(right.patient_id) in page
    assert name_of(study) == "Wrong, Willi"

    assert correct(client, study, patient=right.patient_id) == 302
    assert name_of(study) == "Right, Rita"


def test_a_script_asks_for_the_list_alone(enter: Enter, study: Study, right: Study) -> None:
    said = {"action": "find", "find": "P-2"}
    answer = enter("technician").post(f"/studies/{study.id}/patient/", said, headers={"HX-Request": "true"})

    assert "<html" not in answer.content.decode()
    assert str(right.patient_id) in answer.content.decode()


def test_a_new_patient_can_be_entered(enter: Enter, study: Study) -> None:
    assert correct(enter("technician"), study, **NEW) == 302
    assert name_of(study) == "Fresh, Frieda"


def test_patients_can_be_merged(enter: Enter, study: Study, right: Study) -> None:
    other = make_study(study.tenant_id, "other", 1, PatientID="P-1", PatientName="Wrong^Willi")
    assert correct(enter("technician"), study, scope="patient", patient=right.patient_id) == 302

    assert [name_of(study), name_of(other)] == ["Right, Rita", "Right, Rita"]


@pytest.mark.parametrize("said", [{}, {**NEW, "patient_id": ""}, {**NEW, "scope": "patient"}, {"patient": "x"}])
def test_what_lacks_changes_nothing(enter: Enter, study: Study, said: dict[str, str]) -> None:
    assert correct(enter("technician"), study, **said) == 422
    assert name_of(study) == "Wrong, Willi"


def test_the_patient_it_has_is_refused_in_words(enter: Enter, study: Study) -> None:
    assert correct(enter("technician"), study, patient=study.patient_id) == 422


def test_what_was_changed_is_shown_and_taken_back(enter: Enter, study: Study, right: Study) -> None:
    client = enter("technician")
    correct(client, study, patient=right.patient_id)
    page = client.get(f"/studies/{study.id}/patient/").content.decode()
    with tenant_scope(study.tenant_id):
        (move,) = selectors.list_moves(study_id=study.id)
    undo = f"/corrections/{move.correction_id}/undo/"
    assert undo in page
    assert "The original files name Wrong, Willi (P-1)" in page

    assert client.post(undo, {"study": str(study.id)})["Location"] == f"/studies/{study.id}/patient/"
    assert name_of(study) == "Wrong, Willi"
    assert "taken back" in client.get(f"/studies/{study.id}/patient/").content.decode()


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("role", ["radiologist", "dentist", "assistant", "auditor"])
def test_who_may_not_correct_is_told_so(enter: Enter, study: Study, right: Study, role: str) -> None:
    client = enter(role)

    assert client.get(f"/studies/{study.id}/patient/").status_code == 403
    assert correct(client, study, patient=right.patient_id) == 403
    assert client.get("/studies/in-doubt/").status_code == 403
    assert name_of(study) == "Wrong, Willi"


@pytest.mark.req("PA-06")
def test_a_stranger_finds_nothing_to_correct(enter: Enter, stranger: Client, study: Study, right: Study) -> None:
    correct(enter("technician"), study, patient=right.patient_id)
    with tenant_scope(study.tenant_id):
        (move,) = selectors.list_moves(study_id=study.id)

    assert stranger.get(f"/studies/{study.id}/patient/").status_code == 404
    assert stranger.post(f"/corrections/{move.correction_id}/undo/").status_code == 404
    assert name_of(study) == "Right, Rita"


def test_both_sides_of_a_doubt_are_shown(enter: Enter, held: Study) -> None:
    page = enter("technician").get("/studies/in-doubt/").content.decode()

    assert all(name in page for name in ("Other, Otto", "Wrong, Willi", "differs"))
    assert f"/studies/{held.id}/decide/" in page


@pytest.mark.parametrize(
    ("decision", "name"), [("same", "Wrong, Willi"), ("other", "Other, Otto"), ("refuse", "Other, Otto")]
)
def test_a_decision_takes_the_study_off_the_list(enter: Enter, held: Study, decision: str, name: str) -> None:
    client = enter("technician")

    assert client.post(f"/studies/{held.id}/decide/", {"decision": decision})["Location"] == "/studies/in-doubt/"
    assert name_of(held) == name
    assert "No patient is in doubt" in client.get("/studies/in-doubt/").content.decode()


def test_a_decision_that_is_none_is_refused(enter: Enter, held: Study) -> None:
    assert enter("technician").post(f"/studies/{held.id}/decide/", {"decision": "perhaps"}).status_code == 400


def test_an_id_of_somebody_else_is_refused_in_words(enter: Enter, held: Study) -> None:
    make_study(held.tenant_id, "third", 1, PatientID="P-7", PatientName="Third^Theo")
    client = enter("technician")
    client.post(f"/studies/{held.id}/decide/", {"decision": "other", "patient_id": "P-7"})

    assert "has this id" in client.get("/studies/in-doubt/").content.decode()


@pytest.mark.req("PA-06")
def test_a_study_in_doubt_is_not_shown_to_clinical_users(enter: Enter, held: Study) -> None:
    for role in ("dentist", "radiologist", "assistant"):
        client = enter(role)
        assert client.get(f"/studies/{held.id}/").status_code == 404
        assert "Other, Otto" not in client.get("/studies/").content.decode()
        assert client.get(f"/dicom-web/studies/{held.study_instance_uid}/metadata").status_code == 404


def test_the_list_of_doubts_asks_no_more_for_more_studies(
    enter: Enter, tenant: Tenant, study: Study, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        make_study(tenant.id, f"held{number}", 1, PatientID="P-1", PatientName=f"Other^Otto{number}")
    client = enter("technician")
    client.get("/studies/in-doubt/")
    with django_assert_max_num_queries(12):  # type: ignore[operator]  # a fixture of pytest-django
        client.get("/studies/in-doubt/")


def test_nothing_of_another_tenant_is_in_the_list(enter: Enter) -> None:
    elsewhere = make_tenant()
    make_study(elsewhere.id, "a", 1, PatientID="P-1", PatientName="Known^Karla")
    make_study(elsewhere.id, "b", 1, PatientID="P-1", PatientName="Other^Otto")

    assert "No patient is in doubt" in enter("technician").get("/studies/in-doubt/").content.decode()
