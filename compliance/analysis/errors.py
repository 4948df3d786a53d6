"""Refusals of the risk analysis."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import ConflictError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from compliance.models import Answer


class AnalysisNotFoundError(NotFoundError):
    code = "analysis-not-found"
    title = "There is no such risk analysis, or it is not yours to see."


class AnalysisSettledError(ConflictError):
    code = "analysis-settled"
    title = "This risk analysis is issued. Reopen it with a reason before you change it."


class DraftExistsError(ConflictError):
    code = "analysis-draft-exists"
    title = "There is a draft already. Go on with it, or issue it first."


class AnswerChangedError(ConflictError):
    """Somebody else changed the answer in the meantime; `theirs` is what it says now."""

    code = "answer-changed"
    title = "Somebody else changed this answer while you had it open. Nothing of yours was saved; both are shown."

    def __init__(self, theirs: "Answer") -> None:
        super().__init__()
        self.theirs = theirs


class AnswerRefusedError(InvalidInputError):
    code = "answer-refused"
    title = "This is not one of the answers to this question."


class FileRefusedError(InvalidInputError):
    code = "evidence-refused"
    title = "This file cannot be kept as evidence."


class SectionClosedError(ConflictError):
    code = "section-closed"
    title = "This section is closed. Reopen it with a reason before you change an answer."


class SectionUnfinishedError(ConflictError):
    code = "section-unfinished"
    title = "This section cannot be closed yet."


class ReasonMissingError(InvalidInputError):
    code = "reason-missing"
    title = "Give a reason; it stays with the record."


class DescriptionRefusedError(InvalidInputError):
    code = "description-refused"
    title = "The description of the analysis is not complete or contradicts itself."


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps one of the nine elements from being met."""

    element: str
    text: str


class IssueRefusedError(ConflictError):
    """The analysis lacks something; `lacks` says what, element by element."""

    code = "analysis-incomplete"
    title = "The analysis cannot be issued yet."

    def __init__(self, lacks: tuple[Lack, ...]) -> None:
        super().__init__(" ".join(f"{lack.element}: {lack.text}" for lack in lacks))
        self.lacks = lacks
