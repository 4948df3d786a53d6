"""The front page of retention, the rules, and the simulation."""

import datetime as dt
from dataclasses import dataclass

from accounts import access
from common.actor import Actor
from common.clock import today
from compliance.models import DeletionRun
from compliance.retention import explaining, holds, policy, runs, simulation, wishes
from compliance.retention.content import DEFAULT_ID, MinorClock, Rule
from compliance.retention.engine import Figures
from compliance.retention.errors import RuleNotFoundError
from compliance.retention.policy import Confirmation, Terms
from compliance.retention.simulation import Comparison, Forecast

_TONES = {
    DeletionRun.State.PENDING: "info",
    DeletionRun.State.STOPPED: "warn",
    DeletionRun.State.APPROVED: "warn",
    DeletionRun.State.DONE: "ok",
    DeletionRun.State.CANCELLED: "neutral",
}


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list."""

    id: object
    number: int
    kind: str
    state: str
    state_label: str
    tone: str
    began_at: dt.datetime
    began_by: str
    cooling_until: dt.datetime
    count: int


@dataclass(frozen=True, slots=True)
class InForce:
    """One rule that holds for everybody of the tenant."""

    rule_id: str
    title: str
    years: int
    until_age: int
    is_known: bool
    confirmation: Confirmation | None


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Where retention stands."""

    rules: tuple[InForce, ...]
    overlays: tuple[str, ...]
    is_default: bool
    due_count: int
    open_wishes: int
    standing_holds: int
    overdue_holds: int
    runs: tuple[RunLine, ...]
    can_manage: bool


def build_overview(*, actor: Actor) -> OverviewPage:
    """Return the front page (inside the open scope)."""
    terms = policy.terms()
    standing = holds.list_standing()
    return OverviewPage(
        rules=tuple(_in_force(terms)),
        overlays=tuple(terms.book.overlays[one].applies_when for one in terms.overlays),
        is_default=not terms.jurisdictions,
        due_count=len(runs.list_due()),
        open_wishes=len(wishes.list_open()),
        standing_holds=len(standing),
        overdue_holds=sum(hold.review_date < today() for hold in standing),
        runs=tuple(run_line(run, count) for run, count in runs.list_runs_with_counts()),
        can_manage=access.allows(actor, "retention.manage"),
    )


def run_line(run: DeletionRun, count: int) -> RunLine:
    """Return a run as a line of a list."""
    return RunLine(
        id=run.id,
        number=run.number,
        kind=str(DeletionRun.Kind(run.kind).label),
        state=run.state,
        state_label=str(DeletionRun.State(run.state).label),
        tone=_TONES[DeletionRun.State(run.state)],
        began_at=run.began_at,
        began_by=run.began_by.name,
        cooling_until=run.cooling_until,
        count=count,
    )


def _in_force(terms: Terms) -> list[InForce]:
    said = policy.confirmations()
    return [_rule_in_force(terms, rule_id, said.get(rule_id)) for rule_id in terms.rule_ids]


def _rule_in_force(terms: Terms, rule_id: str, confirmation: Confirmation | None) -> InForce:
    rule = terms.book.rules.get(rule_id)
    figures = confirmation.figures if confirmation and confirmation.figures else _figures_of(terms, rule)
    return InForce(
        rule_id=rule_id,
        title=rule.jurisdiction if rule else "",
        years=figures.adult_years,
        until_age=figures.minor.until_age,
        is_known=bool(rule and rule.is_known) or bool(confirmation and confirmation.figures),
        confirmation=confirmation,
    )


def _figures_of(terms: Terms, rule: Rule | None) -> Figures:
    if rule is None or rule.adult_years is None:
        return Figures(terms.book.default.adult_years, terms.book.default.minor, "")
    minor = rule.minor or MinorClock(rule.majority_age, rule.majority_age + rule.adult_years)
    return Figures(rule.adult_years, minor, rule.citation)


