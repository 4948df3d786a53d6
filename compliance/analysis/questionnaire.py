"""What an analysis asks: the packs that it was begun with, what it skips, and what makes an answer complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from compliance.packs import library
from compliance.packs.content import Choice, Question
from compliance.packs.library import Catalogue
from compliance.risks.subjects import usual_pairs

if TYPE_CHECKING:
    from compliance.models import Analysis, Answer

PRESENT, ABSENT = "present", "absent"
NOT_APPLICABLE, UNKNOWN = "na", "unknown"


def catalogue_of(analysis: "Analysis") -> Catalogue:
    """Return the content that an analysis works with, in the versions that it was begun with."""
    return library.catalogue(tuple(sorted(analysis.pack_versions.items())))


def choice_of(catalogue: Catalogue, question_id: str, value: str) -> Choice | None:
    """Return the choice that an answer made; None while there is none, or where the pack has the question no more."""
    question = catalogue.questions.get(question_id)
    return catalogue.choice(question, value) if question else None


def gap_of(catalogue: Catalogue, question_id: str, value: str) -> float | None:
    """Return how far an answer is from all in place; None where it does not apply or is not there."""
    choice = choice_of(catalogue, question_id, value)
    return choice.gap if choice else None


def skipped(catalogue: Catalogue, asset_classes: Mapping[str, str]) -> dict[str, str]:
    """Return the questions that ask only for classes of assets which the practice said it does not have, and why."""
    absent = {class_id for class_id, state in asset_classes.items() if state == ABSENT}
    reasons = {question.id: _absent_classes(catalogue, question, absent) for question in catalogue.questions.values()}
    return {
        question_id: _("The practice has nothing of this kind: %(classes)s.")
        % {"classes": ", ".join(catalogue.asset_classes.get(one, one) for one in classes)}
        for question_id, classes in reasons.items()
        if classes
    }


def _absent_classes(catalogue: Catalogue, question: Question, absent: set[str]) -> list[str]:
    """Return the classes that the question is about when all are absent; a question about a flow is never skipped."""
    types = [catalogue.asset_types.get(concern) for concern in question.concerns]
    classes = {kind.class_id for kind in types if kind is not None}
    return sorted(classes) if types and None not in types and classes <= absent else []


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an answer stands: nothing to do, or what is to be done."""

    is_complete: bool
    to_do: str


def standing_of(answer: "Answer", skip_reason: str) -> Standing:
    """Say whether an answer is complete, and if not, what it lacks."""
    if answer.confirm_reason:
        return Standing(is_complete=False, to_do=_("to be confirmed"))
    if answer.value == NOT_APPLICABLE and not answer.comment.strip():
        return Standing(is_complete=False, to_do=_("without the reason why it does not apply"))
    if not answer.value and not skip_reason:
        return Standing(is_complete=False, to_do=_("not answered"))
    return Standing(is_complete=True, to_do="")


def incomplete(answers: Iterable["Answer"], skip_reasons: Mapping[str, str]) -> dict[str, str]:
    """Return what is to be done, by question."""
    found = {
        answer.question_id: standing_of(answer, skip_reasons.get(answer.question_id, "")).to_do for answer in answers
    }
    return {question_id: to_do for question_id, to_do in found.items() if to_do}


def triggers_of(analysis: "Analysis") -> tuple[str, ...]:
    """Return what may cause a review, in the words of the method."""
    return catalogue_of(analysis).method.review_triggers


# What every new thing is measured by: is it written down?
_NOT_WRITTEN_DOWN: Final = "V-NOINV"


def concerned(catalogue: Catalogue, kind_id: str, *, is_new: bool) -> tuple[str, ...]:
    """Return the questions that a change of something of this type, or of a flow of this channel, concerns."""
    pairs = {(pair.threat_id, pair.vulnerability_id) for pair in usual_pairs(catalogue, kind_id)}
    return tuple(
        question.id
        for question in catalogue.questions.values()
        if kind_id in question.concerns
        or any((one.threat_id, one.vulnerability_id) in pairs for one in question.statements)
        or (is_new and any(one.vulnerability_id == _NOT_WRITTEN_DOWN for one in question.statements))
    )
