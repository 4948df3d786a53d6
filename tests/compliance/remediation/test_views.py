"""Pages of tasks and decisions."""

import datetime as dt
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.clock import today
from common.scope import tenant_scope
from compliance.models import CalendarFeed, Task
from compliance.remediation import selectors, tasks
from compliance.remediation.tasks import TaskDraft
from tests.factories.analysis import Practice, make_practice
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant

pytestmark = pytest.mark.django_db

FORM = {"title": "Encrypt the capture station", "priority": "high", "effort": "S", "due_date": "2099-01-01"}


@pytest.fixture
def practice() -> Practice:
    return make_practice()


@pytest.fixture
def officer(practice: Practice) -> Client:
    return browser_of(practice.officer)


@pytest.fixture
def task(practice: Practice) -> UUID:
    return tasks.open_task(actor=practice.officer, draft=TaskDraft("Encrypt it"))


def state_of(practice: Practice, task_id: UUID) -> str:
    with tenant_scope(practice.tenant.id):
        return selectors.get_task(task_id).state


def test_a_task_is_added_and_stands_on_the_board_and_in_the_list(officer: Client) -> None:
    assert "No tasks here" in officer.get("/compliance/tasks/").content.decode()

    answer = officer.post("/compliance/tasks/new/", FORM)

    assert "Encrypt the capture station" in officer.get(answer["Location"]).content.decode()
    assert "Encrypt the capture station" in officer.get("/compliance/tasks/").content.decode()
    assert "Encrypt the capture station" in officer.get("/compliance/tasks/?view=list").content.decode()


def test_a_task_about_a_question_keeps_where_it_comes_from(practice: Practice, officer: Client) -> None:
    page = officer.get("/compliance/tasks/new/?question_id=Q-S1-02&title=Review").content.decode()
    assert 'value="Q-S1-02"' in page
    assert 'value="Review"' in page

    answer = officer.post("/compliance/tasks/new/", {**FORM, "question_id": "Q-S1-02"})

    assert "Q-S1-02" in officer.get(answer["Location"]).content.decode()


def test_every_step_is_a_button_that_a_keyboard_reaches(practice: Practice, officer: Client, task: UUID) -> None:
    address = f"/compliance/tasks/{task}/step/"
    officer.post(address, {"step": "start", "version": 1})
    assert state_of(practice, task) == "doing"
    officer.post(address, {"step": "finish", "version": 2, "text": "Report"})
    assert state_of(practice, task) == "done"

    answer = officer.post(address, {"step": "verify", "version": 3, "text": "Seen"}, follow=True)
    assert "Whoever did the work cannot verify it" in answer.content.decode()

    browser_of(make_actor(practice.tenant, "owner")).post(address, {"step": "verify", "version": 3, "text": "Seen"})
    assert state_of(practice, task) == "verified"


def test_a_step_over_an_old_version_says_that_somebody_was_quicker(
    practice: Practice, officer: Client, task: UUID
) -> None:
    officer.post(f"/compliance/tasks/{task}/step/", {"step": "start", "version": 1})

    answer = officer.post(f"/compliance/tasks/{task}/step/", {"step": "block", "version": 1, "text": "x"}, follow=True)

    assert "Somebody else changed this task" in answer.content.decode()


def test_a_task_is_changed_over_the_version_that_was_seen(practice: Practice, officer: Client, task: UUID) -> None:
    address = f"/compliance/tasks/{task}/edit/"

    assert officer.post(address, {**FORM, "version": 1}).status_code == 302
    assert "Somebody else changed" in officer.post(address, {**FORM, "title": "y", "version": 1}).content.decode()


def test_an_acceptance_needs_its_terms(practice: Practice, officer: Client, task: UUID) -> None:
    address = f"/compliance/tasks/{task}/accept/"
    until = (today() + dt.timedelta(days=60)).isoformat()
    terms = {"reason": "Ordered", "compensating_measures": "Cut off", "until": until, "version": 1}
    assert officer.post(address, {**terms, "until": "2199-01-01"}).status_code == 422

    assert officer.post(address, terms).status_code == 302

    page = officer.get(f"/compliance/tasks/{task}/").content.decode()
    assert f"until {until}" in page


def test_what_is_required_offers_no_acceptance(practice: Practice, officer: Client) -> None:
    task = tasks.open_task(actor=practice.officer, draft=TaskDraft("Name users", spec_id="SR-312-a2i"))

    page = officer.get(f"/compliance/tasks/{task}/").content.decode()

    assert "This cannot be accepted away" in page
    assert "Accept in my name" not in page


