"""The pages: what they show, who may see them, and what a person without scripts does."""

import hashlib
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common.scope import tenant_scope
from compliance.analysis import services
from compliance.models import AnswerFile
from tests.factories.analysis import Walk, make_issued, make_practice, make_small_practice
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor

pytestmark = pytest.mark.django_db

QUESTION = "Q-S1-01"


@pytest.fixture
def walk() -> Walk:
    return make_small_practice().start()


@pytest.fixture
def web(walk: Walk) -> Client:
    return browser_of(walk.officer)


def page_of(web: Client, path: str) -> str:
    response = web.get(path)
    assert response.status_code == 200, f"{path}: {response.status_code}"
    return response.content.decode()


def path_of(walk: Walk, rest: str = "") -> str:
    return f"/compliance/analysis/{walk.id}/{rest}"


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("", "0 of 144 questions answered"),
        ("frame/", "What the practice has"),
        ("gates/", "The scope is not described."),
        ("sections/S1/", "Has the practice finished and signed a written risk analysis"),
        ("questions/Q-S1-01/", "Keep this file"),
        ("risks/", "Propose from the inventory"),
    ],
)
def test_a_page_of_the_analysis_shows(walk: Walk, web: Client, rest: str, words: str) -> None:
    assert words in page_of(web, path_of(walk, rest))


def test_an_empty_practice_is_told_where_to_begin() -> None:
    web = browser_of(make_practice().officer)

    assert "No risk analysis yet" in page_of(web, "/compliance/analysis/")


def test_an_analysis_begins_with_its_frame() -> None:
    web = browser_of(make_practice().officer)
    response = web.post("/compliance/analysis/", {"title": "2026", "source": ""})

    assert re.fullmatch(r"/compliance/analysis/[0-9a-f-]{36}/frame/", response["Location"])


def test_the_frame_is_written_in_one_form(walk: Walk, web: Client) -> None:
    response = web.post(
        path_of(walk, "frame/"), {"title": "2026", "scope": "Everything", "keep_years": "6", "class-cloud": "present"}
    )

    assert response.status_code == 302
    assert (walk.row().scope, walk.row().asset_classes) == ("Everything", {"cloud": "present"})


def test_what_the_inventory_holds_is_not_denied(walk: Walk, web: Client) -> None:
    response = web.post(path_of(walk, "frame/"), {"title": "2026", "keep_years": "6", "class-cloud": "absent"})

    assert response.status_code == 422
    assert "The inventory holds assets of the class" in response.content.decode()


def answer(web: Client, walk: Walk, version: int, value: str, comment: str = "", **headers: str) -> str:
    data = {"version": version, "value": value, "comment": comment}
    response = web.post(path_of(walk, f"questions/{QUESTION}/"), data, headers=headers)
    return f"{response.status_code} {response.content.decode()}"


def test_an_answer_is_saved_without_scripts(walk: Walk, web: Client) -> None:
    assert answer(web, walk, 1, "full").startswith("302")
    assert walk.answer_row(QUESTION).value == "full"


def test_an_answer_is_saved_as_a_fragment_with_the_new_version_and_the_proposed_risks(walk: Walk, web: Client) -> None:
    fragment = answer(web, walk, 1, "none", **{"HX-Request": "true"})

    assert '<input type="hidden" name="version" value="2">' in fragment
    assert "1 risk proposed" in fragment
    assert "<html" not in fragment


def test_two_people_at_once_are_shown_both_answers(walk: Walk, web: Client) -> None:
    colleague = browser_of(make_actor(walk.practice.tenant, "owner"))
    answer(colleague, walk, 1, "full", "The owner's words")
    page = answer(web, walk, 1, "none", "My own words")

    assert page.startswith("409")
    assert "The owner&#x27;s words" in page
    assert "My own words" in page
    assert walk.answer_row(QUESTION).value == "full"


def test_who_saw_both_may_save_the_own_answer(walk: Walk, web: Client) -> None:
    answer(browser_of(make_actor(walk.practice.tenant, "owner")), walk, 1, "full")
    web.post(path_of(walk, f"questions/{QUESTION}/"), {"version": 1, "over": 2, "value": "none", "comment": ""})

    assert walk.answer_row(QUESTION).value == "none"


def test_a_refusal_is_told_within_the_card(walk: Walk, web: Client) -> None:
    assert "This is not one of the answers" in answer(web, walk, 1, "lt12", **{"HX-Request": "true"})


def test_an_unfinished_section_says_why_it_stays_open(walk: Walk, web: Client) -> None:
    response = web.post(path_of(walk, "sections/S1/close/"), follow=True)

    assert "Q-S1-01: not answered." in response.content.decode()


