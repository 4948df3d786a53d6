"""The raw statements of the log: what is done with every event of a tenant, a million times in some years.

Ids are what the database itself has, hex digits on SQLite and UUIDs on PostgreSQL, and are handed back as they came:
making objects of them took longer than all the hashing.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from audit.models import AuditEvent, AuditLeaf, AuditPending
from common.prepared import own_id

_EVENT, _LEAF, _PENDING = (model._meta.db_table for model in (AuditEvent, AuditLeaf, AuditPending))
_END = 2**63 - 1
_WAITING = (
    f"SELECT p.event_id, e.body FROM {_PENDING} AS p"  # noqa: S608  names of ours, as below
    f" LEFT JOIN {_EVENT} AS e ON e.id = p.event_id AND e.tenant_id = p.tenant_id"
    " WHERE p.tenant_id = %s ORDER BY p.event_id LIMIT %s"
)
_LEAVES = f"INSERT INTO {_LEAF} (tenant_id, leaf_index, event_id, leaf_hash, signature) "
_LINES = (
    "SELECT l.leaf_index, {event}, l.leaf_hash, l.signature, e.body, {moment}, e.action, {actor}, {study},"  # noqa: S608
    f" {{producer}}, e.producer_seq FROM {_LEAF} AS l"
    f" LEFT JOIN {_EVENT} AS e ON e.id = l.event_id AND e.tenant_id = l.tenant_id"
    " WHERE l.tenant_id = %s AND l.leaf_index >= %s AND l.leaf_index < %s ORDER BY l.leaf_index LIMIT %s"
)

# Of the database's own kind.
Id = Any
Leaf = tuple[int, Id, bytes, bytes]


def waiting(tenant_id: UUID, limit: int) -> list[tuple[Id, bytes | None]]:
    """Return id and body of the oldest events that wait for a leaf; no body where the event is gone."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [own_id(tenant_id), limit])
        found: list[tuple[Id, bytes | None]] = cursor.fetchall()
    return found


def put_leaves(tenant_id: UUID, leaves: Sequence[Leaf]) -> None:
    """Write leaves: index, event, hash, signature."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = zip(*leaves, strict=True) if leaves else ((), (), (), ())
            unnested = "SELECT %s, * FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[], %s::bytea[])"
            cursor.execute(_LEAVES + unnested, [tenant_id, *map(list, columns)])
        else:
            owner = own_id(tenant_id)
            cursor.executemany(_LEAVES + "VALUES (%s, %s, %s, %s, %s)", [(owner, *leaf) for leaf in leaves])


def end_waiting(tenant_id: UUID, event_ids: Sequence[Id]) -> None:
    """Let events wait no longer. By their ids: one that is older may have been committed meanwhile."""
    start = f"DELETE FROM {_PENDING} WHERE tenant_id = %s AND event_id "  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(start + "= ANY(%s)", [tenant_id, list(event_ids)])
        else:
            owner = own_id(tenant_id)
            cursor.executemany(start + "= %s", [(owner, event_id) for event_id in event_ids])


def lines(tenant_id: UUID, start: int, *, stop: int | None = None, count: int) -> list[tuple[Any, ...]]:
    """Return the first leaves of [start, stop), each with its event or nulls in its place; ids are hex digits here.

    Columns: index, event, hash, signature; body, moment (as text on SQLite), action, actor, study, producer, number.
    """
    # As an expression: of a column of that type Django would make moments.
    moment = "e.recorded_at" if connection.vendor == "postgresql" else "e.recorded_at || ''"
    columns = {"event": "l.event_id", "actor": "e.actor_id", "study": "e.study_id", "producer": "e.producer_id"}
    if connection.vendor == "postgresql":
        columns = {name: f"encode(uuid_send({column}), 'hex')" for name, column in columns.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES.format(moment=moment, **columns), [own_id(tenant_id), start, _END if stop is None else stop, count]
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
