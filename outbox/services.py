"""Publishing inside a transaction; leasing and finishing after it."""

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, F, IntegerField, Q, When
from django.utils.module_loading import import_string

from common import logs
from common.clock import now
from common.crashpoint import crashpoint
from common.errors import StorageFullError, UnavailableError
from common.inserting import insert
from common.rows import new_row
from common.scope import platform_scope, tenant_scope
from common.unsynced import unsynced
from outbox import heartbeat, sql
from outbox.events import Event
from outbox.models import OutboxMessage

log = logs.get("outbox")

Handler = Callable[[Any], None]
# A worker that lives renews its leases; what a lost one held is due again after this time.
LEASE = dt.timedelta(seconds=60)
RENEWAL_S = 15.0
MAX_ATTEMPTS = 8
# The queue of analyses, so that nothing waits behind them.
ANALYSES = "analyses"
# No fault of the message: a store or a server that is away for an hour comes back.
_PASSING = (UnavailableError, StorageFullError, OperationalError, InterfaceError)


_is_draining: ContextVar[bool] = ContextVar("outbox_is_draining", default=False)


class _PostponedError(Exception):
    """A handler found that it is too early."""

    def __init__(self, delay_s: float) -> None:
        super().__init__()
        self.delay_s = delay_s


@dataclass(frozen=True, slots=True)
class Lease:
    """A message taken for delivery."""

    id: UUID
    tenant_id: UUID
    topic: str
    payload: dict[str, Any]
    fence: int
    attempts: int


@lru_cache(maxsize=1)
def _wiring() -> dict[type[Event], list[Handler]]:
    wiring: dict[type[Event], list[Handler]] = import_string(settings.OUTBOX_WIRING)()
    return wiring


def prepare() -> None:
    """Find out who hears of which event, so that the first who publishes one need not wait for it."""
    _wiring()


def _name(event: type[Event], handler: Handler) -> str:
    return f"{event.topic}>{handler.__module__}.{handler.__name__}"


@lru_cache(maxsize=1)
def _by_topic() -> dict[str, tuple[type[Event], Handler]]:
    return {_name(event, handler): (event, handler) for event, handlers in _wiring().items() for handler in handlers}


def publish(*events: Event, delay_s: float = 0) -> None:
    """Write events for each of their handlers, in the caller's transaction and scope.

    The same event waiting already is not written twice.
    """
    available_at = now() + dt.timedelta(seconds=delay_s)
    messages = [message for event in events for message in _messages(event, available_at)]
    _write(messages)
    if not delay_s:
        waiting: dict[str, list[UUID]] = {}
        for message in messages:
            waiting.setdefault(queue_of(message.topic, message.tenant_id), []).append(message.id)
        for queue, ids in waiting.items():
            transaction.on_commit(partial(_nudge(), ids, queue))


def _write(messages: Sequence[OutboxMessage]) -> None:
    """Insert messages; where one of the same event waits already, keep it waiting until our transaction ends.

    On PostgreSQL a worker could else take it now, and its handler would see nothing of what we have changed.
    SQLite has one writer at a time.
    """
    written = insert(messages, ignore_conflicts=True)
    while written < len(messages) and connection.vendor == "postgresql":
        held = sql.hold_waiting(messages[0].tenant_id, [message.dedup_key for message in messages])
        messages = [message for message in messages if message.dedup_key not in held]
        written = insert(messages, ignore_conflicts=True)


def _messages(event: Event, available_at: dt.datetime) -> Iterator[OutboxMessage]:
    payload = event.payload()
    for handler in _wiring().get(type(event), []):
        yield _message(event.tenant_id, _name(type(event), handler), payload, available_at)


def _message(tenant_id: UUID, topic: str, payload: dict[str, str], available_at: dt.datetime) -> OutboxMessage:
    key = ",".join(f"{name}={value}" for name, value in sorted(payload.items()) if name != "tenant_id")
    return new_row(
        OutboxMessage,
        tenant_id=tenant_id,
        topic=topic,
        dedup_key=f"{topic}:{key}"[:200],
        payload=payload,
        available_at=available_at,
    )


