"""The nine elements: each refuses until it is met, and names what lacks."""

import datetime as dt
from collections.abc import Callable

import pytest

from common.scope import tenant_scope
from compliance.analysis import services
from compliance.analysis.errors import IssueRefusedError
from compliance.models import Risk
from compliance.risks import services as risks
from tests.factories.analysis import Practice, Walk, make_practice, make_small_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return make_small_practice()


@pytest.fixture
def walk(practice: Practice) -> Walk:
    return practice.start()


@pytest.mark.req("RA-08")
@pytest.mark.req("RA-14")
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "The scope is not described."),
        (3, "No threat is rated, or documented as not applicable, for: Archive."),
        (4, "Questions to answer or confirm: Q-S1-01 (not answered)"),
        (4, "Specifications without a determination: 164.308(a)(1)(ii)(A)"),
        (4, "Addressable specifications without a recorded decision: 164.308(a)(3)(ii)(A)"),
        (5, "Proposed risks that nobody confirmed or dismissed: R-1 (Archive)"),
        (6, "No impact is rated for: R-1 (Archive)"),
        (7, "The register has no confirmed risk."),
        (8, "Signers to name: assessor, security official, practice owner."),
        (8, "Sections that nobody closed: SRA basics"),
        (8, "The period that the analysis covers is not set."),
        (9, "The date of the next review is not set."),
        (9, "Choose what else causes a review."),
    ],
)
def test_a_new_analysis_lacks_this(walk: Walk, number: int, words: str) -> None:
    assert words in walk.lacks(number)


@pytest.mark.req("RA-14")
@pytest.mark.req("RA-18")
def test_a_complete_analysis_lacks_nothing_and_is_issued(walk: Walk) -> None:
    walk.complete()
    assert {number: walk.lacks(number) for number in range(1, 10)} == dict.fromkeys(range(1, 10), "")

    walk.issue()
    row = walk.row()
    assert (row.state, row.issue_number, row.issued_by_id) == ("issued", 1, walk.officer.id)


# What undoes each of the nine elements of a complete analysis.
def _no_scope(walk: Walk) -> None:
    walk.describe(scope="")


def _no_inflow(walk: Walk) -> None:
    walk.practice.add_asset("AT-NAS", "Backup box")


def _nothing_rated_on_it(walk: Walk) -> None:
    for risk in walk.risks(subject_name="Archive"):
        risks.dismiss_risk(actor=walk.officer, risk_id=risk.id, reason="Not anticipated")


def _an_open_answer(walk: Walk) -> None:
    _reopen(walk, "S1")
    walk.answer("Q-S1-01", "")


def _a_new_proposal(walk: Walk) -> None:
    _reopen(walk, "S1")
    walk.answer("Q-S1-01", "none")


def _an_unrated_risk(walk: Walk) -> None:
    _a_new_proposal(walk)
    for risk in walk.risks(state="proposed"):
        risks.confirm_risk(actor=walk.officer, risk_id=risk.id)


def _a_level_out_of_thin_air(walk: Walk) -> None:
    with tenant_scope(walk.officer.tenant_id):
        Risk.objects.filter(analysis_id=walk.id, number=1).update(current_level=1)


def _a_response_without_what_remains(walk: Walk) -> None:
    risks.choose_response(actor=walk.officer, risk_id=walk.risks(number=1)[0].id, response="mitigate")


def _no_owner(walk: Walk) -> None:
    walk.describe(practice_owner="")


def _a_short_memory(walk: Walk) -> None:
    walk.describe(keep_years=5)


def _an_open_section(walk: Walk) -> None:
    _reopen(walk, "S7")


def _a_review_in_the_past(walk: Walk) -> None:
    walk.describe(next_review_date=dt.date(2020, 1, 1))


def _reopen(walk: Walk, section_id: str) -> None:
    services.reopen_section(actor=walk.officer, analysis_id=walk.id, section_id=section_id, reason="Look again")


@pytest.mark.req("RA-14")
@pytest.mark.parametrize(
    ("number", "undo", "words"),
    [
        (1, _no_scope, "The scope is not described."),
        (1, _no_inflow, "Said to be absent, but in the inventory"),
        (2, _no_inflow, "No flow says how data comes to: Backup box."),
        (3, _nothing_rated_on_it, "No threat is rated, or documented as not applicable, for: Archive."),
        (4, _an_open_answer, "Questions to answer or confirm: Q-S1-01 (not answered)."),
        (5, _a_new_proposal, "Proposed risks that nobody confirmed or dismissed"),
        (5, _an_unrated_risk, "No likelihood is rated for"),
        (6, _an_unrated_risk, "No impact is rated for"),
        (7, _a_level_out_of_thin_air, "The level does not follow from likelihood and impact for: R-1 (Archive)."),
        (7, _a_response_without_what_remains, "what remains after it is not rated, for: R-1 (Archive)."),
        (8, _no_owner, "Signers to name: practice owner."),
        (8, _a_short_memory, "The record must be kept at least 6 years."),
        (8, _an_open_section, "Sections that nobody closed: Contingency planning."),
        (9, _a_review_in_the_past, "The date of the next review has passed."),
    ],
)
def test_each_element_refuses_the_issue_by_name(
    walk: Walk, number: int, undo: Callable[[Walk], None], words: str
) -> None:
    walk.complete()
    undo(walk)

    assert words in walk.lacks(number)
    with pytest.raises(IssueRefusedError) as refusal:
        walk.issue()
    assert words in str(refusal.value)
    assert walk.row().state == "draft"


def test_an_asset_of_which_nobody_said_whether_it_has_patient_data_is_named() -> None:
    practice = make_practice()
    practice.add_asset("AT-CAPWS", "Operatory PC", ephi="unknown")

    assert "Say whether they keep patient data: Operatory PC." in practice.start().lacks(2)


def test_what_data_only_passes_through_needs_a_way_out() -> None:
    practice = make_practice()
    router = practice.add_asset("AT-DICOMGW", "Router", ephi="transient")
    practice.feed(router)

    assert "No flow says where the data is kept that passes through: Router." in practice.start().lacks(2)


def test_an_asset_to_which_no_threat_applies_is_covered_once_that_is_documented(walk: Walk) -> None:
    (risk, *_) = walk.risks(subject_name="Archive")
    assert risk.asset_id is not None
    risks.exempt_asset(actor=walk.officer, analysis_id=walk.id, asset_id=risk.asset_id, reason="Empty and off")

    assert walk.lacks(3) == ""


def test_what_a_practice_said_to_have_must_be_in_the_inventory(walk: Walk) -> None:
    services.declare_classes(actor=walk.officer, analysis_id=walk.id, states={"modality": "present"})

    assert "Said to be present, but not in the inventory:" in walk.lacks(1)


def test_a_long_list_is_named_in_part_and_counted(walk: Walk) -> None:
    assert "and 138 more" in walk.lacks(4)