def test_an_issue_that_lacks_something_is_refused_with_what_lacks(walk: Walk, web: Client) -> None:
    response = web.post(path_of(walk, "issue/"))

    assert response.status_code == 409
    assert "The scope is not described." in response.content.decode()


def test_a_complete_analysis_is_issued(walk: Walk, web: Client) -> None:
    walk.complete()
    response = web.post(path_of(walk, "issue/"), follow=True)

    assert "The analysis is issued." in response.content.decode()
    assert walk.row().state == "issued"


def test_a_stale_analysis_says_why(walk: Walk) -> None:
    issued = make_issued()
    services.reopen_analysis(actor=issued.officer, analysis_id=issued.id, reason="A new partner reads our images")

    assert "A new partner reads our images" in page_of(browser_of(issued.officer), path_of(issued))


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_listed_with_its_hash_and_given_back(walk: Walk, web: Client) -> None:
    upload = SimpleUploadedFile("policy.pdf", b"%PDF-1.7 signed", content_type="application/pdf")
    web.post(path_of(walk, f"questions/{QUESTION}/files/"), {"file": upload})
    with tenant_scope(walk.officer.tenant_id):
        (file,) = AnswerFile.objects.all()

    assert file.sha256 == hashlib.sha256(b"%PDF-1.7 signed").hexdigest()
    assert file.sha256 in page_of(web, path_of(walk, "sections/S1/"))
    response = web.get(f"/compliance/analysis/files/{file.id}/")
    assert response.content == b"%PDF-1.7 signed"
    assert response["Content-Disposition"] == 'attachment; filename="policy.pdf"'
    assert response["Content-Type"] == "application/octet-stream"


def test_a_file_is_taken_off(walk: Walk, web: Client) -> None:
    upload = SimpleUploadedFile("policy.pdf", b"words")
    web.post(path_of(walk, f"questions/{QUESTION}/files/"), {"file": upload})
    with tenant_scope(walk.officer.tenant_id):
        (file,) = AnswerFile.objects.all()
    web.post(f"/compliance/analysis/files/{file.id}/remove/")

    assert "policy.pdf" not in page_of(web, path_of(walk, "sections/S1/"))
    assert web.get(f"/compliance/analysis/files/{file.id}/").status_code == 404


# --- who sees what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["", "frame/", "gates/", "sections/S1/", "questions/Q-S1-01/", "risks/"])
def test_an_auditor_reads_everything(walk: Walk, rest: str) -> None:
    page_of(enter_as(walk.practice.tenant, "auditor"), path_of(walk, rest))


@pytest.mark.parametrize(
    "rest",
    [
        *("frame/", "issue/", "reopen/", "sections/S1/close/", "sections/S1/reopen/", "questions/Q-S1-01/"),
        *("questions/Q-S1-01/assign/", "questions/Q-S1-01/files/", "risks/propose/"),
    ],
)
def test_an_auditor_changes_nothing(walk: Walk, rest: str) -> None:
    before = walk.row()
    data = {
        "title": "x",
        "keep_years": 6,
        "version": 1,
        "value": "full",
        "reason": "x",
        "file": SimpleUploadedFile("x", b"x"),
    }
    response = enter_as(walk.practice.tenant, "auditor").post(path_of(walk, rest), data)

    assert response.status_code == 403
    assert (walk.row().title, walk.answer_row(QUESTION).version) == (before.title, 1)


@pytest.mark.parametrize("rest", ["", "frame/", "gates/", "sections/S1/", "questions/Q-S1-01/", "risks/"])
def test_another_tenant_finds_nothing(walk: Walk, rest: str) -> None:
    assert enter_as(make_practice().tenant, "owner").get(path_of(walk, rest)).status_code == 404


@pytest.mark.parametrize("role", ["technician", "dentist", "radiologist", "assistant"])
def test_who_has_no_part_in_it_is_refused(walk: Walk, role: str) -> None:
    assert enter_as(walk.practice.tenant, role).get(path_of(walk)).status_code == 403


def test_a_technician_sees_and_answers_what_was_assigned_and_nothing_more(walk: Walk) -> None:
    technician = make_actor(walk.practice.tenant, "technician")
    services.assign(actor=walk.officer, analysis_id=walk.id, question_id=QUESTION, assignee_id=technician.id)
    web = browser_of(technician)

    assert QUESTION in page_of(web, "/compliance/analysis/assigned/")
    assert answer(web, walk, 1, "mostly").startswith("302")
    assert web.get(path_of(walk, "questions/Q-S1-02/")).status_code == 403
    assert web.get(path_of(walk, "sections/S1/")).status_code == 403