# --- rules ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of the book."""

    id: str
    title: str
    is_known: bool
    is_chosen: bool
    years: int
    until_age: int
    citation: str
    url: str
    confidence: str
    note: str
    confirmation: Confirmation | None


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The book, and what was confirmed of it."""

    rows: tuple[RuleLine, ...]
    version: int
    compiled_date: dt.date
    notice: str
    gates: tuple[str, ...]
    can_manage: bool


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule, and everything that was said about it."""

    row: RuleLine
    history: tuple[tuple[bool, Confirmation], ...]
    destruction_notice: str
    can_manage: bool


def build_rules(*, actor: Actor) -> RulesPage:
    """Return the rules, those that hold here in front (inside the open scope)."""
    terms = policy.terms()
    said = policy.confirmations()
    rows = [_rule_line(terms, rule_id, said.get(rule_id)) for rule_id in (DEFAULT_ID, *terms.book.rules)]
    return RulesPage(
        rows=tuple(sorted(rows, key=lambda row: (not row.is_chosen, row.confirmation is None, row.title))),
        version=terms.book.version,
        compiled_date=terms.book.compiled_date,
        notice=terms.book.notice,
        gates=terms.book.gates,
        can_manage=access.allows(actor, "retention.manage"),
    )


def build_rule(*, actor: Actor, rule_id: str) -> RulePage:
    """Return one rule, or raise (inside the open scope)."""
    terms = policy.terms()
    if rule_id != DEFAULT_ID and rule_id not in terms.book.rules:
        raise RuleNotFoundError
    rule = terms.book.rules.get(rule_id)
    return RulePage(
        row=_rule_line(terms, rule_id, policy.confirmations().get(rule_id)),
        history=tuple(policy.history(rule_id)),
        destruction_notice=rule.destruction_notice if rule else "",
        can_manage=access.allows(actor, "retention.manage"),
    )


def _rule_line(terms: Terms, rule_id: str, said: Confirmation | None) -> RuleLine:
    rule = terms.book.rules.get(rule_id)
    figures = said.figures if said and said.figures else _figures_of(terms, rule)
    return RuleLine(
        id=rule_id,
        title=rule.jurisdiction if rule else "",
        is_known=rule is None or rule.is_known,
        is_chosen=rule_id in terms.rule_ids,
        years=figures.adult_years,
        until_age=figures.minor.until_age,
        citation=rule.citation if rule else "",
        url=rule.url if rule else "",
        confidence=rule.confidence if rule else "",
        note=rule.note if rule else terms.book.default.note,
        confirmation=said,
    )


# --- simulation -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of the simulation; `before` is what it is without the change."""

    first: dt.date
    total: int
    reasons: tuple[tuple[str, int], ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class SimulationPage:
    """What falls due, and what another rule would do."""

    due_now: int
    due_now_reasons: tuple[tuple[str, int], ...]
    total: int
    most: int
    months: tuple[MonthLine, ...]
    blocked: tuple[tuple[str, int], ...]
    size_bytes: int
    comparison: Comparison | None


def build_simulation(*, terms: Terms, rule_id: str = "", figures: Figures | None = None) -> SimulationPage:
    """Return the forecast, or beside it what it would be with a rule confirmed (inside the open scope)."""
    if not rule_id:
        return _simulation(simulation.forecast(terms, today=today()), None)
    found = simulation.compare(terms, terms.with_figures(rule_id, figures), today=today())
    return _simulation(found.after, found)


def _simulation(found: Forecast, comparison: Comparison | None) -> SimulationPage:
    before = [month.total for month in comparison.before.months] if comparison else [None] * len(found.months)
    return SimulationPage(
        due_now=found.due_now,
        due_now_reasons=tuple(sorted(found.due_now_by_reason.items())),
        total=found.total,
        most=max([month.total for month in found.months] + [1]),
        months=tuple(
            MonthLine(month.first, month.total, tuple(sorted(month.by_reason.items())), old)
            for month, old in zip(found.months, before, strict=True)
        ),
        blocked=tuple((str(explaining.BLOCKS[block]), count) for block, count in sorted(found.blocked.items())),
        size_bytes=found.size_bytes,
        comparison=comparison,
    )
