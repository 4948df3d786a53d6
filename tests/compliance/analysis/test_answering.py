"""Answering: several people at once, nobody's words are lost, nothing is answered for anybody."""

import pytest

from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.analysis import questionnaire, selectors, services
from compliance.analysis.errors import AnalysisNotFoundError, AnswerChangedError, AnswerRefusedError, SectionClosedError
from compliance.analysis.help import help_for
from compliance.analysis.services import Given
from compliance.models import Task
from tests.factories.analysis import Walk, make_practice
from tests.factories.cast import make_actor

pytestmark = pytest.mark.django_db

QUESTION = "Q-S1-01"
ABOUT_USB = "Q-S4-22"


@pytest.fixture
def walk() -> Walk:
    return make_practice().start()


def save(walk: Walk, version: int, value: str, comment: str = "", *, actor: object = None) -> None:
    services.save_answer(
        actor=actor or walk.officer,  # type: ignore[arg-type]  # an actor, or nobody
        analysis_id=walk.id,
        question_id=QUESTION,
        version=version,
        given=Given(value=value, comment=comment),
    )


@pytest.mark.req("RA-17")
def test_an_analysis_begins_with_an_open_answer_to_every_question(walk: Walk) -> None:
    with tenant_scope(walk.officer.tenant_id):
        answers = selectors.list_answers(walk.id)

    assert len(answers) == len(walk.catalogue.questions) == 144
    assert {(answer.value, answer.answered_by_id) for answer in answers} == {("", None)}


def test_an_answer_keeps_who_gave_it_and_when(walk: Walk) -> None:
    walk.answer(QUESTION, "partial", "One site only")

    kept = walk.answer_row(QUESTION)
    assert (kept.value, kept.comment, kept.answered_by_id) == ("partial", "One site only", walk.officer.id)
    assert kept.answered_at is not None


def test_a_comment_may_be_as_long_as_it_needs_to_be(walk: Walk) -> None:
    walk.answer(QUESTION, "partial", "x" * 200_000)

    assert len(walk.answer_row(QUESTION).comment) == 200_000


def test_of_two_people_who_began_from_the_same_version_one_wins_and_the_other_is_shown_both(walk: Walk) -> None:
    colleague = make_actor(walk.practice.tenant, "owner")
    save(walk, 1, "full", "Mine")

    with pytest.raises(AnswerChangedError) as refusal:
        save(walk, 1, "none", "Theirs", actor=colleague)

    assert (refusal.value.theirs.value, refusal.value.theirs.comment) == ("full", "Mine")
    assert walk.answer_row(QUESTION).value == "full"


def test_who_has_seen_the_other_answer_may_replace_it(walk: Walk) -> None:
    colleague = make_actor(walk.practice.tenant, "owner")
    save(walk, 1, "full", "Mine")
    save(walk, 2, "none", "Theirs", actor=colleague)

    assert walk.answer_row(QUESTION).comment == "Theirs"


def test_newer_words_of_the_same_person_replace_the_older_ones(walk: Walk) -> None:
    save(walk, 1, "partial", "I am typ")
    save(walk, 1, "partial", "I am typing")

    assert walk.answer_row(QUESTION).comment == "I am typing"


def test_the_same_answer_again_changes_nothing(walk: Walk) -> None:
    save(walk, 1, "full")
    save(walk, 2, "full")

    assert walk.answer_row(QUESTION).version == 2


def test_an_answer_is_one_of_those_of_its_question(walk: Walk) -> None:
    with pytest.raises(AnswerRefusedError):
        save(walk, 1, "lt12")


def test_an_answer_in_a_closed_section_is_refused(walk: Walk) -> None:
    walk.declare()
    walk.answer_all()
    services.close_section(actor=walk.officer, analysis_id=walk.id, section_id="S1")

    with pytest.raises(SectionClosedError):
        walk.answer(QUESTION, "none")


@pytest.mark.parametrize("role", ["auditor", "administrator", "technician", "dentist"])
def test_who_was_not_asked_answers_nothing(walk: Walk, role: str) -> None:
    with pytest.raises(ForbiddenError):
        walk.answer(QUESTION, "full", actor=make_actor(walk.practice.tenant, role))


