"""The pages about an analysis as a whole: the list, the overview, its frame, its gates."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import access
from common.actor import Actor
from compliance.analysis import questionnaire, selectors
from compliance.analysis.heads import STATES, Badge, Head, head_of
from compliance.analysis.selectors.gates import Gate
from compliance.assets import selectors as assets
from compliance.models import Analysis, Answer, Risk, SectionState
from compliance.risks import contexts as risk_contexts
from compliance.risks import selectors as risks

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from compliance.packs.content import Section
    from compliance.packs.library import Catalogue
    from compliance.risks.contexts import Matrix, RiskLine


@dataclass(frozen=True, slots=True)
class AnalysisLine:
    id: UUID
    title: str
    badge: Badge
    created_at: dt.datetime
    issued_at: dt.datetime | None
    issue_number: int


@dataclass(frozen=True, slots=True)
class AnalysesPage:
    """All analyses, and where a new one begins."""

    rows: tuple[AnalysisLine, ...]
    can_start: bool


@dataclass(frozen=True, slots=True)
class SectionLine:
    """A section and how far it is."""

    id: str
    title: str
    about: str
    total: int
    done: int
    flagged: int
    to_confirm: int
    closed_by: str
    closed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class QuestionLink:
    question_id: str
    section_id: str
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    raised_at: dt.datetime
    questions: tuple[QuestionLink, ...]


@dataclass(frozen=True, slots=True)
class AnalysisPage:
    """Where an analysis stands."""

    head: Head
    issue_number: int
    issued_at: dt.datetime | None
    issued_by: str
    reasons: tuple[Reason, ...]
    sections: tuple[SectionLine, ...]
    total: int
    done: int
    flagged: tuple[QuestionLink, ...]
    to_confirm: tuple[QuestionLink, ...]
    counts: tuple[tuple["StrOrPromise", int], ...]
    undecided: int
    unrated: int
    heat_map: "Matrix"
    top: tuple["RiskLine", ...]


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class of assets, how many the inventory has, and what was said about it."""

    id: str
    label: str
    count: int
    state: str


@dataclass(frozen=True, slots=True)
class FramePage:
    head: Head
    classes: tuple[ClassLine, ...]


@dataclass(frozen=True, slots=True)
class AssetLine:
    """An asset with patient data to which nothing is rated."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class GatesPage:
    """The nine elements, what each lacks, and whether the analysis can be issued."""

    head: Head
    gates: tuple[Gate, ...]
    met: int
    bare_assets: tuple[AssetLine, ...]


def analyses_page(actor: Actor) -> AnalysesPage:
    """Return the list of analyses."""
    rows = selectors.list_analyses(actor)
    has_draft = any(row.state == Analysis.State.DRAFT for row in rows)
    return AnalysesPage(
        rows=tuple(
            AnalysisLine(row.id, row.title, Badge(*STATES[row.state]), row.created_at, row.issued_at, row.issue_number)
            for row in rows
        ),
        can_start=access.allows(actor, "compliance.write") and not has_draft,
    )


def analysis_page(*, actor: Actor, analysis: Analysis) -> AnalysisPage:
    """Return where an analysis stands."""
    catalogue = questionnaire.catalogue_of(analysis)
    answers = selectors.list_answers(analysis.id)
    skip_reasons = questionnaire.skipped(catalogue, analysis.asset_classes)
    to_do = questionnaire.incomplete(answers, skip_reasons)
    states = selectors.list_sections(analysis.id)
    links = {one.question_id: _link(catalogue, one) for one in answers if one.question_id in catalogue.questions}
    spread = risks.spread(analysis.id)
    counts = Counter[str]()
    for state, _likelihood, _impact, count in spread:
        counts[state] += count
    confirmed = [cell for cell in spread if cell[0] == Risk.State.CONFIRMED]
    return AnalysisPage(
        head=head_of(actor, analysis),
        issue_number=analysis.issue_number,
        issued_at=analysis.issued_at,
        issued_by=analysis.issued_by.name if analysis.issued_by else "",
        reasons=tuple(
            Reason(row.text, row.raised_at, tuple(links[one] for one in row.question_ids if one in to_do))
            for row in selectors.list_stale_reasons(analysis.id)
        ),
        sections=tuple(
            _section(section, [one for one in answers if one.section_id == section.id], to_do, states)
            for section in catalogue.sections.values()
        ),
        total=len(answers),
        done=len(answers) - len(to_do),
        flagged=tuple(links[one.question_id] for one in answers if one.is_flagged),
        to_confirm=tuple(links[one.question_id] for one in answers if one.confirm_reason),
        counts=tuple((label, counts[state]) for state, (label, _tone) in risk_contexts.STATES.items()),
        undecided=counts[Risk.State.PROPOSED],
        unrated=sum(count for _state, likelihood, _impact, count in confirmed if likelihood is None),
        heat_map=risk_contexts.matrix_of(
            catalogue,
            {(likelihood, impact): count for _s, likelihood, impact, count in confirmed if likelihood and impact},
        ),
        top=tuple(risk_contexts.line_of(catalogue, risk) for risk in risks.top_risks(analysis.id, 5)),
    )


def frame_page(*, actor: Actor, analysis: Analysis) -> FramePage:
    """Return what is said about an analysis as a whole."""
    catalogue = questionnaire.catalogue_of(analysis)
    held = Counter(asset.class_id for asset in assets.assets_for_analysis())
    return FramePage(
        head=head_of(actor, analysis),
        classes=tuple(
            ClassLine(class_id, label, held[class_id], _declared(analysis, class_id, held[class_id]))
            for class_id, label in catalogue.asset_classes.items()
        ),
    )


def gates_page(*, actor: Actor, analysis: Analysis) -> GatesPage:
    """Return the nine gates."""
    facts = selectors.Facts.of(analysis)
    found = selectors.gates_of(facts)
    return GatesPage(
        head=head_of(actor, analysis),
        gates=found,
        met=sum(gate.is_met for gate in found),
        bare_assets=tuple(AssetLine(asset.id, asset.name) for asset in facts.bare_assets[:50]),
    )


def _declared(analysis: Analysis, class_id: str, count: int) -> str:
    """Return what was said of a class; what the inventory holds is there, whatever was said."""
    return questionnaire.PRESENT if count else analysis.asset_classes.get(class_id, "")


def _link(catalogue: "Catalogue", answer: Answer) -> QuestionLink:
    text = catalogue.questions[answer.question_id].text
    return QuestionLink(answer.question_id, answer.section_id, text, answer.confirm_reason)


def _section(
    section: "Section",
    answers: list[Answer],
    to_do: dict[str, str],
    states: dict[str, SectionState],
) -> SectionLine:
    state = states.get(section.id)
    return SectionLine(
        id=section.id,
        title=section.title,
        about=section.about,
        total=len(answers),
        done=sum(1 for one in answers if one.question_id not in to_do),
        flagged=sum(1 for one in answers if one.is_flagged),
        to_confirm=sum(1 for one in answers if one.confirm_reason),
        closed_by=state.closed_by.name if state and state.closed_by else "",
        closed_at=state.closed_at if state else None,
    )
