"""One question, as a card: what it asks, what each answer means, what was answered, what the portal measured."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from compliance.analysis import questionnaire, selectors
from compliance.analysis.heads import Head, head_of
from compliance.analysis.help import help_for
from compliance.evidence import selectors as evidence
from compliance.models import Analysis, Answer, AnswerFile, Verdict
from compliance.risks import selectors as risks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django_stubs_ext import StrOrPromise

    from compliance.analysis.services import Given
    from compliance.evidence.selectors import Suggestion
    from compliance.packs.library import Catalogue


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """One possible answer, and what it asks of the one who gives it."""

    value: str
    label: str
    help: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FileLine:
    id: UUID
    file_name: str
    size_bytes: int
    sha256: str
    added_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """What the portal measured: beside the answer, never in its place."""

    measures: str
    value: str
    detail: str
    verdict: "StrOrPromise"
    tone: str
    measured_at: dt.datetime
    contradicts: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A question and its answer."""

    analysis_id: UUID
    question_id: str
    section_id: str
    text: str
    guidance: str
    ask: str
    citations: tuple[str, ...]
    proposed: tuple[str, ...]
    choices: tuple[ChoiceLine, ...]
    value: str
    label: str
    help: str
    comment: str
    is_flagged: bool
    version: int
    to_do: str
    confirm_reason: str
    skip_reason: str
    assignee: str
    answered_by: str
    answered_at: dt.datetime | None
    files: tuple[FileLine, ...]
    risk_count: int
    measured: tuple[Measured, ...]
    can_answer: bool

    @property
    def is_contradicted(self) -> bool:
        """Say whether a measurement says otherwise than the answer."""
        return any(one.contradicts for one in self.measured)


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody else answered in the meantime, beside what the reader wanted to save."""

    their_label: str
    their_comment: str
    their_version: int
    by: str
    at: dt.datetime | None
    my_value: str
    my_label: str
    my_comment: str
    my_flag: bool
    my_version: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    id: UUID
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """The page of one question."""

    head: Head
    card: Card
    people: tuple[PersonLine, ...]
    is_readable: bool
    conflict: Conflict | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class AssignedLine:
    analysis_id: UUID
    analysis: str
    question_id: str
    text: str
    to_do: str


@dataclass(frozen=True, slots=True)
class AssignedPage:
    """What one person was asked to answer."""

    lines: tuple[AssignedLine, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What cards of one page share, read once."""

    catalogue: "Catalogue"
    skip_reasons: "Mapping[str, str]"
    files: "Iterable[AnswerFile]"
    risk_counts: "Mapping[str, int]"
    suggestions: "Mapping[str, list[Suggestion]]"

    @classmethod
    def of(cls, analysis: Analysis, answers: list[Answer]) -> "Around":
        """Read it for some answers of an analysis."""
        catalogue = questionnaire.catalogue_of(analysis)
        question_ids = [answer.question_id for answer in answers]
        return cls(
            catalogue=catalogue,
            skip_reasons=questionnaire.skipped(catalogue, analysis.asset_classes),
            files=selectors.list_files([answer.id for answer in answers]),
            risk_counts=risks.count_by_question(analysis.id, question_ids),
            suggestions=evidence.suggestions(question_ids),
        )


def make_card(around: Around, answer: Answer, *, can_answer: bool) -> Card:
    """Put one answer into words."""
    catalogue = around.catalogue
    question = catalogue.questions[answer.question_id]
    skip_reason = "" if answer.value else around.skip_reasons.get(question.id, "")
    choices = _choices(catalogue, answer)
    chosen = next((choice for choice in choices if choice.is_chosen), None)
    items = catalogue.items_of(question)
    return Card(
        analysis_id=answer.analysis_id,
        question_id=question.id,
        section_id=question.section_id,
        text=question.text,
        guidance=question.guidance,
        ask=catalogue.roles.get(question.ask_role, question.ask_role),
        citations=tuple(f"{item.citation} {item.title}".strip() for item in items if not item.is_proposed),
        proposed=tuple(item.title for item in items if item.is_proposed),
        choices=choices,
        value=answer.value,
        label=chosen.label if chosen else "",
        help=chosen.help if chosen else "",
        comment=answer.comment,
        is_flagged=answer.is_flagged,
        version=answer.version,
        to_do=questionnaire.standing_of(answer, skip_reason).to_do,
        confirm_reason=answer.confirm_reason,
        skip_reason=skip_reason,
        assignee=answer.assignee.name if answer.assignee else "",
        answered_by=answer.answered_by.name if answer.answered_by else "",
        answered_at=answer.answered_at,
        files=tuple(_file(file) for file in around.files if file.answer_id == answer.id),
        risk_count=around.risk_counts.get(question.id, 0),
        measured=tuple(
            _measured(one, answer.value)
            for one in around.suggestions.get(question.id, [])
            if one.verdict != Verdict.UNMEASURED
        ),
        can_answer=can_answer,
    )