def test_a_member_answers_what_was_assigned_and_nothing_else(walk: Walk) -> None:
    technician = make_actor(walk.practice.tenant, "technician")
    services.assign(actor=walk.officer, analysis_id=walk.id, question_id=QUESTION, assignee_id=technician.id)
    walk.answer(QUESTION, "mostly", actor=technician)

    assert walk.answer_row(QUESTION).answered_by_id == technician.id
    with pytest.raises(ForbiddenError):
        walk.answer("Q-S1-02", "never", actor=technician)


def test_an_auditor_cannot_be_made_to_answer(walk: Walk) -> None:
    auditor = make_actor(walk.practice.tenant, "auditor")
    services.assign(actor=walk.officer, analysis_id=walk.id, question_id=QUESTION, assignee_id=auditor.id)

    with pytest.raises(ForbiddenError):
        walk.answer(QUESTION, "full", actor=auditor)


def test_a_question_is_assigned_within_the_practice_only(walk: Walk) -> None:
    stranger = make_practice().officer

    with pytest.raises(AnswerRefusedError):
        services.assign(actor=walk.officer, analysis_id=walk.id, question_id=QUESTION, assignee_id=stranger.id)


def test_another_tenants_answer_is_absent(walk: Walk) -> None:
    stranger = make_practice().officer

    with pytest.raises(AnalysisNotFoundError):
        save(walk, 1, "full", actor=stranger)


# --- what is skipped, and what is still to do -------------------------------------------------------------------------


def test_a_question_about_what_the_practice_does_not_have_is_skipped(walk: Walk) -> None:
    walk.declare()

    skipped = questionnaire.skipped(walk.catalogue, walk.row().asset_classes)
    assert {"Q-S4-20", "Q-S6-09"} <= set(skipped)


def test_a_question_about_several_kinds_is_asked_as_long_as_one_is_there() -> None:
    practice = make_practice()
    practice.add_asset("AT-CAPWS", "Operatory PC")
    walk = practice.start()
    walk.declare()

    assert ABOUT_USB not in questionnaire.skipped(walk.catalogue, walk.row().asset_classes)


def test_a_question_about_a_way_of_sending_is_never_skipped(walk: Walk) -> None:
    walk.declare()

    assert "Q-S8-19" not in questionnaire.skipped(walk.catalogue, walk.row().asset_classes)


@pytest.mark.parametrize(
    ("value", "comment", "to_do"),
    [
        ("", "", "not answered"),
        ("na", "", "without the reason why it does not apply"),
        ("na", "We have no servers", ""),
        ("unknown", "", ""),
        ("full", "", ""),
    ],
)
def test_an_answer_says_what_it_still_needs(walk: Walk, value: str, comment: str, to_do: str) -> None:
    walk.answer(QUESTION, value, comment)

    assert questionnaire.standing_of(walk.answer_row(QUESTION), "").to_do == to_do


def test_every_answer_of_every_question_has_its_own_help(walk: Walk) -> None:
    texts = [
        (question.id, one.value, one.text)
        for question in walk.catalogue.questions.values()
        for one in help_for(walk.catalogue, question)
    ]

    assert [(question_id, value) for question_id, value, text in texts if len(text) < 12] == []
    assert len({text for question_id, _, text in texts if question_id == QUESTION}) >= 5


def test_an_unknown_answer_opens_one_task_of_finding_out(walk: Walk) -> None:
    technician = make_actor(walk.practice.tenant, "technician")
    services.assign(actor=walk.officer, analysis_id=walk.id, question_id=QUESTION, assignee_id=technician.id)
    walk.answer(QUESTION, "unknown", actor=technician)
    walk.answer(QUESTION, "unknown", "Still asking", actor=technician)

    with tenant_scope(walk.officer.tenant_id):
        (task,) = Task.objects.all()
    assert task.question_id == QUESTION
    assert task.title.startswith("Find out: Has the practice finished and signed")
