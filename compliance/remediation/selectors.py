"""Reads of tasks, inside the tenant's scope."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, Value, When, Window
from django.db.models.functions import RowNumber

from accounts import selectors as accounts
from common.clock import today
from compliance.models import Task, TaskEvent
from compliance.remediation.errors import TaskNotFoundError

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGE: Final = 25
_URGENCY: Final = Case(
    *(When(priority=priority, then=Value(rank)) for rank, priority in enumerate(Task.Priority.values)),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as lists, boards and documents show it."""

    id: UUID
    number: int
    title: str
    weakness: str
    resources: str
    state: str
    priority: str
    effort: str
    cost: Decimal | None
    owner_id: UUID | None
    owner_name: str
    due_date: dt.date | None
    risk_id: UUID | None
    risk_number: int | None
    question_id: str
    spec_id: str
    evidence: str
    done_by_id: UUID | None
    done_by: str
    done_at: dt.datetime | None
    verified_by: str
    verified_at: dt.datetime | None
    accepted_by: str
    accepted_until_date: dt.date | None
    acceptance_reason: str
    compensating_measures: str
    version: int
    created_at: dt.datetime

    @property
    def is_overdue(self) -> bool:
        """Say whether it should be done by now."""
        return self.state in Task.UNFINISHED and self.due_date is not None and self.due_date < today()

    @property
    def is_expired(self) -> bool:
        """Say whether its acceptance has ended."""
        until = self.accepted_until_date
        return self.state == Task.State.ACCEPTED and until is not None and until < today()


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What to look for; absent fields do not narrow."""

    states: tuple[str, ...] = ()
    owner_id: UUID | None = None
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened to a task."""

    at: dt.datetime
    who: str
    verb: str
    verb_label: str
    note: str
    changes: dict[str, Any]


_PEOPLE: Final = ("owner", "done_by", "verified_by", "accepted_by")


def list_tasks(wanted: TaskFilter = TaskFilter()) -> list[TaskRow]:
    """List tasks, the most urgent first; one query."""
    return [row_of(row) for row in _found(wanted)]


def list_page(wanted: TaskFilter, *, number: int) -> list[TaskRow]:
    """List one page of them, from 1 on; one query."""
    first = (number - 1) * PAGE
    return [row_of(row) for row in _found(wanted)[first : first + PAGE]]


def _found(wanted: TaskFilter) -> "QuerySet[Task]":
    rows: QuerySet[Task] = Task.objects.select_related("risk", *_PEOPLE).filter(_narrow(wanted))
    return rows.order_by(_URGENCY, "due_date", "number")


def _narrow(wanted: TaskFilter) -> Q:
    found = Q()
    if wanted.states:
        found &= Q(state__in=wanted.states)
    if wanted.owner_id:
        found &= Q(owner_id=wanted.owner_id)
    if wanted.is_overdue:
        found &= Q(state__in=Task.UNFINISHED, due_date__lt=today())
    return found


def list_board(wanted: TaskFilter, *, per_state: int) -> list[TaskRow]:
    """List the most urgent tasks of each state; one query."""
    place = Window(RowNumber(), partition_by="state", order_by=(_URGENCY, "due_date", "number"))
    return [row_of(row) for row in _found(wanted).annotate(place=place).filter(place__lte=per_state)]


def count_overdue() -> int:
    """Count the tasks that should be done by now."""
    return int(Task.objects.filter(_narrow(TaskFilter(is_overdue=True))).count())


def count_by_state(wanted: TaskFilter = TaskFilter()) -> Counter[str]:
    """Count the tasks in each state; one query."""
    rows = Task.objects.filter(_narrow(wanted)).order_by().values_list("state").annotate(number=Count("id"))
    return Counter(dict(rows))


def get_task(task_id: UUID) -> TaskRow:
    """Return one task, or raise."""
    return row_of(find_task(task_id))


def find_task(task_id: UUID) -> Task:
    """Return the row of one task with its risk and its people, or raise."""
    row = Task.objects.select_related("risk", *_PEOPLE).filter(id=task_id).first()
    if row is None:
        raise TaskNotFoundError
    found: Task = row
    return found


def tasks_of_risk(risk_id: UUID) -> list[TaskRow]:
    """List the tasks about one risk."""
    rows = Task.objects.select_related("risk", *_PEOPLE).filter(risk_id=risk_id).order_by("number")
    return [row_of(row) for row in rows]


def history(task_id: UUID) -> list[HistoryEntry]:
    """List what happened to a task, newest first; two queries."""
    rows = list(TaskEvent.objects.filter(task_id=task_id).order_by("-id"))
    names = accounts.names_of_users({row.actor_id for row in rows})
    return [
        HistoryEntry(row.at, names.get(row.actor_id, ""), row.verb, row.get_verb_display(), row.note, row.changes)
        for row in rows
    ]


def due_between(first: dt.date, last: dt.date) -> list[TaskRow]:
    """List the unfinished tasks due in a while, and the acceptances that end in it."""
    rows = Task.objects.select_related("risk", *_PEOPLE).filter(
        Q(state__in=Task.UNFINISHED, due_date__range=(first, last))
        | Q(state=Task.State.ACCEPTED, accepted_until_date__range=(first, last))
    )
    return [row_of(row) for row in rows.order_by("due_date", "number")]


def row_of(row: Task) -> TaskRow:
    """Return a task as plain values."""

    def name(of: str) -> str:
        person = getattr(row, of)
        return person.name if person else ""

    return TaskRow(
        id=row.id,
        number=row.number,
        title=row.title,
        weakness=row.weakness,
        resources=row.resources,
        state=row.state,
        priority=row.priority,
        effort=row.effort,
        cost=row.cost,
        owner_id=row.owner_id,
        owner_name=name("owner"),
        due_date=row.due_date,
        risk_id=row.risk_id,
        risk_number=row.risk.number if row.risk else None,
        question_id=row.question_id,
        spec_id=row.spec_id,
        evidence=row.evidence,
        done_by_id=row.done_by_id,
        done_by=name("done_by"),
        done_at=row.done_at,
        verified_by=name("verified_by"),
        verified_at=row.verified_at,
        accepted_by=name("accepted_by"),
        accepted_until_date=row.accepted_until_date,
        acceptance_reason=row.acceptance_reason,
        compensating_measures=row.compensating_measures,
        version=row.version,
        created_at=row.created_at,
    )
