"""What an answer asks for: other words for each of them, made from what the pack says about the question."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from compliance.analysis.questionnaire import NOT_APPLICABLE, UNKNOWN
from compliance.packs.content import Choice, Question
from compliance.packs.library import Catalogue


@dataclass(frozen=True, slots=True)
class Help:
    """One sentence for an answer."""

    value: str
    text: str


def help_for(catalogue: Catalogue, question: Question) -> tuple[Help, ...]:
    """Return what each answer of a question means for the one who gives it."""
    return tuple(
        Help(choice.value, answer_help(catalogue, question, choice)) for choice in catalogue.scales[question.scale_id]
    )


def answer_help(catalogue: Catalogue, question: Question, choice: Choice) -> str:
    """Return what one answer means for the one who gives it."""
    if choice.value == NOT_APPLICABLE:
        return _("Write in the comment why this does not apply to the practice.")
    if choice.value == UNKNOWN:
        role = catalogue.roles.get(question.ask_role, question.ask_role)
        return _("Counts as if nothing were in place until it is known. Ask: %(role)s.") % {"role": role.lower()}
    if choice.gap == 0:
        return _("Be ready to show: %(evidence)s.") % {"evidence": _evidence(catalogue, question)}
    what_may_happen = " ".join(statement.text for statement in question.statements)
    if (choice.gap or 0) >= 0.75:
        return _("%(risk)s First step: %(remedy)s") % {"risk": what_may_happen, "remedy": question.remedy}
    return _("Say in the comment where it lacks. What remains: %(remedy)s") % {"remedy": question.remedy}


def _evidence(catalogue: Catalogue, question: Question) -> str:
    measured = [catalogue.probes[probe_id].measures for probe_id in question.probe_ids]
    shown = [question.manual_evidence] if question.manual_evidence else []
    return "; ".join([*shown, *measured]) or question.guidance
