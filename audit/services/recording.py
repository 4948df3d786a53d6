"""Writing the audit log: inside the caller's transaction, or committed before the first byte leaves."""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import orjson
from django.db import Error, transaction

from audit import producer, spool
from audit.models import AuditEvent
from common import logs
from common.actor import Actor, ActorKind, system_actor
from common.clock import now
from common.ids import uuid7
from common.inserting import insert
from common.rows import new_row
from common.scope import tenant_scope

log = logs.get("audit")
Detail = Mapping[str, str | int | list[str]]

# No transaction is open for longer: what has no event by then was rolled back.
VOID_AFTER_S = 15 * 60.0
ACCESS_SESSION_S = 15 * 60
FLUSH_FRAMES = 500
FLUSH_S = 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event is about; ids only, never a name, a birth date or free text about a patient."""

    action: str
    study_id: UUID | None = None
    patient_id: UUID | None = None
    subject_id: UUID | None = None
    detail: Detail | None = None


def record(
    *,
    actor: Actor,
    action: str,
    study_id: UUID | None = None,
    patient_id: UUID | None = None,
    subject_id: UUID | None = None,
    detail: Detail | None = None,
) -> UUID:
    """Append one event in the caller's transaction and scope.

    The body holds ids only; a caller never passes a name, a birth date or free text about a patient.
    """
    entry = Entry(action, study_id, patient_id, subject_id, detail)
    return record_all(actor=actor, entries=[entry])[0]


def record_all(*, actor: Actor, entries: Iterable[Entry]) -> list[UUID]:
    """Append several events of one actor by one statement, in the caller's transaction and scope.

    Whoever acts in an emergency does not wait for a database that writes again: what it refuses goes to the spool.

    Raises
    ------
    NotWrittenError
        If in an emergency neither takes them.
    """
    numbers = producer.this()
    events = [_event(actor, entry, numbers.id, numbers.take(actor.tenant_id)) for entry in entries]
    with tenant_scope(actor.tenant_id):
        if actor.emergency_id is None:
            insert(events)
        elif not _inserted(events):
            return _spool(events)
        for event in events:
            transaction.on_commit(partial(numbers.settle, actor.tenant_id, event.producer_seq))
    return [event.id for event in events]


def _inserted(events: list[AuditEvent]) -> bool:
    """Insert events if the database takes them; a refusal leaves the caller's transaction as it was."""
    try:
        with transaction.atomic():
            insert(events)
    except Error as error:
        log.error("events.not-inserted", error_type=type(error).__name__, count=len(events))
        return False
    return True


def _spool(events: list[AuditEvent]) -> list[UUID]:
    if events:
        spool.of_this_machine().put(str(events[0].id), [bytes(event.body) for event in events])
    for event in events:
        # It has its event, wherever that lies.
        producer.this().settle(event.tenant_id, event.producer_seq)
    return [event.id for event in events]


def _event(actor: Actor, entry: Entry, producer_id: UUID, number: int) -> AuditEvent:
    event_id, recorded_at = uuid7(), now()
    body = {
        "id": str(event_id),
        "tenant": str(actor.tenant_id),
        "at": recorded_at.isoformat(),
        "actor": {"kind": actor.kind.value, "id": str(actor.id)},
        "action": entry.action,
        "study": str(entry.study_id) if entry.study_id else None,
        "patient": str(entry.patient_id) if entry.patient_id else None,
        "subject": str(entry.subject_id) if entry.subject_id else None,
        "detail": {**(entry.detail or {}), **_emergency(actor)},
        "producer": str(producer_id),
        "seq": number,
    }
    return new_row(
        AuditEvent,
        id=event_id,
        tenant_id=actor.tenant_id,
        recorded_at=recorded_at,
        producer_id=producer_id,
        producer_seq=number,
        body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS),
        action=entry.action,
        actor_id=actor.id,
        study_id=entry.study_id,
        link_id=actor.id if actor.kind is ActorKind.GUEST else None,
    )


def tell_void_numbers() -> None:
    """Record which numbers of this process were rolled back and belong to no event."""
    for tenant_id, numbers in producer.this().give_up(after_s=VOID_AFTER_S).items():
        with tenant_scope(tenant_id), transaction.atomic():
            detail: Detail = {"producer_of": str(producer.this().id), "numbers": [str(number) for number in numbers]}
            record(actor=system_actor(tenant_id), action="log.numbers-void", detail=detail)


def _emergency(actor: Actor) -> dict[str, str]:
    return {"emergency": str(actor.emergency_id)} if actor.emergency_id else {}


@dataclass(slots=True)
class AccessSession:
    """One actor reading one study for one purpose: an event at its beginning, counts while it lasts."""

    actor: Actor
    study_id: UUID
    purpose: str
    opened: float
    frames: int = 0
    flushed: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, frames: int = 1) -> None:
        """Count frames served; every 500 frames or 5 seconds the count is written."""
        with self.lock:
            self.frames += frames
            due = self.frames >= FLUSH_FRAMES or time.monotonic() - self.flushed > FLUSH_S
        if due:
            self.flush()

    def take(self) -> int:
        """Return what is counted and not yet written, for whoever writes it."""
        with self.lock:
            counted, self.frames, self.flushed = self.frames, 0, time.monotonic()
        return counted

    def flush(self) -> None:
        """Write what is counted and not yet written."""
        counted = self.take()
        if counted:
            self._write_or_keep(counted)

    def _write_or_keep(self, counted: int) -> None:
        try:
            self._write(counted)
        except BaseException:
            with self.lock:
                self.frames += counted
            raise

    def _write(self, counted: int) -> None:
        record(
            actor=self.actor,
            action="study.frames-read",
            study_id=self.study_id,
            detail={"frames": counted, "purpose": self.purpose},
        )


_sessions: dict[tuple[UUID, UUID, UUID, str, UUID | None], AccessSession] = {}
_sessions_lock = threading.Lock()


def open_access(*, actor: Actor, study_id: UUID, purpose: str) -> AccessSession:
    """Return the running access session, or open one: its event is committed with the scope that the view holds,
    hence before the first byte of the answer leaves.
    """
    key = (actor.tenant_id, actor.id, study_id, purpose, actor.emergency_id)
    with _sessions_lock:
        session = _sessions.get(key)
    if session is not None and time.monotonic() - session.opened < ACCESS_SESSION_S:
        return session
    record(actor=actor, action="study.opened", study_id=study_id, detail={"purpose": purpose})
    opened = AccessSession(actor=actor, study_id=study_id, purpose=purpose, opened=time.monotonic())

    def remember() -> None:
        if session is not None:
            # What the former one had not written yet is written with the first count of this one.
            opened.frames += session.take()
        _sessions[key] = opened

    # Only once its event is committed: a rolled back one must be written again.
    transaction.on_commit(remember)
    return opened


def flush_counts() -> None:
    """Write all counts of this process (every five seconds, and when it ends); drop sessions that are over."""
    with _sessions_lock:
        held = list(_sessions.items())
    for key, session in held:
        session.flush()
        if time.monotonic() - session.opened >= ACCESS_SESSION_S:
            with _sessions_lock:
                _sessions.pop(key, None)