def may_answer(actor: Actor, answer: Answer) -> bool:
    """Say whether the actor may answer this question at all; whether its section is open is another matter."""
    return access.allows(actor, "compliance.write") or selectors.is_asked(actor, answer)


def conflict_of(*, theirs: Answer, mine: "Given", version: int) -> Conflict:
    """Return both answers of a conflict."""
    catalogue = questionnaire.catalogue_of(theirs.analysis)
    their_choice = questionnaire.choice_of(catalogue, theirs.question_id, theirs.value)
    my_choice = questionnaire.choice_of(catalogue, theirs.question_id, mine.value)
    names = accounts.names_of_users({theirs.answered_by_id} if theirs.answered_by_id else set())
    return Conflict(
        their_label=their_choice.label if their_choice else "",
        their_comment=theirs.comment,
        their_version=theirs.version,
        by=next(iter(names.values()), ""),
        at=theirs.answered_at,
        my_value=mine.value,
        my_label=my_choice.label if my_choice else "",
        my_comment=mine.comment,
        my_flag=mine.is_flagged,
        my_version=version,
    )


def answer_page(*, actor: Actor, answer: Answer, conflict: Conflict | None = None, error: str = "") -> AnswerPage:
    """Return the page of one question."""
    around = Around.of(answer.analysis, [answer])
    head = head_of(actor, answer.analysis)
    members = accounts.names_of_members() if head.can_change else {}
    return AnswerPage(
        head=head,
        card=make_card(around, answer, can_answer=head.is_open and may_answer(actor, answer)),
        people=tuple(PersonLine(one, name, one == answer.assignee_id) for one, name in members.items()),
        is_readable=access.allows(actor, "compliance.read"),
        conflict=conflict,
        error=error,
    )


def assigned_page(actor: Actor) -> AssignedPage:
    """Return what one person was asked to answer."""
    lines = []
    for answer in selectors.list_assigned(actor):
        catalogue = questionnaire.catalogue_of(answer.analysis)
        skip_reasons = questionnaire.skipped(catalogue, answer.analysis.asset_classes)
        standing = questionnaire.standing_of(answer, skip_reasons.get(answer.question_id, ""))
        text = catalogue.questions[answer.question_id].text
        lines.append(AssignedLine(answer.analysis_id, answer.analysis.title, answer.question_id, text, standing.to_do))
    return AssignedPage(lines=tuple(lines))


def _choices(catalogue: "Catalogue", answer: Answer) -> tuple[ChoiceLine, ...]:
    question = catalogue.questions[answer.question_id]
    helps = {one.value: one.text for one in help_for(catalogue, question)}
    return tuple(
        ChoiceLine(choice.value, choice.label, helps[choice.value], is_chosen=choice.value == answer.value)
        for choice in catalogue.scales[question.scale_id]
    )


def _file(file: AnswerFile) -> FileLine:
    return FileLine(file.id, file.file_name, file.size_bytes, file.sha256, file.added_at)


_TONES = {Verdict.PASS: "ok", Verdict.NEAR: "warn", Verdict.FAIL: "bad"}


def _measured(one: "Suggestion", answer: str) -> Measured:
    return Measured(
        measures=one.measures,
        value=str(one.value if one.value is not None else ""),
        detail=one.detail,
        verdict=Verdict(one.verdict).label,
        tone=_TONES.get(Verdict(one.verdict), "neutral"),
        measured_at=one.measured_at,
        contradicts=one.contradicts(answer),
    )
