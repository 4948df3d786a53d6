"""Pages of evidence."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.scope import tenant_scope
from compliance.evidence import measuring, services
from compliance.evidence.reading import Reading
from compliance.models import Activity, ProbeRun, Verdict
from outbox import services as outbox
from tests.factories.analysis import Practice, make_practice
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return make_practice()


@pytest.fixture
def officer(practice: Practice) -> Client:
    return browser_of(practice.officer)


def measure(practice: Practice) -> None:
    services.request_run(actor=practice.officer)
    outbox.drain([practice.tenant.id])


def test_before_the_first_night_the_page_says_that_nothing_was_measured(officer: Client) -> None:
    assert "Nothing was measured yet" in officer.get("/compliance/evidence/").content.decode()


def test_measuring_on_demand_shows_how_far_it_is_and_then_the_values(practice: Practice, officer: Client) -> None:
    assert officer.post("/compliance/evidence/run/").status_code == 302
    running = officer.get("/compliance/evidence/progress/", headers={"HX-Request": "true"})
    assert "Measuring: 0 of" in running.content.decode()
    assert "HX-Refresh" not in running

    outbox.drain([practice.tenant.id])

    assert officer.get("/compliance/evidence/progress/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = officer.get("/compliance/evidence/").content.decode()
    assert "Idle log-off in minutes for web sessions" in page
    assert "15 minutes" in page


def test_the_list_narrows_to_a_verdict(practice: Practice, officer: Client) -> None:
    measure(practice)

    page = officer.get("/compliance/evidence/?verdict=pass").content.decode()

    assert "Idle log-off in minutes" in page
    assert "Months since the last finalised risk analysis" not in page


def test_one_measurement_has_its_past_and_its_questions(practice: Practice, officer: Client) -> None:
    measure(practice)

    page = officer.get("/compliance/evidence/measurement/?id=P-IDLE").content.decode()

    assert "Sessions of staff end after 15 idle minutes." in page
    assert "Q-S" in page


@pytest.mark.parametrize("probe_id", ["", "P-NOTHING", "P-TLS"])
def test_a_measurement_that_is_not_there_is_absent(officer: Client, probe_id: str) -> None:
    assert officer.get("/compliance/evidence/measurement/", {"id": probe_id}).status_code == 404


def test_an_answer_that_a_measurement_denies_stands_on_top(practice: Practice, officer: Client) -> None:
    walk = practice.start()
    question = next(
        one for one in walk.catalogue.questions.values() if "P-TLS" in one.probe_ids and one.scale_id == "impl"
    )
    walk.answer(question.id, "full")
    with tenant_scope(practice.tenant.id):
        run = ProbeRun.objects.create(tenant_id=practice.tenant.id)
    measuring.keep(
        tenant_id=practice.tenant.id, run_id=run.id, probe_id="P-TLS", found=Reading(False, Verdict.FAIL, "Plain HTTP.")
    )

    page = officer.get("/compliance/evidence/").content.decode()

    assert "Answers that a measurement denies" in page
    assert "Plain HTTP." in page


def test_a_drill_is_recorded_with_its_time(practice: Practice, officer: Client) -> None:
    form = {
        "kind": "restore_drill",
        "performed_date": "2026-05-04",
        "is_successful": "on",
        "hours": "3.5",
        "note": "All back",
    }

    assert officer.post("/compliance/evidence/recorded/", form).status_code == 302

    assert "3.5 hours" in officer.get("/compliance/evidence/recorded/").content.decode()
    with tenant_scope(practice.tenant.id):
        assert str(Activity.objects.get().hours) == "3.50"


def test_a_record_from_the_future_is_refused_with_a_reason(officer: Client) -> None:
    form = {"kind": "log_review", "performed_date": "2099-01-01", "note": "x"}

    answer = officer.post("/compliance/evidence/recorded/", form)

    assert (answer.status_code, "lies in the future" in answer.content.decode()) == (422, True)


def test_the_auditor_reads_everything_and_changes_nothing(practice: Practice) -> None:
    measure(practice)
    auditor = enter_as(practice.tenant, "auditor")

    assert auditor.get("/compliance/evidence/").status_code == 200
    assert auditor.get("/compliance/evidence/measurement/?id=P-IDLE").status_code == 200
    assert "Measure now" not in auditor.get("/compliance/evidence/").content.decode()
    assert auditor.post("/compliance/evidence/run/").status_code == 403
    assert auditor.post("/compliance/evidence/recorded/", {}).status_code == 403


@pytest.mark.parametrize("role", ["dentist", "technician", "radiologist", "assistant"])
def test_who_does_not_read_compliance_sees_none_of_it(practice: Practice, role: str) -> None:
    assert enter_as(practice.tenant, role).get("/compliance/evidence/").status_code == 403


def test_a_second_practice_sees_nothing_of_it(practice: Practice) -> None:
    measure(practice)
    other = enter_as(make_tenant(), "compliance_officer")

    assert "Nothing was measured yet" in other.get("/compliance/evidence/").content.decode()
    assert other.get("/compliance/evidence/measurement/?id=P-IDLE").status_code == 404


def test_pages_ask_under_twelve_questions_after_years_of_measuring(
    practice: Practice, officer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        measure(practice)
    officer.get("/compliance/evidence/")

    with django_assert_max_num_queries(12):
        officer.get("/compliance/evidence/")
    with django_assert_max_num_queries(12):
        officer.get("/compliance/evidence/measurement/?id=P-IDLE")
    with django_assert_max_num_queries(12):
        officer.get("/compliance/evidence/recorded/")
