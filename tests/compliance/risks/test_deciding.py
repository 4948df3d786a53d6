"""People decide: they confirm, dismiss with a reason, rate with a reason, and nothing is overwritten."""

import pytest
from django.db import DatabaseError, transaction

from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.analysis.errors import AnalysisSettledError, ReasonMissingError
from compliance.models import RatingChange, Risk, RiskExemption
from compliance.risks import selectors, services
from compliance.risks.errors import RatingRefusedError, RiskNotFoundError, RiskUndecidedError
from tests.factories.analysis import Walk, make_issued, make_practice, make_small_practice
from tests.factories.cast import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk() -> Walk:
    return make_small_practice().start()


@pytest.fixture
def risk(walk: Walk) -> Risk:
    return walk.risks()[0]


def rate(walk: Walk, risk: Risk, likelihood: int, impact: int, *, stage: str = "current", reason: str = "Seen") -> Risk:
    return services.rate_risk(
        actor=walk.officer, risk_id=risk.id, stage=stage, likelihood=likelihood, impact=impact, reason=reason
    )


@pytest.mark.req("RA-08")
def test_a_rating_gives_the_level_of_the_matrix(walk: Walk, risk: Risk) -> None:
    services.confirm_risk(actor=walk.officer, risk_id=risk.id)

    assert rate(walk, risk, 3, 5).current_level == 4


@pytest.mark.parametrize("stage", ["inherent", "current", "residual"])
def test_each_stage_is_rated_on_its_own(walk: Walk, risk: Risk, stage: str) -> None:
    services.confirm_risk(actor=walk.officer, risk_id=risk.id)
    rate(walk, risk, 5, 5, stage=stage)

    (stored,) = walk.risks(id=risk.id)
    levels = {one: getattr(stored, f"{one}_level") or None for one in ("inherent", "current", "residual")}
    assert levels == {**dict.fromkeys(levels), stage: 5}


def test_a_proposal_is_not_rated_before_a_person_confirmed_it(walk: Walk, risk: Risk) -> None:
    with pytest.raises(RiskUndecidedError):
        rate(walk, risk, 3, 3)


@pytest.mark.parametrize(("likelihood", "impact", "reason"), [(0, 3, "Seen"), (3, 6, "Seen"), (3, 3, "  ")])
def test_a_rating_outside_of_the_scale_or_without_a_reason_is_refused(
    walk: Walk, risk: Risk, likelihood: int, impact: int, reason: str
) -> None:
    services.confirm_risk(actor=walk.officer, risk_id=risk.id)

    with pytest.raises(RatingRefusedError):
        rate(walk, risk, likelihood, impact, reason=reason)


def test_a_changed_rating_keeps_the_old_one_with_author_time_and_reason(walk: Walk, risk: Risk) -> None:
    services.confirm_risk(actor=walk.officer, risk_id=risk.id)
    rate(walk, risk, 2, 2, reason="At first")
    rate(walk, risk, 4, 4, reason="After the incident")

    with tenant_scope(walk.officer.tenant_id):
        kept = selectors.list_ratings([risk.id])
    assert [(one.level, one.reason, one.rated_by_id) for one in kept] == [
        (4, "After the incident", walk.officer.id),
        (2, "At first", walk.officer.id),
    ]


def test_the_same_rating_again_changes_nothing(walk: Walk, risk: Risk) -> None:
    services.confirm_risk(actor=walk.officer, risk_id=risk.id)
    rate(walk, risk, 2, 2)
    rate(walk, risk, 2, 2)

    with tenant_scope(walk.officer.tenant_id):
        assert RatingChange.objects.filter(risk=risk).count() == 1


def test_the_history_of_ratings_cannot_be_changed(walk: Walk, risk: Risk) -> None:
    services.confirm_risk(actor=walk.officer, risk_id=risk.id)
    rate(walk, risk, 2, 2)

    with (
        tenant_scope(walk.officer.tenant_id),
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
    ):
        RatingChange.objects.filter(risk=risk).update(level=1)


def test_a_risk_is_dismissed_with_a_reason_only(walk: Walk, risk: Risk) -> None:
    with pytest.raises(ReasonMissingError):
        services.dismiss_risk(actor=walk.officer, risk_id=risk.id, reason=" ")


