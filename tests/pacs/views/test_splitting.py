"""The page on which series are split off a study."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.models import Series, Study
from tests.factories.studies import make_dicom, make_study, store

Enter = Callable[[str], Client]
pytestmark = pytest.mark.django_db

NEW = {"family_name": "Fresh", "given_name": "Frieda", "patient_id": "NEW-1", "birth_date": "2001-02-03", "sex": "F"}


@pytest.fixture
def study(tenant: Tenant) -> Study:
    made = make_study(tenant.id, "s", 1, PatientID="P-1", PatientName="Anna^A")
    second = {"SeriesInstanceUID": make_uid("s", "two"), "SOPInstanceUID": make_uid("s", "two", 1)}
    store(tenant.id, [make_dicom("s", 1, PatientID="P-1", PatientName="Anna^A", SeriesDescription="Lone", **second)])
    return made


def second_of(study: Study) -> Series:
    with tenant_scope(study.tenant_id):
        found: Series = Series.objects.select_related("study").get(series_instance_uid=make_uid("s", "two"))
    return found


def split(client: Client, study: Study, **said: object) -> int:
    given = {"series": second_of(study).id, "whose": "same", "is_sure": "on", **said}
    return client.post(f"/studies/{study.id}/split/", given).status_code


def test_the_correction_page_leads_there(enter: Enter, study: Study) -> None:
    link = f"/studies/{study.id}/split/"
    client = enter("technician")

    assert link in client.get(f"/studies/{study.id}/patient/").content.decode()
    assert "Lone" in client.get(link).content.decode()


def test_a_study_of_one_series_is_told_so(enter: Enter, tenant: Tenant) -> None:
    lone = make_study(tenant.id, "lone", 1)
    page = enter("technician").get(f"/studies/{lone.id}/split/").content.decode()

    assert "one series only" in page
    assert 'name="series"' not in page


def test_another_examination_is_split_off_and_taken_back(enter: Enter, study: Study) -> None:
    client = enter("technician")
    assert split(client, study) == 302
    other = second_of(study).study
    assert (other.id != study.id, other.patient_id) == (True, study.patient_id)

    page = client.get(f"/studies/{study.id}/patient/").content.decode()
    assert "Split into two studies" in page
    assert f"/studies/{other.id}/" in page
    (undo,) = {part.split('"')[0] for part in page.split('action="/corrections/')[1:]}
    client.post(f"/corrections/{undo}", {"study": study.id})

    assert second_of(study).study_id == study.id


def test_a_new_patient_can_be_entered(enter: Enter, study: Study) -> None:
    assert split(enter("technician"), study, whose="other", **NEW) == 302
    assert second_of(study).study.patient_name == "Fresh, Frieda"


def test_a_patient_is_looked_for_without_losing_what_was_chosen(enter: Enter, tenant: Tenant, study: Study) -> None:
    right = make_study(tenant.id, "right", 1, PatientID="P-2", PatientName="Right^Rita")
    series_id = second_of(study).id
    said = {"action": "find", "find": "rita", "series": series_id, "whose": "other"}
    client = enter("technician")
    page = client.post(f"/studies/{study.id}/split/", said).content.decode()

    assert str(right.patient_id) in page
    assert "checked" in page.split(f'id="series-{series_id}"')[1].split(">")[0]
    assert split(client, study, whose="other", patient=right.patient_id) == 302
    assert second_of(study).study.patient_id == right.patient_id


@pytest.mark.parametrize(
    "said",
    [
        {"series": ""},
        {"series": "x"},
        {"whose": ""},
        {"is_sure": ""},
        {"whose": "other"},
        {"whose": "other", **NEW, "patient_id": ""},
    ],
)
def test_what_lacks_changes_nothing(enter: Enter, study: Study, said: dict[str, str]) -> None:
    assert split(enter("technician"), study, **said) == 422
    assert second_of(study).study_id == study.id


def test_the_whole_study_is_refused_in_words(enter: Enter, study: Study) -> None:
    with tenant_scope(study.tenant_id):
        ids = list(Series.objects.values_list("id", flat=True))
    said = {"series": ids, "whose": "same", "is_sure": "on"}
    answer = enter("technician").post(f"/studies/{study.id}/split/", said)

    assert answer.status_code == 422
    assert "leave at least one" in answer.content.decode()


def test_who_the_files_name_is_said_of_each_series(enter: Enter, tenant: Tenant, study: Study) -> None:
    third = {"SeriesInstanceUID": make_uid("s", "3"), "SOPInstanceUID": make_uid("s", "3", 1)}
    store(tenant.id, [make_dicom("s", 1, PatientID="P-9", PatientName="Bert^B", **third)])
    page = enter("owner").get(f"/studies/{study.id}/split/").content.decode()

    assert "name Bert, B (P-9)" in " ".join(page.split())


@pytest.mark.parametrize("role", ["radiologist", "dentist", "assistant"])
def test_who_may_not_correct_may_not_split(enter: Enter, study: Study, role: str) -> None:
    assert split(enter(role), study) == 403
    assert second_of(study).study_id == study.id


def test_a_stranger_finds_no_study(stranger: Client, study: Study) -> None:
    assert stranger.get(f"/studies/{study.id}/split/").status_code == 404


def test_an_undo_that_is_refused_says_why(enter: Enter, study: Study) -> None:
    client = enter("owner")
    split(client, study)
    client.post(f"/studies/{second_of(study).study_id}/delete/")
    page = client.get(f"/studies/{study.id}/patient/").content.decode()
    (undo,) = {part.split('"')[0] for part in page.split('action="/corrections/')[1:]}
    answer = client.post(f"/corrections/{undo}", {"study": study.id}, follow=True)

    assert "Take it back first" in answer.content.decode()