def postpone(*, delay_s: float) -> None:
    """End the handler that calls this: its event comes again later, once, however often it is published meanwhile.

    A drain waits for nothing: there this returns, and the handler goes on.
    """
    if not _is_draining.get():
        raise _PostponedError(delay_s)


@lru_cache(maxsize=1)
def _nudge() -> Callable[[Sequence[UUID], str], None]:
    """Return what tells a broker that messages wait, and in which queue; the embedded worker looks by itself."""
    nudge: Callable[[Sequence[UUID], str], None] = import_string(settings.OUTBOX_NUDGE)
    return nudge


def no_nudge(_ids: Sequence[UUID], _queue: str) -> None:
    """Tell nobody: the embedded worker looks four times a second."""


def queue_of(topic: str, tenant_id: UUID) -> str:
    """Return the queue of a message: analyses have one of their own, a tenant may have its own of these."""
    if not topic.startswith(tuple(settings.OUTBOX_ANALYSES)):
        return ""
    return f"{ANALYSES}.{tenant_id}" if str(tenant_id) in settings.OUTBOX_OWN_QUEUES else ANALYSES


def due_ids(*, limit: int = 500) -> list[UUID]:
    """Return the messages of all tenants that are due: what may take long after everything else, oldest first."""
    return [message_id for message_id, _ in due_messages(limit=limit)]


def due_messages(
    *, limit: int = 500, since_s: float | None = None, is_long: bool | None = None
) -> list[tuple[UUID, str]]:
    """Return the messages that are due with their queues; one whose lease ran out is due again.

    Parameters
    ----------
    since_s
        Only what became due in these last seconds.
    is_long
        Only what may take long, or only everything else.
    """
    turns = [When(topic__startswith=prefix, then=turn) for turn, prefix in enumerate(settings.OUTBOX_LATER, start=1)]
    with platform_scope() as alias:
        due = OutboxMessage.objects.using(alias).filter(_due())
        if is_long is not None:
            long = reduce(or_, (Q(topic__startswith=prefix) for prefix in settings.OUTBOX_LATER))
            due = due.filter(long if is_long else ~long)
        if since_s is not None:
            due = due.filter(available_at__gt=now() - dt.timedelta(seconds=since_s))
        due = due.order_by(Case(*turns, default=0, output_field=IntegerField()), "available_at")
        rows = list(due.values_list("id", "topic", "tenant_id")[:limit])
    return [(message_id, queue_of(topic, tenant_id)) for message_id, topic, tenant_id in rows]


def run(message_id: UUID) -> bool:
    """Deliver one message if it is due and nobody else has it; say whether it was delivered."""
    with platform_scope() as alias:
        row = OutboxMessage.objects.using(alias).filter(_due(), id=message_id).first()
        with unsynced(alias), transaction.atomic(using=alias):
            taken = _take(alias, row) if row else None
    if taken is None:
        return False
    crashpoint("outbox.leased")
    return deliver(taken)


def _due() -> Q:
    moment = now()
    free = Q(lease_until=None) | Q(lease_until__lt=moment)
    return Q(done_at=None, failed_at=None, available_at__lte=moment) & free


def _take(alias: str, row: OutboxMessage) -> Lease | None:
    """Lease one row by its fence: of two workers one wins, on both engines.

    The key is released here, so that an event published while this one runs is delivered after it. One that is just
    being published again (`_write`) is passed by until that is committed.
    """
    rows = OutboxMessage.objects.using(alias)
    free = rows.filter(id=row.id, fence=row.fence).select_for_update(skip_locked=True)
    won = rows.filter(id__in=free.values("id")).update(
        fence=row.fence + 1,
        attempts=F("attempts") + 1,
        lease_until=now() + LEASE,
        dedup_key=f"{row.id}",
    )
    if not won:
        return None
    return Lease(row.id, row.tenant_id, row.topic, row.payload, row.fence + 1, row.attempts + 1)


