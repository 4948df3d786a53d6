"""Living with a risk for a while: who may decide that, for how long, and for what it is not possible at all."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import access
from common.actor import Actor
from common.clock import now, today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import Answer, Task, TaskEvent
from compliance.packs import selectors as packs
from compliance.packs.content import Question
from compliance.packs.library import Catalogue
from compliance.remediation import tasks
from compliance.remediation.errors import TaskRefusedError

LONGEST: Final = dt.timedelta(days=366)
_VERY_HIGH: Final = 5


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a risk is lived with, until when, and what keeps it small meanwhile."""

    reason: str
    compensating_measures: str
    until: dt.date


def accept(*, actor: Actor, task_id: UUID, version: int, terms: Acceptance) -> None:
    """Accept the risk behind a task, in the name of who approves it.

    Raises
    ------
    TaskRefusedError
        Without reason, measures or an end within 12 months; or where a required specification is not met: the rule
        knows no acceptance of that.
    ForbiddenError
        If the actor may not issue analyses; a very high risk is for the owner alone.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        task = tasks.locked(task_id)
        access.require(actor, "analysis.issue")
        _check(terms)
        _refuse_required(task)
        if task.risk is not None and task.risk.current_level == _VERY_HIGH and "owner" not in actor.roles:
            raise ForbiddenError("A very high risk can be accepted by the owner of the practice only.")
        tasks.step(
            actor,
            task,
            version,
            TaskEvent.Verb.ACCEPTED,
            terms.reason.strip(),
            accepted_by_id=actor.id,
            accepted_at=now(),
            accepted_until_date=terms.until,
            acceptance_reason=terms.reason.strip(),
            compensating_measures=terms.compensating_measures.strip(),
        )


def _check(terms: Acceptance) -> None:
    if not terms.reason.strip():
        raise TaskRefusedError("Give the reason for accepting the risk.")
    if not terms.compensating_measures.strip():
        raise TaskRefusedError("Say what keeps the risk small while it is accepted.")
    if not today() < terms.until <= today() + LONGEST:
        raise TaskRefusedError("An acceptance ends within 12 months.")


def _refuse_required(task: Task) -> None:
    missing = required_specs(task, packs.active())
    if missing:
        raise TaskRefusedError("A required specification cannot be accepted away: {specs}.", specs=", ".join(missing))


def required_specs(task: Task, book: Catalogue) -> list[str]:
    """List the required specifications (by citation) that would stay unmet: named, asked for, or behind the risk."""
    if task.spec_id:
        items = [book.items[task.spec_id]] if task.spec_id in book.items else []
    else:
        items = [item for question in _questions(task, book) for item in book.items_of(question)]
    return sorted({item.citation for item in items if item.level == "spec" and item.requirement == "required"})


def _questions(task: Task, book: Catalogue) -> list[Question]:
    """Return the question of a task, or those behind its risk to which nothing at all is in place."""
    if task.question_id:
        return [book.questions[task.question_id]] if task.question_id in book.questions else []
    if task.risk is None:
        return []
    origins = set(task.risk.origins.values_list("question_id", flat=True))
    answers = Answer.objects.filter(analysis_id=task.risk.analysis_id, question_id__in=origins)
    given = dict(answers.values_list("question_id", "value"))
    asked = [book.questions[one] for one in sorted(origins & book.questions.keys())]
    return [question for question in asked if _is_absent(book, question, given.get(question.id, ""))]


def _is_absent(book: Catalogue, question: Question, value: str) -> bool:
    choice = book.choice(question, value) if value else None
    return choice is None or choice.gap == 1.0
