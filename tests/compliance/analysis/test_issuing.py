"""Issued by a person, opened again with a reason, superseded by the next."""

import pytest

from common.actor import system_actor
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.analysis import services
from compliance.analysis.errors import AnalysisSettledError, DraftExistsError, ReasonMissingError
from compliance.models import Analysis, StaleReason
from tests.factories.analysis import Walk, make_issued, make_small_practice
from tests.factories.cast import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued() -> Walk:
    return make_issued()


def test_an_issued_analysis_is_not_changed(issued: Walk) -> None:
    with pytest.raises(AnalysisSettledError):
        issued.answer("Q-S1-01", "none")
    with pytest.raises(AnalysisSettledError):
        issued.describe(scope="Another")
    with pytest.raises(AnalysisSettledError):
        issued.issue()


@pytest.mark.parametrize("role", ["auditor", "administrator", "technician"])
def test_who_may_not_issue_does_not(role: str) -> None:
    walk = make_small_practice().start()
    walk.complete()

    with pytest.raises(ForbiddenError):
        services.issue(actor=make_actor(walk.practice.tenant, role), analysis_id=walk.id)


def test_the_portal_itself_issues_nothing() -> None:
    walk = make_small_practice().start()
    walk.complete()

    with pytest.raises(ForbiddenError):
        services.issue(actor=system_actor(walk.officer.tenant_id), analysis_id=walk.id)


def test_an_issued_analysis_is_opened_again_with_a_reason(issued: Walk) -> None:
    services.reopen_analysis(actor=issued.officer, analysis_id=issued.id, reason="We have a new partner")

    with tenant_scope(issued.officer.tenant_id):
        reasons = list(StaleReason.objects.values_list("code", "text"))
    assert issued.row().state == "stale"
    assert reasons == [("person", "We have a new partner")]


def test_it_is_not_opened_without_one(issued: Walk) -> None:
    with pytest.raises(ReasonMissingError):
        services.reopen_analysis(actor=issued.officer, analysis_id=issued.id, reason=" ")


def test_issuing_again_counts_on_and_handles_the_reasons(issued: Walk) -> None:
    services.reopen_analysis(actor=issued.officer, analysis_id=issued.id, reason="Look again")
    issued.issue()

    with tenant_scope(issued.officer.tenant_id):
        open_reasons = StaleReason.objects.filter(handled_at=None).count()
    assert (issued.row().state, issued.row().issue_number, open_reasons) == ("issued", 2, 0)


# --- the next one -----------------------------------------------------------------------------------------------------


@pytest.fixture
def next_one(issued: Walk) -> Walk:
    return issued.practice.start("2027", from_analysis_id=issued.id)


def test_answers_of_last_year_are_carried_over_and_marked_to_be_confirmed(issued: Walk, next_one: Walk) -> None:
    carried = next_one.answer_row("Q-S1-01")

    assert (carried.value, carried.confirm_reason) == ("full", "Carried over from 2026.")
    assert carried.answered_by_id == issued.officer.id
    assert "Q-S1-01 (to be confirmed)" in next_one.lacks(4)


def test_the_same_answer_confirms_what_was_carried_over(next_one: Walk) -> None:
    next_one.answer("Q-S1-01", "full")

    assert next_one.answer_row("Q-S1-01").confirm_reason == ""


def test_risks_of_last_year_are_proposed_again_under_their_numbers(issued: Walk, next_one: Walk) -> None:
    before = {risk.number: risk.current_level for risk in issued.risks()}
    again = {risk.number: risk for risk in next_one.risks()}

    assert set(again) == set(before)
    assert {(risk.state, risk.current_level, risk.suggested_likelihood) for risk in again.values()} == {
        ("proposed", 0, 3)
    }


def test_the_analysis_before_stays_in_force_until_the_next_is_issued(issued: Walk, next_one: Walk) -> None:
    assert issued.row().state == "issued"
    next_one.complete()
    next_one.issue()

    assert (issued.row().state, next_one.row().state) == ("superseded", "issued")


def test_there_is_one_draft_at_a_time(next_one: Walk) -> None:
    with pytest.raises(DraftExistsError):
        next_one.practice.start("2028")

    with tenant_scope(next_one.officer.tenant_id):
        assert Analysis.objects.filter(state="draft").count() == 1