def deliver(taken: Lease) -> bool:
    """Run the handler of one leased message in its tenant's scope-less context; handlers open their own."""
    known = _by_topic().get(taken.topic)
    try:
        if known is None:
            raise LookupError(f"no handler of {taken.topic}")
        event, handler = known
        with _kept(taken):
            handler(event.from_payload(taken.payload))
        crashpoint("outbox.handled")
    except _PostponedError as early:
        _postpone(taken, early.delay_s)
        return False
    except Exception as error:  # noqa: BLE001  the task base: whatever a handler raises is retried, then kept for a human
        _failed(taken, error)
        return False
    _finish(taken, done_at=now())
    return True


@contextmanager
def _kept(taken: Lease) -> Iterator[None]:
    """Renew the lease while the handler works, however long: whoever renews is alive."""
    over = threading.Event()
    keeper = threading.Thread(target=_renew, args=(taken, over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _renew(taken: Lease, over: threading.Event) -> None:
    while not over.wait(RENEWAL_S):
        try:
            _finish(taken, lease_until=now() + LEASE)
            heartbeat.beat()
        except Error as error:
            log.warning("lease.not_renewed", topic=taken.topic, error_type=type(error).__name__)
    connection.close()


def _failed(taken: Lease, error: Exception) -> None:
    """Give a message back for later, or keep it for a human; what waits for a store or a server waits on."""
    log.error("message.failed", topic=taken.topic, attempt=taken.attempts, error_type=type(error).__name__)
    if taken.attempts >= MAX_ATTEMPTS and not isinstance(error, _PASSING):
        _finish(taken, failed_at=now())
        return
    delay_s = 2 ** min(taken.attempts, MAX_ATTEMPTS)
    _finish(taken, lease_until=None, available_at=now() + dt.timedelta(seconds=delay_s))


def _postpone(taken: Lease, delay_s: float) -> None:
    """Put a message of the same event in the place of this one, unless one waits already."""
    moment = now()
    later = _message(taken.tenant_id, taken.topic, taken.payload, moment + dt.timedelta(seconds=delay_s))
    with unsynced(), tenant_scope(taken.tenant_id), transaction.atomic():
        insert([later], ignore_conflicts=True)
        _finish(taken, done_at=moment)


def _finish(taken: Lease, **changes: Any) -> None:
    """Change the row of a message that is still ours; what a power cut takes back is delivered again."""
    with unsynced(), tenant_scope(taken.tenant_id):
        OutboxMessage.objects.filter(id=taken.id, fence=taken.fence).update(**changes)


def run_due(*, is_long: bool | None = None) -> int:
    """Deliver what is due, one after the other, as `due_messages` lists it; return how many messages there were."""
    due = due_messages(limit=20, is_long=is_long)
    for message_id, _ in due:
        run(message_id)
    return len(due)


def drain(tenant_ids: Iterable[UUID]) -> None:
    """Deliver everything that waits for these tenants, whenever it is due: for tests."""
    token = _is_draining.set(True)
    try:
        for tenant_id in tenant_ids:
            _drain(tenant_id)
    finally:
        _is_draining.reset(token)


def _drain(tenant_id: UUID) -> None:
    for _ in range(1000):
        with tenant_scope(tenant_id):
            row = OutboxMessage.objects.filter(done_at=None, failed_at=None, lease_until=None).first()
            taken = _take("default", row) if row else None
        if taken is None:
            break
        deliver(taken)


def purge(*, older_than: dt.timedelta = dt.timedelta(days=7)) -> int:
    """Delete delivered messages."""
    with platform_scope() as alias:
        deleted, _ = OutboxMessage.objects.using(alias).filter(done_at__lt=now() - older_than).delete()
    return int(deleted)