def test_a_dismissed_risk_can_be_taken_back(walk: Walk, risk: Risk) -> None:
    services.dismiss_risk(actor=walk.officer, risk_id=risk.id, reason="Not here")
    services.confirm_risk(actor=walk.officer, risk_id=risk.id)

    (stored,) = walk.risks(id=risk.id)
    assert (stored.state, stored.dismiss_reason) == ("confirmed", "")


def test_a_response_can_be_chosen_after_the_analysis_was_issued() -> None:
    walk = make_issued()
    (risk, *_) = walk.risks(state="confirmed")

    assert services.choose_response(actor=walk.officer, risk_id=risk.id, response="mitigate").response == "mitigate"


def test_a_rating_cannot_be_changed_after_the_analysis_was_issued() -> None:
    walk = make_issued()
    (risk, *_) = walk.risks(state="confirmed")

    with pytest.raises(AnalysisSettledError):
        rate(walk, risk, 1, 1)


def test_that_nothing_threatens_an_asset_is_documented_with_a_reason(walk: Walk, risk: Risk) -> None:
    assert risk.asset_id is not None
    services.exempt_asset(
        actor=walk.officer, analysis_id=walk.id, asset_id=risk.asset_id, reason="It is switched off and locked away"
    )

    with tenant_scope(walk.officer.tenant_id):
        (kept,) = RiskExemption.objects.filter(analysis_id=walk.id)
    assert (kept.reason, kept.decided_by_id) == ("It is switched off and locked away", walk.officer.id)


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_who_may_only_read_decides_nothing(walk: Walk, risk: Risk, role: str) -> None:
    reader = make_actor(walk.practice.tenant, role)

    with pytest.raises(ForbiddenError):
        services.confirm_risk(actor=reader, risk_id=risk.id)
    with pytest.raises(ForbiddenError):
        services.dismiss_risk(actor=reader, risk_id=risk.id, reason="No")


def test_a_risk_of_another_tenant_is_absent(risk: Risk) -> None:
    stranger = make_practice().officer

    with pytest.raises(RiskNotFoundError):
        services.confirm_risk(actor=stranger, risk_id=risk.id)


# --- the register -----------------------------------------------------------------------------------------------------


def test_the_register_begins_with_the_worst_and_goes_on_page_by_page(walk: Walk) -> None:
    first, second, *_ = walk.risks()
    walk.rate(second, 5, 5)
    walk.rate(first, 2, 2)
    pages, cursor = [], ""
    with tenant_scope(walk.officer.tenant_id):
        for _ in walk.risks():
            page = selectors.find_page(analysis_id=walk.id, search=selectors.Search(), cursor=cursor, limit=1)
            pages += [risk.number for risk in page.rows]
            cursor = page.older

    rest = [risk.number for risk in walk.risks() if risk.id not in {first.id, second.id}]
    assert pages == [second.number, first.number, *rest]
    assert cursor == ""


@pytest.mark.parametrize(
    ("search", "names"),
    [
        (selectors.Search(text="archive credentials"), {"Archive"}),
        (selectors.Search(text="nothing-of-the-kind"), set()),
        (selectors.Search(state="confirmed"), set()),
        (selectors.Search(level="5"), set()),
        (selectors.Search(response="mitigate"), set()),
    ],
)
def test_the_register_is_searched_and_filtered(walk: Walk, search: selectors.Search, names: set[str]) -> None:
    with tenant_scope(walk.officer.tenant_id):
        page = selectors.find_page(analysis_id=walk.id, search=search)

    assert {risk.subject_name for risk in page.rows} == names


def test_the_heat_map_counts_confirmed_and_rated_risks(walk: Walk) -> None:
    first, second, *_ = walk.risks()
    walk.rate(first, 3, 4)
    walk.rate(second, 3, 4)

    with tenant_scope(walk.officer.tenant_id):
        assert ("confirmed", 3, 4, 2) in selectors.spread(walk.id)
        assert [risk.id for risk in selectors.top_risks(walk.id, 1)] == [first.id]
