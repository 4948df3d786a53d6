"""The commands, and what is taken over from the practice's software."""

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Tenant
from common.actor import Actor, system_actor
from common.clock import today
from common.scope import tenant_scope
from compliance.models import PatientCircumstances
from compliance.retention import circumstances, policy, reckoning
from compliance.retention.circumstances import CsvVisits, Taken
from compliance.retention.errors import VisitsRefusedError
from pacs import retained
from pacs.models import Patient, Study
from tests.factories.cast import make_tenant
from tests.factories.retention import make_officer, make_old_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def officer(tenant: Tenant) -> Actor:
    return make_officer(tenant)


@pytest.fixture
def study(tenant: Tenant, officer: Actor) -> Study:
    return make_old_study(tenant, PatientID="P-1")


def run(*words: str) -> str:
    out = StringIO()
    call_command("retention", *words, stdout=out)
    return out.getvalue()


def until(study: Study) -> dt.date:
    with tenant_scope(study.tenant_id):
        found = retained.find(study.id)
        assert found is not None
        return reckoning.of_study(policy.terms(), found).verdict.until


@pytest.mark.req("X-09")
def test_simulate_prints_what_is_due_and_24_months(tenant: Tenant, study: Study) -> None:
    lines = run("simulate", f"--tenant={tenant.slug}").splitlines()

    assert lines[:2] == ["due now: 1", "  Texas: 1"]
    assert len([line for line in lines if line[:2] == "20"]) == 24


@pytest.mark.req("X-09")
def test_simulate_says_what_a_longer_rule_would_do_and_changes_nothing(tenant: Tenant, study: Study) -> None:
    printed = run("simulate", f"--tenant={tenant.slug}", "--rule=US-TX", "--years=30")

    assert "due now: 0" in printed
    assert "earlier than now: 0, later: 1, newly due: 0" in printed
    assert until(study) == dt.date(2020, 3, 1)


@pytest.mark.parametrize("words", [("--tenant=nobody",), ("--rule=US-ZZ",)])
def test_simulate_refuses_what_is_not_there(tenant: Tenant, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run("simulate", f"--tenant={tenant.slug}", *words)


def test_run_with_nothing_approved_says_so(tenant: Tenant, study: Study) -> None:
    assert run("run", f"--tenant={tenant.slug}") == "queued: 0, kept: 0, removed: 0\n"


@pytest.mark.req("PA-10")
def test_a_last_visit_from_a_file_starts_the_clock_again(tenant: Tenant, study: Study, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("\ufeffpatient_id,last_visit\nP-1,2024-06-30\nP-1,2023-01-01\nP-9,2024-01-01\n", encoding="utf-8")

    printed = run("visits", f"--tenant={tenant.slug}", str(file))

    assert printed == "newer: 1, known: 0, of nobody here: 1\n"
    assert until(study) == dt.date(2029, 6, 30)


def test_an_older_visit_never_replaces_a_newer_one(tenant: Tenant, study: Study) -> None:
    actor = system_actor(tenant.id)
    circumstances.take_visits(actor=actor, feed=CsvVisits("patient_id,last_visit\nP-1,2024-06-30\n"))

    taken = circumstances.take_visits(actor=actor, feed=CsvVisits("patient_id,last_visit\nP-1,2020-01-01\n"))

    assert taken == Taken(newer=0, known=1, unknown=0)
    assert until(study) == dt.date(2029, 6, 30)


def test_a_visit_in_the_future_is_none(tenant: Tenant, study: Study) -> None:
    tomorrow = today() + dt.timedelta(days=1)

    circumstances.take_visits(actor=system_actor(tenant.id), feed=CsvVisits(f"patient_id,last_visit\nP-1,{tomorrow}\n"))

    with tenant_scope(tenant.id):
        assert PatientCircumstances.objects.count() == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name,day\nx,y\n",
        "patient_id,last_visit\nP-1,30.06.2024\n",
        "patient_id,last_visit\nP-1\0,2024-06-30\n",
        f"patient_id,last_visit\n{'P' * 200_000},2024-06-30\n",
    ],
    ids=["empty", "columns", "day", "nul", "long"],
)
def test_a_file_that_is_not_understood_is_refused_and_changes_nothing(tenant: Tenant, text: str) -> None:
    with pytest.raises(VisitsRefusedError):
        circumstances.take_visits(actor=system_actor(tenant.id), feed=CsvVisits(text))


def test_a_visit_of_somebody_who_was_merged_counts_for_whom_he_became(tenant: Tenant, study: Study) -> None:
    other = make_old_study(tenant, "other", PatientID="P-2")
    with tenant_scope(tenant.id):
        Patient.objects.filter(id=study.patient_id).update(merged_into=other.patient_id)
        Study.objects.filter(id=study.id).update(patient_id=other.patient_id)

    circumstances.take_visits(actor=system_actor(tenant.id), feed=CsvVisits("patient_id,last_visit\nP-1,2024-06-30\n"))

    assert until(study) == until(other) == dt.date(2029, 6, 30)
