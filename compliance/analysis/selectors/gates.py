"""The nine elements that OCR expects of a risk analysis, each a gate: it is met, or it names what lacks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext as _

from common.actor import Actor
from common.clock import today
from compliance.analysis import questionnaire
from compliance.analysis.selectors import analyses
from compliance.analysis.selectors.facts import Facts, Held
from compliance.models.analysis import KEEP_YEARS
from compliance.models.states import Ephi
from compliance.risks import matrix
from compliance.risks.matrix import risk_level

if TYPE_CHECKING:
    from compliance.models import Risk

# So many are named; a longer list is counted.
NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class Gate:
    """One of the nine elements, and what it lacks."""

    number: int
    element: str
    means: str
    lacks: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        """Say whether nothing lacks."""
        return not self.lacks


def gates(*, actor: Actor, analysis_id: UUID) -> tuple[Gate, ...]:
    """Return the nine gates of an analysis."""
    return gates_of(Facts.of(analyses.get_analysis(actor=actor, analysis_id=analysis_id)))


def gates_of(facts: Facts) -> tuple[Gate, ...]:
    """Return the nine gates of what was read."""
    elements = {element.number: element for element in facts.catalogue.method.elements}
    return tuple(
        Gate(number, elements[number].name, elements[number].means, tuple(lacks(facts)))
        for number, lacks in GATES.items()
    )


def scope_of_the_analysis(facts: Facts) -> Iterator[str]:
    """1: every class of assets is answered "present" or "absent", and the scope is written down."""
    if not facts.analysis.scope.strip():
        yield _("The scope is not described.")
    classes = facts.catalogue.asset_classes
    declared = facts.analysis.asset_classes
    if open_classes := [label for class_id, label in classes.items() if class_id not in declared]:
        yield _("Say whether the practice has any: %(names)s.") % {"names": _some(open_classes)}
    held = {asset.class_id for asset in facts.assets}
    if empty := [classes[one] for one, state in declared.items() if state == questionnaire.PRESENT and one not in held]:
        yield _("Said to be present, but not in the inventory: %(names)s.") % {"names": _some(empty)}
    if denied := [classes[one] for one in held if declared.get(one) == questionnaire.ABSENT]:
        yield _("Said to be absent, but in the inventory: %(names)s.") % {"names": _some(denied)}


def data_collection(facts: Facts) -> Iterator[str]:
    """2: of every asset with patient data it is known how the data comes in and where it is kept."""
    if not facts.ephi_assets:
        yield _("No asset of the inventory has patient data.")
    if unsaid := [asset for asset in facts.assets if asset.ephi == Ephi.UNKNOWN]:
        yield _("Say whether they keep patient data: %(names)s.") % {"names": _assets(unsaid)}
    if without := [asset for asset in facts.ephi_assets if asset.id not in facts.fed_ids]:
        yield _("No flow says how data comes to: %(names)s.") % {"names": _assets(without)}
    unkept = [asset for asset in facts.ephi_assets if asset.ephi != Ephi.STORED and asset.id not in facts.feeding_ids]
    if unkept:
        yield _("No flow says where the data is kept that passes through: %(names)s.") % {"names": _assets(unkept)}
    if facts.unknown_devices:
        yield _("Devices that the portal has seen wait to be adopted or dismissed: %(count)s.") % {
            "count": facts.unknown_devices
        }


def threats_and_vulnerabilities(facts: Facts) -> Iterator[str]:
    """3: every asset with patient data has a rated pair, or a documented "none applicable"."""
    if bare := facts.bare_assets:
        yield _("No threat is rated, or documented as not applicable, for: %(names)s.") % {"names": _assets(bare)}


def current_security_measures(facts: Facts) -> Iterator[str]:
    """4: every question is answered, and every required and addressable specification has a determination."""
    to_do = questionnaire.incomplete(facts.answers, facts.skip_reasons)
    if to_do:
        yield _("Questions to answer or confirm: %(names)s.") % {
            "names": _some([f"{question_id} ({what})" for question_id, what in to_do.items()])
        }
    determined = {
        citation
        for question in facts.catalogue.questions.values()
        if question.id not in to_do
        for citation in question.citations
    }
    asked = {citation for question in facts.catalogue.questions.values() for citation in question.citations}
    specifications = facts.catalogue.specifications()
    if open_ones := [one.citation for one in specifications if one.citation in asked - determined]:
        yield _("Specifications without a determination: %(names)s.") % {"names": _some(open_ones)}
    if facts.undecided_spec_ids:
        names = [facts.catalogue.items[one].citation for one in facts.undecided_spec_ids]
        yield _("Addressable specifications without a recorded decision: %(names)s.") % {"names": _some(names)}


def likelihood_of_occurrence(facts: Facts) -> Iterator[str]:
    """5: no pair without a likelihood."""
    if facts.undecided:
        yield _("Proposed risks that nobody confirmed or dismissed: %(names)s.") % {"names": _risks(facts.undecided)}
    if unrated := [risk for risk in facts.confirmed if risk.current_likelihood is None]:
        yield _("No likelihood is rated for: %(names)s.") % {"names": _risks(unrated)}


def potential_impact(facts: Facts) -> Iterator[str]:
    """6: no pair without an impact."""
    if unrated := [risk for risk in (*facts.undecided, *facts.confirmed) if risk.current_impact is None]:
        yield _("No impact is rated for: %(names)s.") % {"names": _risks(unrated)}


def level_of_risk(facts: Facts) -> Iterator[str]:
    """7: the levels come from the matrix that the report prints, and people confirmed them."""
    if not facts.confirmed:
        yield _("The register has no confirmed risk.")
    printed = {row: tuple(cells) for row, cells in facts.catalogue.method.risk_matrix.items()}
    if printed != {row: tuple(cells) for row, cells in matrix.TABLE_I2.items()}:
        yield _("The framework pack prints another matrix than the one that risks are rated with.")
    if odd := [risk for risk in facts.confirmed if risk.current_level and not _is_by_the_matrix(risk)]:
        yield _("The level does not follow from likelihood and impact for: %(names)s.") % {"names": _risks(odd)}
    unrated = [risk for risk in facts.confirmed if risk.response and risk.residual_level is None]
    if unrated:
        yield _("A response is chosen, but what remains after it is not rated, for: %(names)s.") % {
            "names": _risks(unrated)
        }


def final_documentation(facts: Facts) -> Iterator[str]:
    """8: sections are closed, signers are named, and the record is kept six years."""
    analysis, titles = facts.analysis, facts.catalogue.sections
    if still_open := [titles[one].title for one, state in facts.sections.items() if state.closed_at is None]:
        yield _("Sections that nobody closed: %(names)s.") % {"names": _some(still_open)}
    signers = {
        _("assessor"): analysis.assessor,
        _("security official"): analysis.security_official,
        _("practice owner"): analysis.practice_owner,
    }
    if unnamed := [role for role, name in signers.items() if not name.strip()]:
        yield _("Signers to name: %(names)s.") % {"names": _some(unnamed)}
    if analysis.period_start is None or analysis.period_end is None:
        yield _("The period that the analysis covers is not set.")
    if analysis.keep_years < KEEP_YEARS:
        yield _("The record must be kept at least %(years)s years.") % {"years": KEEP_YEARS}


def periodic_review(facts: Facts) -> Iterator[str]:
    """9: a next review and its triggers are set."""
    if facts.analysis.next_review_date is None:
        yield _("The date of the next review is not set.")
    elif facts.analysis.next_review_date <= today():
        yield _("The date of the next review has passed.")
    if not facts.analysis.review_triggers:
        yield _("Choose what else causes a review.")


GATES: Final[dict[int, Callable[[Facts], Iterator[str]]]] = {
    1: scope_of_the_analysis,
    2: data_collection,
    3: threats_and_vulnerabilities,
    4: current_security_measures,
    5: likelihood_of_occurrence,
    6: potential_impact,
    7: level_of_risk,
    8: final_documentation,
    9: periodic_review,
}


def _is_by_the_matrix(risk: "Risk") -> bool:
    if risk.current_likelihood is None or risk.current_impact is None or risk.decided_by_id is None:
        return False
    return risk.current_level == risk_level(risk.current_likelihood, risk.current_impact)


def _some(names: Iterable[str]) -> str:
    """Name a few, and count the rest."""
    listed = list(names)
    if len(listed) <= NAMED:
        return ", ".join(listed)
    return _("%(names)s and %(count)s more") % {"names": ", ".join(listed[:NAMED]), "count": len(listed) - NAMED}


def _assets(assets: Iterable[Held]) -> str:
    return _some([asset.name for asset in assets])


def _risks(risks: Iterable["Risk"]) -> str:
    return _some([f"R-{risk.number} ({risk.subject_name})" for risk in risks])