def test_the_owner_of_a_task_sees_it_and_nobody_else_without_the_right(practice: Practice) -> None:
    dentist, other = make_actor(practice.tenant, "dentist"), make_actor(practice.tenant, "dentist")
    task = tasks.open_task(actor=practice.officer, draft=TaskDraft("Lock the screen", owner_id=dentist.id))

    assert browser_of(dentist).get(f"/compliance/tasks/{task}/").status_code == 200
    assert browser_of(other).get(f"/compliance/tasks/{task}/").status_code == 403


def test_the_address_of_the_calendar_is_shown_once(practice: Practice, officer: Client) -> None:
    shown = officer.post("/compliance/tasks/calendar/").content.decode()
    assert "/tasks.ics" in shown
    assert "/tasks.ics" not in officer.get("/compliance/tasks/").content.decode()

    officer.post("/compliance/tasks/calendar/end/")

    with tenant_scope(practice.tenant.id):
        assert CalendarFeed.objects.get().revoked_at is not None


def test_a_decision_is_recorded_with_its_reason(officer: Client) -> None:
    assert "0 of 22 decided" in officer.get("/compliance/decisions/").content.decode()
    form = {
        "outcome": "implemented",
        "rationale": "Disks are encrypted",
        "review_date": (today() + dt.timedelta(days=9)).isoformat(),
    }

    officer.post("/compliance/decisions/decide/?spec=SR-312-a2iv", form)

    assert "1 of 22 decided" in officer.get("/compliance/decisions/").content.decode()
    assert "Disks are encrypted" in officer.get("/compliance/decisions/decide/?spec=SR-312-a2iv").content.decode()


def test_a_decision_without_an_alternative_says_what_lacks(officer: Client) -> None:
    form = {"outcome": "alternative", "rationale": "x", "review_date": (today() + dt.timedelta(days=9)).isoformat()}

    answer = officer.post("/compliance/decisions/decide/?spec=SR-312-a2iv", form)

    assert (answer.status_code, "Describe the alternative" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("spec", ["", "SR-312-a2i", "x"])
def test_only_addressable_specifications_have_a_page(officer: Client, spec: str) -> None:
    assert officer.get("/compliance/decisions/decide/", {"spec": spec}).status_code == 404


def test_the_auditor_reads_everything_and_changes_nothing(practice: Practice, task: UUID) -> None:
    auditor = enter_as(practice.tenant, "auditor")
    pages = (
        "/compliance/tasks/",
        f"/compliance/tasks/{task}/",
        "/compliance/decisions/",
        "/compliance/decisions/decide/?spec=SR-312-a2iv",
    )

    assert [auditor.get(page).status_code for page in pages] == [200] * 4
    assert auditor.post("/compliance/tasks/new/", FORM).status_code == 403
    assert auditor.post(f"/compliance/tasks/{task}/edit/", FORM).status_code == 403
    assert auditor.post(f"/compliance/tasks/{task}/step/", {"step": "start", "version": 1}).status_code == 403
    assert auditor.post(f"/compliance/tasks/{task}/accept/", {}).status_code == 403
    assert auditor.post("/compliance/decisions/decide/?spec=SR-312-a2iv", {}).status_code == 403
    assert state_of(practice, task) == "open"


def test_a_second_practice_finds_no_task_of_the_first(task: UUID) -> None:
    other = enter_as(make_tenant(), "owner")

    assert other.get(f"/compliance/tasks/{task}/").status_code == 404
    assert other.post(f"/compliance/tasks/{task}/step/", {"step": "start", "version": 1}).status_code == 404
    assert other.post(f"/compliance/tasks/{task}/accept/", {}).status_code == 404
    assert "Encrypt it" not in other.get("/compliance/tasks/?view=list").content.decode()


def test_pages_ask_under_twelve_questions_with_hundreds_of_tasks(
    practice: Practice, officer: Client, task: UUID, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with tenant_scope(practice.tenant.id):
        Task.objects.bulk_create(
            Task(
                tenant_id=practice.tenant.id,
                number=number,
                title=f"t{number}",
                owner_id=practice.officer.id,
                state=state,
            )
            for number, state in zip(range(2, 302), ["open", "doing", "done"] * 100, strict=True)
        )
    officer.get("/compliance/tasks/")

    for page in (
        "/compliance/tasks/",
        "/compliance/tasks/?view=list",
        f"/compliance/tasks/{task}/",
        "/compliance/decisions/",
    ):
        with django_assert_max_num_queries(12):
            assert officer.get(page).status_code == 200
