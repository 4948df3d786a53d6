"""What is done with tasks: opened, changed, worked on, verified by somebody else, or accepted for a while."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance import numbering
from compliance.models import Risk, Task, TaskEvent
from compliance.packs import selectors as packs
from compliance.remediation.errors import FourEyesError, TaskChangedError, TaskNotFoundError, TaskRefusedError

State, Verb = Task.State, TaskEvent.Verb
# From which states a verb leads where.
_STEPS: Final[dict[str, tuple[frozenset[str], str]]] = {
    Verb.STARTED: (frozenset({State.OPEN, State.BLOCKED}), State.DOING),
    Verb.BLOCKED: (frozenset({State.OPEN, State.DOING}), State.BLOCKED),
    Verb.DONE: (frozenset({State.OPEN, State.DOING, State.BLOCKED}), State.DONE),
    Verb.VERIFIED: (frozenset({State.DONE}), State.VERIFIED),
    Verb.SENT_BACK: (frozenset({State.DONE}), State.DOING),
    Verb.ACCEPTED: (frozenset({State.OPEN, State.DOING, State.BLOCKED}), State.ACCEPTED),
    Verb.REOPENED: (frozenset({State.VERIFIED, State.ACCEPTED, State.DONE}), State.OPEN),
}


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """What a person says about a task; at most one of risk, question and specification is where it comes from."""

    title: str
    weakness: str = ""
    resources: str = ""
    priority: str = Task.Priority.MODERATE
    effort: str = Task.Effort.MEDIUM
    cost: Decimal | None = None
    owner_id: UUID | None = None
    due_date: dt.date | None = None
    risk_id: UUID | None = None
    question_id: str = ""
    spec_id: str = ""


def open_task(*, actor: Actor, draft: TaskDraft) -> UUID:
    """Open a task; where one about the same risk, question or specification is unfinished, it is that one."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _check(actor, draft)
        same = _unfinished_about(draft)
        if same is not None:
            return same
        task = _create(actor, draft)
        _note(actor, task, Verb.OPENED, "", {})
    return task.id


def change_task(*, actor: Actor, task_id: UUID, version: int, draft: TaskDraft) -> None:
    """Change what a task says; where it comes from stays."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        task = locked(task_id)
        access.require(actor, "compliance.write")
        _check(actor, draft)
        wanted = {
            name: value for name, value in _columns(draft).items() if name not in {"risk_id", "question_id", "spec_id"}
        }
        changes = {
            name: [_plain(getattr(task, name)), _plain(value)]
            for name, value in wanted.items()
            if getattr(task, name) != value
        }
        if changes:
            _update(task, version, wanted)
            _note(actor, task, Verb.CHANGED, "", changes)


def start(*, actor: Actor, task_id: UUID, version: int) -> None:
    """Begin, or go on after what blocked is gone."""
    _work(actor, task_id, version, Verb.STARTED)


def block(*, actor: Actor, task_id: UUID, version: int, reason: str) -> None:
    """Say that something outside stops the work."""
    _work(actor, task_id, version, Verb.BLOCKED, note=_said(reason, "Say what blocks the work."))


def finish(*, actor: Actor, task_id: UUID, version: int, evidence: str) -> None:
    """Say that the work is done, and what shows it; somebody else verifies it."""
    shown = _said(evidence, "Say what shows that it is done: a document, a measurement, a photograph.")
    _work(actor, task_id, version, Verb.DONE, note=shown, evidence=shown, done_by_id=actor.id, done_at=now())


def verify(*, actor: Actor, task_id: UUID, version: int, note: str) -> None:
    """Confirm that the work was done, having looked.

    Raises
    ------
    FourEyesError
        If it is the same person who did it.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        task = locked(task_id)
        access.require(actor, "compliance.write")
        if task.done_by_id == actor.id:
            raise FourEyesError
        looked = _said(note, "Say what you looked at.")
        step(actor, task, version, Verb.VERIFIED, looked, verified_by_id=actor.id, verified_at=now())


def send_back(*, actor: Actor, task_id: UUID, version: int, reason: str) -> None:
    """Refuse what was said to be done; the work goes on."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        task = locked(task_id)
        access.require(actor, "compliance.write")
        step(actor, task, version, Verb.SENT_BACK, _said(reason, "Say what is missing."), done_by_id=None, done_at=None)


def reopen(*, actor: Actor, task_id: UUID, version: int, reason: str) -> None:
    """Open a finished task again: it did not hold, or its acceptance ended."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        task = locked(task_id)
        access.require(actor, "compliance.write")
        emptied = {
            "done_by_id": None, "done_at": None, "verified_by_id": None, "verified_at": None,
            "accepted_by_id": None, "accepted_at": None, "accepted_until_date": None,
        }  # fmt: skip
        step(actor, task, version, Verb.REOPENED, _said(reason, "Say why it is opened again."), **emptied)


