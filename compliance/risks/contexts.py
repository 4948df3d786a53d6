"""What the pages of the risk register show."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts import selectors as accounts
from common.actor import Actor
from compliance.analysis import questionnaire
from compliance.analysis.heads import Badge, Head, head_of
from compliance.models import Analysis, RatingChange, Risk
from compliance.packs.library import Catalogue
from compliance.remediation import selectors as remediation
from compliance.risks import matrix, selectors
from compliance.risks.selectors import Search

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from compliance.packs.content import Level

STATES: dict[str, tuple["StrOrPromise", str]] = {
    Risk.State.PROPOSED: (_("Proposed"), "info"),
    Risk.State.CONFIRMED: (_("Confirmed"), "ok"),
    Risk.State.DISMISSED: (_("Dismissed"), "neutral"),
}
RESPONSES: dict[str, "StrOrPromise"] = {
    "": _("Not decided"),
    "mitigate": _("Mitigate"),
    "accept": _("Accept"),
    "transfer": _("Transfer"),
    "avoid": _("Avoid"),
}
HARMS: dict[str, "StrOrPromise"] = {"C": _("confidentiality"), "I": _("integrity"), "A": _("availability")}
STAGES: dict[str, "StrOrPromise"] = {
    "inherent": _("Inherent: without any measure"),
    "current": _("Current: with what is in place"),
    "residual": _("Residual: once the response is done"),
}


@dataclass(frozen=True, slots=True)
class LevelMark:
    """A level as it is shown: never by colour alone."""

    level: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell: its level, how many risks it holds, and the stages of the one risk that lie in it."""

    likelihood: int
    impact: int
    level: int
    name: str
    count: int
    stages: tuple["StrOrPromise", ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    likelihood: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Likelihood by impact, the highest likelihood above."""

    impacts: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class RiskLine:
    """One line of the register."""

    id: UUID
    number: int
    subject: str
    threat: str
    vulnerability: str
    statement: str
    badge: Badge
    current: LevelMark | None
    residual: LevelMark | None
    suggested: LevelMark
    response: "StrOrPromise"
    owner: str


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A page of the register."""

    head: Head
    rows: tuple[RiskLine, ...]
    older: str
    is_continued: bool
    is_narrow: bool
    counts: tuple[tuple["StrOrPromise", int], ...]
    undecided: int


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """One step of a scale, in all its words."""

    level: int
    code: str
    name: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RatingLine:
    stage: "StrOrPromise"
    likelihood: str
    impact: str
    level: LevelMark
    reason: str
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Control:
    """A provision that, once met, works against the risk; through a question of the walk."""

    question_id: str
    section_id: str
    question: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SameLine:
    id: UUID
    number: int
    subject: str


@dataclass(frozen=True, slots=True)
class TaskLink:
    """What is being done about the risk."""

    id: UUID
    number: int
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class RiskPage:
    """One risk: what it is, how it was rated, what works against it."""

    head: Head
    line: RiskLine
    harms: tuple["StrOrPromise", ...]
    is_proposed: bool
    is_confirmed: bool
    is_dismissed: bool
    dismiss_reason: str
    decided_by: str
    decided_at: dt.datetime | None
    existing_controls: str
    asset_id: UUID | None
    flow_id: UUID | None
    matrix: Matrix
    overall: Matrix
    likelihoods: tuple[ScaleLine, ...]
    impacts: tuple[ScaleLine, ...]
    ratings: tuple[RatingLine, ...]
    controls: tuple[Control, ...]
    same: tuple[SameLine, ...]
    tasks: tuple[TaskLink, ...]


def mark(catalogue: Catalogue, level: int | None) -> LevelMark | None:
    """Return a level with its name; None while nobody rated."""
    if not level:
        return None
    names = {one.level: one.name for one in catalogue.method.risk_levels}
    return LevelMark(level, matrix.code_of(level), names[level])


def matrix_of(
    catalogue: Catalogue,
    counts: Mapping[tuple[int, int], int],
    stages: Mapping[tuple[int, int], tuple["StrOrPromise", ...]] | None = None,
) -> Matrix:
    """Return the matrix with what lies in its cells."""
    names = {one.level: one.name for one in catalogue.method.risk_levels}
    impacts = sorted(catalogue.method.impact, key=lambda one: one.level)
    rows = []
    for likelihood in sorted(catalogue.method.likelihood, key=lambda one: -one.level):
        cells = []
        for impact in impacts:
            place = (likelihood.level, impact.level)
            level = matrix.risk_level(*place)
            cells.append(MatrixCell(*place, level, names[level], counts.get(place, 0), (stages or {}).get(place, ())))
        rows.append(MatrixRow(likelihood.name, tuple(cells)))
    return Matrix(impacts=tuple(one.name for one in impacts), rows=tuple(rows))


def overall_of(catalogue: Catalogue) -> Matrix:
    """Return the table that leads from "begins" and "does harm" to the likelihood of both."""
    steps = sorted(catalogue.method.likelihood, key=lambda one: one.level)
    names = {one.level: one.name for one in steps}
    rows = [
        MatrixRow(
            beginning.name,
            tuple(
                MatrixCell(beginning.level, harm.level, level, names[level], 0, ())
                for harm in steps
                for level in [matrix.overall_likelihood(beginning.level, harm.level)]
            ),
        )
        for beginning in reversed(steps)
    ]
    return Matrix(impacts=tuple(one.name for one in steps), rows=tuple(rows))


def line_of(catalogue: Catalogue, risk: Risk) -> RiskLine:
    """Return one line of the register."""
    suggested = mark(catalogue, matrix.risk_level(risk.suggested_likelihood, risk.suggested_impact))
    assert suggested is not None
    return RiskLine(
        id=risk.id,
        number=risk.number,
        subject=risk.subject_name,
        threat=catalogue.threats[risk.threat_id].name,
        vulnerability=catalogue.vulnerabilities[risk.vulnerability_id].name,
        statement=risk.statement,
        badge=Badge(*STATES[risk.state]),
        current=mark(catalogue, risk.current_level),
        residual=mark(catalogue, risk.residual_level),
        suggested=suggested,
        response=RESPONSES[risk.response],
        owner=risk.owner_name,
    )


def register_page(*, actor: Actor, analysis: Analysis, search: Search, cursor: str) -> RegisterPage:
    """Return one page of the register."""
    catalogue = questionnaire.catalogue_of(analysis)
    found = selectors.find_page(analysis_id=analysis.id, search=search, cursor=cursor)
    counts: Counter[str] = selectors.count_by_state(analysis.id)
    return RegisterPage(
        head=head_of(actor, analysis),
        rows=tuple(line_of(catalogue, risk) for risk in found.rows),
        older=found.older,
        is_continued=bool(cursor),
        is_narrow=search.is_narrow,
        counts=tuple((label, counts[state]) for state, (label, _tone) in STATES.items()),
        undecided=counts[Risk.State.PROPOSED],
    )


def risk_page(*, actor: Actor, risk: Risk) -> RiskPage:
    """Return the page of one risk."""
    catalogue = questionnaire.catalogue_of(risk.analysis)
    ratings = selectors.list_ratings([risk.id])
    names = accounts.names_of_users({one for one in [risk.decided_by_id, *(r.rated_by_id for r in ratings)] if one})
    head = head_of(actor, risk.analysis)
    return RiskPage(
        head=head,
        line=line_of(catalogue, risk),
        harms=tuple(HARMS.get(one, one) for one in catalogue.threats[risk.threat_id].harms),
        is_proposed=risk.state == Risk.State.PROPOSED,
        is_confirmed=risk.state == Risk.State.CONFIRMED,
        is_dismissed=risk.state == Risk.State.DISMISSED,
        dismiss_reason=risk.dismiss_reason,
        decided_by=names.get(risk.decided_by_id, "") if risk.decided_by_id else "",
        decided_at=risk.decided_at,
        existing_controls=risk.existing_controls,
        asset_id=risk.asset_id,
        flow_id=risk.flow_id,
        matrix=matrix_of(catalogue, {}, _places(risk)),
        overall=overall_of(catalogue),
        likelihoods=tuple(_scale(one) for one in catalogue.method.likelihood),
        impacts=tuple(_scale(one) for one in catalogue.method.impact),
        ratings=tuple(_rating(catalogue, rating, names) for rating in ratings),
        controls=_controls(catalogue, risk),
        same=tuple(SameLine(one.id, one.number, one.subject_name) for one in selectors.list_same_pair(risk))
        if head.can_change
        else (),
        tasks=tuple(TaskLink(one.id, one.number, one.title, one.state) for one in remediation.tasks_of_risk(risk.id)),
    )


def _places(risk: Risk) -> dict[tuple[int, int], tuple["StrOrPromise", ...]]:
    """Return where the risk lies in the matrix, stage by stage."""
    found: dict[tuple[int, int], tuple[StrOrPromise, ...]] = {}
    short = {"inherent": _("inherent"), "current": _("current"), "residual": _("residual")}
    for stage in RatingChange.Stage.values:
        likelihood, impact = getattr(risk, f"{stage}_likelihood"), getattr(risk, f"{stage}_impact")
        if likelihood and impact:
            found[likelihood, impact] = (*found.get((likelihood, impact), ()), short[stage])
    return found


def _scale(level: "Level") -> ScaleLine:
    return ScaleLine(level.level, level.code, level.name, tuple(level.texts.values()))


def _rating(catalogue: Catalogue, rating: RatingChange, names: Mapping[UUID, str]) -> RatingLine:
    level = mark(catalogue, rating.level)
    assert level is not None
    likelihoods = {one.level: one.name for one in catalogue.method.likelihood}
    impacts = {one.level: one.name for one in catalogue.method.impact}
    return RatingLine(
        stage=STAGES[rating.stage],
        likelihood=likelihoods[rating.likelihood],
        impact=impacts[rating.impact],
        level=level,
        reason=rating.reason,
        by=names.get(rating.rated_by_id, "") if rating.rated_by_id else "",
        at=rating.rated_at,
    )


def _controls(catalogue: Catalogue, risk: Risk) -> tuple[Control, ...]:
    asked = [catalogue.questions[one] for one in selectors.list_origins(risk.id) if one in catalogue.questions]
    return tuple(
        Control(
            question.id,
            question.section_id,
            question.text,
            tuple(f"{item.citation} {item.title}".strip() for item in catalogue.items_of(question)),
        )
        for question in asked
    )
