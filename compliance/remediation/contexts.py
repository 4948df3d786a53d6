"""What the pages of tasks and decisions show."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts import access
from accounts import figures as accounts
from common.actor import Actor
from compliance.models import SpecDecision, Task
from compliance.packs import selectors as packs
from compliance.packs.library import Catalogue
from compliance.remediation import acceptance, decisions, feeds, selectors
from compliance.remediation.decisions import DecidedSpec
from compliance.remediation.selectors import HistoryEntry, TaskFilter, TaskRow

COLUMN_CARDS: Final = 7
_TONES: Final = {
    Task.Priority.VERY_HIGH: "bad",
    Task.Priority.HIGH: "warn",
    Task.Priority.MODERATE: "info",
    Task.Priority.LOW: "neutral",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A task on the board and in the list."""

    id: UUID
    number: int
    title: str
    state: str
    state_label: str
    priority_label: str
    tone: str
    owner: str
    due_date: dt.date | None
    accepted_until_date: dt.date | None
    is_overdue: bool
    is_expired: bool
    origin: str
    version: int
    can_start: bool


@dataclass(frozen=True, slots=True)
class Column:
    state: str
    label: str
    cards: tuple[Card, ...]
    more: int


@dataclass(frozen=True, slots=True)
class BoardPage:
    columns: tuple[Column, ...]
    rows: tuple[Card, ...]
    is_board: bool
    is_mine: bool
    is_overdue: bool
    total: int
    overdue: int
    page_number: int
    has_more: bool
    can_write: bool
    calendar_since: dt.datetime | None
    calendar_url: str


@dataclass(frozen=True, slots=True)
class TaskPage:
    card: Card
    task: TaskRow
    effort_label: str
    origin_text: str
    risk_id: UUID | None
    history: tuple[HistoryEntry, ...]
    required: tuple[str, ...]
    can_write: bool
    can_work: bool
    can_verify: bool
    can_accept: bool


@dataclass(frozen=True, slots=True)
class SpecRow:
    spec: DecidedSpec
    outcome_label: str
    tone: str


@dataclass(frozen=True, slots=True)
class DecisionsPage:
    rows: tuple[SpecRow, ...]
    decided: int
    can_write: bool


@dataclass(frozen=True, slots=True)
class DecisionPage:
    row: SpecRow
    past: tuple[SpecRow, ...]
    can_write: bool


def build_board(
    *, actor: Actor, wanted: TaskFilter, is_board: bool, page_number: int = 1, calendar_url: str = ""
) -> BoardPage:
    """Return the tasks in columns by their state, or a page of one list."""
    counts = selectors.count_by_state(wanted)
    total = sum(counts.values())
    if is_board:
        rows = selectors.list_board(wanted, per_state=COLUMN_CARDS)
    else:
        rows = selectors.list_page(wanted, number=page_number)
    cards = [_card(actor, row) for row in rows]
    return BoardPage(
        columns=tuple(
            _column(state, [card for card in cards if card.state == state], counts[state]) for state in Task.State
        ),
        rows=tuple(cards),
        is_board=is_board,
        is_mine=wanted.owner_id is not None,
        is_overdue=wanted.is_overdue,
        total=total,
        overdue=selectors.count_overdue(),
        page_number=page_number,
        has_more=not is_board and page_number * selectors.PAGE < total,
        can_write=access.allows(actor, "compliance.write"),
        calendar_since=feeds.live_feed_since(actor),
        calendar_url=calendar_url,
    )


def _column(state: Task.State, cards: list[Card], count: int) -> Column:
    return Column(state=state.value, label=str(state.label), cards=tuple(cards), more=count - len(cards))


def _card(actor: Actor, row: TaskRow) -> Card:
    return Card(
        id=row.id,
        number=row.number,
        title=row.title,
        state=row.state,
        state_label=str(Task.State(row.state).label),
        priority_label=str(Task.Priority(row.priority).label),
        tone=_TONES[Task.Priority(row.priority)],
        owner=row.owner_name,
        due_date=row.due_date,
        accepted_until_date=row.accepted_until_date,
        is_overdue=row.is_overdue,
        is_expired=row.is_expired,
        origin=f"R-{row.risk_number}" if row.risk_number else row.question_id or row.spec_id,
        version=row.version,
        can_start=row.state in {Task.State.OPEN, Task.State.BLOCKED} and _may_work(actor, row),
    )


def _may_work(actor: Actor, row: TaskRow) -> bool:
    is_owner = row.owner_id == actor.id and access.allows(actor, "compliance.contribute")
    return is_owner or access.allows(actor, "compliance.write")


def build_task(*, actor: Actor, task_id: UUID) -> TaskPage:
    """Return one task with its history and what may be done with it."""
    task = selectors.find_task(task_id)
    row, book = selectors.row_of(task), packs.active()
    can_write = access.allows(actor, "compliance.write")
    required = acceptance.required_specs(task, book) if row.state in Task.UNFINISHED else []
    return TaskPage(
        card=_card(actor, row),
        task=row,
        effort_label=str(Task.Effort(row.effort).label),
        origin_text=_origin(task, book),
        risk_id=row.risk_id,
        history=tuple(selectors.history(task_id)),
        required=tuple(required),
        can_write=can_write,
        can_work=_may_work(actor, row) and row.state in Task.UNFINISHED,
        can_verify=can_write and row.state == Task.State.DONE and row.done_by_id != actor.id,
        can_accept=access.allows(actor, "analysis.issue") and row.state in Task.UNFINISHED and not required,
    )


def _origin(task: Task, book: Catalogue) -> str:
    if task.risk is not None:
        return task.risk.statement
    if task.question_id in book.questions:
        return book.questions[task.question_id].text
    if task.spec_id in book.items:
        item = book.items[task.spec_id]
        return f"{item.citation} {item.title}"
    return ""


def people_of_tenant() -> dict[UUID, str]:
    """Return who may own a task: everybody who signs in here."""
    return {person.id: person.name for person in sorted(accounts.people(), key=lambda person: person.name.casefold())}


def build_decisions(*, actor: Actor) -> DecisionsPage:
    """Return the addressable specifications with their decisions."""
    rows = [_spec_row(spec) for spec in decisions.list_specs()]
    return DecisionsPage(
        rows=tuple(rows),
        decided=sum(bool(row.spec.outcome) and not row.spec.is_overdue for row in rows),
        can_write=access.allows(actor, "compliance.write"),
    )


def build_decision(*, actor: Actor, spec_id: str) -> DecisionPage:
    """Return one specification with all that was decided about it."""
    return DecisionPage(
        row=_spec_row(decisions.get_spec(spec_id)),
        past=tuple(_spec_row(spec) for spec in decisions.history(spec_id)),
        can_write=access.allows(actor, "compliance.write"),
    )


def _spec_row(spec: DecidedSpec) -> SpecRow:
    if not spec.outcome:
        return SpecRow(spec, "", "bad")
    label = str(SpecDecision.Outcome(spec.outcome).label)
    return SpecRow(spec, label, "warn" if spec.is_overdue else "ok")