def add_note(*, actor: Actor, task_id: UUID, note: str) -> None:
    """Add a remark to the history."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        task = locked(task_id)
        _require_worker(actor, task)
        _note(actor, task, Verb.NOTED, _said(note, "The note is empty."), {})


# --- inside -----------------------------------------------------------------------------------------------------------


def _work(actor: Actor, task_id: UUID, version: int, verb: str, *, note: str = "", **columns: Any) -> None:
    with tenant_scope(actor.tenant_id), transaction.atomic():
        task = locked(task_id)
        _require_worker(actor, task)
        step(actor, task, version, verb, note, **columns)


def _require_worker(actor: Actor, task: Task) -> None:
    """Let those who write, and the owner of the task, do its work."""
    is_owner = task.owner_id == actor.id and access.allows(actor, "compliance.contribute")
    if not (is_owner or access.allows(actor, "compliance.write")):
        raise ForbiddenError


def step(actor: Actor, task: Task, version: int, verb: str, note: str, **columns: Any) -> None:
    """Take a task from its state to where the verb leads, once, in the caller's transaction."""
    allowed, target = _STEPS[verb]
    if task.state == target and verb != Verb.REOPENED:
        return
    if task.state not in allowed:
        raise TaskRefusedError("A task that is {state} cannot go there.", state=task.get_state_display().lower())
    before = task.state
    _update(task, version, {"state": target, **columns})
    _note(actor, task, verb, note, {"state": [before, target]})


def _update(task: Task, version: int, columns: Mapping[str, Any]) -> None:
    """Write in one statement, only over the version that the person saw."""
    won = Task.objects.filter(id=task.id, version=version).update(version=version + 1, **columns)
    if not won:
        raise TaskChangedError


def _note(actor: Actor, task: Task, verb: str, note: str, changes: Mapping[str, Any]) -> None:
    TaskEvent.objects.create(
        tenant_id=task.tenant_id, task=task, verb=verb, note=note, changes=dict(changes), actor_id=actor.id
    )
    audit.record(actor=actor, action=f"task.{verb.replace('_', '-')}", subject_id=task.id)


def _check(actor: Actor, draft: TaskDraft) -> None:
    if not draft.title.strip():
        raise TaskRefusedError("Give the task a title.")
    if sum(map(bool, (draft.risk_id, draft.question_id, draft.spec_id))) > 1:
        raise TaskRefusedError("A task comes from one risk, one question or one specification.")
    if draft.owner_id and not accounts.roles_in(user_id=draft.owner_id, tenant_id=actor.tenant_id):
        raise TaskRefusedError("Nobody of this centre is meant by the owner.")
    catalogue = packs.active()
    if draft.risk_id and not Risk.objects.filter(id=draft.risk_id).exists():
        raise TaskNotFoundError("There is no such risk.")
    if draft.question_id and draft.question_id not in catalogue.questions:
        raise TaskNotFoundError("There is no such question.")
    if draft.spec_id and draft.spec_id not in catalogue.items:
        raise TaskNotFoundError("There is no such specification.")


def _create(actor: Actor, draft: TaskDraft) -> Task:
    creator = actor.id if actor.kind is ActorKind.USER else None
    made: Task = numbering.create(Task, tenant_id=actor.tenant_id, created_by_id=creator, **_columns(draft))
    return made


def _unfinished_about(draft: TaskDraft) -> UUID | None:
    origin = {"risk_id": draft.risk_id, "question_id": draft.question_id, "spec_id": draft.spec_id}
    if not any(origin.values()):
        return None
    same = Task.objects.filter(state__in=Task.UNFINISHED, **origin).values_list("id", flat=True).first()
    found: UUID | None = same
    return found


def _columns(draft: TaskDraft) -> dict[str, Any]:
    return {**asdict(draft), "title": draft.title.strip()}


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int | str) else str(value)


def _said(text: str, refusal: str) -> str:
    if not text.strip():
        raise TaskRefusedError(refusal)
    return text.strip()


def locked(task_id: UUID) -> Task:
    """Return a task for a change, in the caller's transaction, or raise."""
    task = Task.objects.select_for_update().filter(id=task_id).first()
    if task is None:
        raise TaskNotFoundError
    found: Task = task
    return found
