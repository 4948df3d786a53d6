"""A section is closed with name and time once everything in it is answered, and opened again with a reason."""

import pytest

from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.analysis import selectors, services
from compliance.analysis.errors import AnalysisNotFoundError, ReasonMissingError, SectionUnfinishedError
from compliance.analysis.services import Given
from tests.factories.analysis import Walk, make_practice
from tests.factories.cast import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk() -> Walk:
    walk = make_practice().start()
    walk.answer_all()
    return walk


def close(walk: Walk) -> None:
    services.close_section(actor=walk.officer, analysis_id=walk.id, section_id="S1")


def test_closing_writes_down_who_and_when(walk: Walk) -> None:
    section = services.close_section(actor=walk.officer, analysis_id=walk.id, section_id="S1")

    assert section.closed_by_id == walk.officer.id
    assert section.closed_at is not None


def test_closing_twice_keeps_the_first_time(walk: Walk) -> None:
    first = services.close_section(actor=walk.officer, analysis_id=walk.id, section_id="S1")
    again = services.close_section(actor=walk.officer, analysis_id=walk.id, section_id="S1")

    assert again.closed_at == first.closed_at


def test_a_section_with_an_open_question_says_which(walk: Walk) -> None:
    walk.answer("Q-S1-03", "")

    with pytest.raises(SectionUnfinishedError, match=r"Q-S1-03: not answered\."):
        close(walk)


def test_a_section_with_a_flagged_question_says_which(walk: Walk) -> None:
    flagged = Given(value="full", is_flagged=True)
    services.save_answer(
        actor=walk.officer,
        analysis_id=walk.id,
        question_id="Q-S1-04",
        version=walk.answer_row("Q-S1-04").version,
        given=flagged,
    )

    with pytest.raises(SectionUnfinishedError, match=r"Q-S1-04: flagged for later\."):
        close(walk)


def test_a_closed_section_is_opened_with_a_reason_that_stays(walk: Walk) -> None:
    close(walk)
    section = services.reopen_section(actor=walk.officer, analysis_id=walk.id, section_id="S1", reason=" New server ")

    assert (section.closed_at, section.reopen_reason) == (None, "New server")


def test_a_section_is_not_opened_without_a_reason(walk: Walk) -> None:
    close(walk)

    with pytest.raises(ReasonMissingError):
        services.reopen_section(actor=walk.officer, analysis_id=walk.id, section_id="S1", reason="")


def test_a_section_that_the_analysis_does_not_have_is_absent(walk: Walk) -> None:
    with pytest.raises(AnalysisNotFoundError):
        services.close_section(actor=walk.officer, analysis_id=walk.id, section_id="S9")


def test_an_auditor_closes_nothing(walk: Walk) -> None:
    with pytest.raises(ForbiddenError):
        services.close_section(actor=make_actor(walk.practice.tenant, "auditor"), analysis_id=walk.id, section_id="S1")


def test_people_see_who_else_is_in_a_section(walk: Walk) -> None:
    owner = make_actor(walk.practice.tenant, "owner")
    with tenant_scope(walk.officer.tenant_id):
        section = selectors.get_section(actor=owner, analysis_id=walk.id, section_id="S1")
        services.note_visit(actor=owner, section=section)
        services.note_visit(actor=walk.officer, section=section)

        assert selectors.who_is_in(section=section, except_for=walk.officer.id) == ["Person"]
