"""Publishing inside a transaction; leasing and finishing after it."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils.module_loading import import_string

from common import logs
from common.clock import now
from common.scope import platform_scope, tenant_scope
from outbox.events import Event
from outbox.models import OutboxMessage

log = logs.get("outbox")

Handler = Callable[[Any], None]
LEASE = dt.timedelta(minutes=5)
MAX_ATTEMPTS = 8


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


def _name(event: type[Event], handler: Handler) -> str:
    return f"{event.topic}>{handler.__module__}.{handler.__name__}"


@lru_cache(maxsize=1)
def _by_topic() -> dict[str, tuple[type[Event], Handler]]:
    return {_name(event, handler): (event, handler) for event, handlers in _wiring().items() for handler in handlers}


def publish(event: Event, *, delay_s: float = 0) -> None:
    """Write the event for each of its handlers, in the caller's transaction and scope.

    The same event waiting already is not written twice.
    """
    payload = event.payload()
    key = ",".join(f"{name}={value}" for name, value in sorted(payload.items()) if name != "tenant_id")
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                tenant_id=event.tenant_id,
                topic=_name(type(event), handler),
                dedup_key=f"{_name(type(event), handler)}:{key}"[:200],
                payload=payload,
                available_at=now() + dt.timedelta(seconds=delay_s),
            )
            for handler in _wiring().get(type(event), [])
        ],
        ignore_conflicts=True,
    )


def lease(*, limit: int = 1) -> list[Lease]:
    """Take due messages of all tenants; a message whose lease ran out is due again."""
    with platform_scope() as alias:
        due = OutboxMessage.objects.using(alias).filter(_due()).order_by("available_at")[:limit]
        return [taken for row in due if (taken := _take(alias, row)) is not None]


def _due() -> Q:
    moment = now()
    free = Q(lease_until=None) | Q(lease_until__lt=moment)
    return Q(done_at=None, failed_at=None, available_at__lte=moment) & free


def _take(alias: str, row: OutboxMessage) -> Lease | None:
    """Lease one row by its fence: of two workers one wins, on both engines.

    The key is released here, so that an event published while this one runs is delivered after it.
    """
    won = (
        OutboxMessage.objects.using(alias)
        .filter(id=row.id, fence=row.fence)
        .update(
            fence=row.fence + 1,
            attempts=F("attempts") + 1,
            lease_until=now() + LEASE,
            dedup_key=f"{row.id}",
        )
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
        handler(event.from_payload(taken.payload))
    except Exception as error:  # noqa: BLE001  the task base: whatever a handler raises is retried, then kept for a human
        _failed(taken, error)
        return False
    _finish(taken, done_at=now())
    return True


def _failed(taken: Lease, error: Exception) -> None:
    log.error("message.failed", topic=taken.topic, attempt=taken.attempts, error_type=type(error).__name__)
    if taken.attempts >= MAX_ATTEMPTS:
        _finish(taken, failed_at=now())
        return
    _finish(taken, lease_until=None, available_at=now() + dt.timedelta(seconds=2**taken.attempts))


def _finish(taken: Lease, **changes: Any) -> None:
    with tenant_scope(taken.tenant_id):
        OutboxMessage.objects.filter(id=taken.id, fence=taken.fence).update(**changes)


def run_due(*, limit: int = 20) -> int:
    """Deliver what is due; return how many messages were taken."""
    taken = lease(limit=limit)
    for one in taken:
        deliver(one)
    return len(taken)


def drain(tenant_ids: Iterable[UUID]) -> None:
    """Deliver everything that waits for these tenants, whenever it is due: for tests."""
    for tenant_id in tenant_ids:
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
