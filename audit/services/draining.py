"""Bringing into the log what an emergency left in the spool while the database refused it."""

import datetime as dt
from pathlib import Path
from uuid import UUID

import orjson
from django.db import transaction

from audit import spool
from audit.errors import LogDamagedError, SpoolDamagedError
from audit.models import AuditEvent
from audit.services.recording import Detail, record
from common import logs
from common.actor import ActorKind, system_actor
from common.inserting import insert
from common.scope import tenant_scope

log = logs.get("audit")


def drain_spool() -> int:
    """Write what waits in the spool of this machine into the log, oldest first; return how many events came.

    What is there already is not written twice: a process may have died after its transaction, and another one of this
    machine may be at the same file.
    """
    held = spool.of_this_machine()
    return sum(_drain(held, path) for path in held.waiting())


def _drain(held: spool.Spool, path: Path) -> int:
    try:
        written = _write([_read(body) for body in held.read(path)])
    except FileNotFoundError:
        return 0
    except (SpoolDamagedError, LogDamagedError) as error:
        log.error("spool.damaged", code=error.code, path_name=path.name)
        held.set_aside(path)
        return 0
    held.remove(path)
    return written


def _write(events: list[AuditEvent]) -> int:
    tenant_id = events[0].tenant_id
    ids = [event.id for event in events]
    with tenant_scope(tenant_id), transaction.atomic():
        written = insert(events, ignore_conflicts=True)
        if AuditEvent.objects.filter(id__in=ids).count() != len(ids):
            raise LogDamagedError("An entry of the spool has the number of another one.")
        if written:
            detail: Detail = {"events": [str(one) for one in ids]}
            record(actor=system_actor(tenant_id), action="log.spool-drained", detail=detail)
    return written


def _read(body: bytes) -> AuditEvent:
    """Return the row of an event from its body."""
    said = orjson.loads(body)
    return AuditEvent(
        id=UUID(said["id"]),
        tenant_id=UUID(said["tenant"]),
        recorded_at=dt.datetime.fromisoformat(said["at"]),
        producer_id=UUID(said["producer"]),
        producer_seq=said["seq"],
        body=body,
        action=said["action"],
        actor_id=UUID(said["actor"]["id"]),
        study_id=UUID(said["study"]) if said["study"] else None,
        link_id=UUID(said["actor"]["id"]) if said["actor"]["kind"] == ActorKind.GUEST else None,
    )
