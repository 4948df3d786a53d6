"""Somebody who owns the database: may write every row and knows every format, but has no signing key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import orjson
from django.db import connection

from audit import merkle
from audit.models import AuditCheckpoint, AuditEvent, AuditHead, AuditLeaf, AuditNode, AuditPending
from common.ids import uuid7
from common.scope import tenant_scope
from tests.conftest import APP_ROLE

TABLES = ("auditevent", "auditleaf", "auditnode", "auditcheckpoint")
Line = tuple[AuditEvent, AuditLeaf]


@contextmanager
def owner() -> Iterator[None]:
    """Take the triggers away, as the owner of the tables may."""
    triggers: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("RESET ROLE")
            for table in TABLES:
                cursor.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in TABLES:
                cursor.execute(f"ALTER TABLE audit_{table} ENABLE TRIGGER USER")
            cursor.execute(f"SET ROLE {APP_ROLE}")
        else:
            for _, definition in triggers:
                cursor.execute(definition)


def rewrite(tenant_id: UUID, change: Callable[[list[Line]], list[Line]]) -> None:
    """Change the list of lines, then make everything else fit: indexes, hashes, inner nodes, head, checkpoints."""
    with owner(), tenant_scope(tenant_id):
        events = {event.id: event for event in AuditEvent.objects.all()}
        lines = [(events[leaf.event_id], leaf) for leaf in AuditLeaf.objects.order_by("leaf_index")]
        head = AuditHead.objects.get()
        for model in (AuditLeaf, AuditNode, AuditCheckpoint, AuditEvent, AuditPending):
            model.objects.all().delete()
        frontier = merkle.Frontier()
        for event, leaf in change(lines):
            leaf.leaf_index, leaf.event_id = frontier.size, event.id
            leaf.leaf_hash = merkle.leaf_hash(bytes(event.body))
            for node in frontier.append(bytes(leaf.leaf_hash)):
                AuditNode.objects.create(
                    tenant_id=tenant_id, level=node.level, node_index=node.position, node_hash=node.root
                )
            event.save(force_insert=True)
            leaf.save(force_insert=True)
        head.size, head.frontier = frontier.size, frontier.pack()
        head.save()


def edited(line: Line) -> Line:
    """Say that something else was done."""
    event, leaf = line
    body = orjson.loads(bytes(event.body)) | {"action": "study.deleted"}
    event.body, event.action = orjson.dumps(body, option=orjson.OPT_SORT_KEYS), "study.deleted"
    return event, leaf


def invented(line: Line) -> Line:
    """Make a line that nobody wrote, after the model of another, with its signature."""
    event, leaf = line
    fresh = uuid7()
    body = orjson.loads(bytes(event.body)) | {"id": str(fresh), "seq": 10_000}
    made = AuditEvent(
        id=fresh,
        tenant_id=event.tenant_id,
        recorded_at=event.recorded_at,
        producer_id=event.producer_id,
        producer_seq=10_000,
        body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS),
        action=event.action,
        actor_id=event.actor_id,
        study_id=event.study_id,
    )
    return made, AuditLeaf(tenant_id=event.tenant_id, signature=leaf.signature)
