"""The history of inventory and map: written with every change, read back to any day."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models

from common.actor import Actor
from compliance.models import InventoryChange

# Places on the drawing are no facts about the practice, and the stamps are what the history itself says.
SILENT = frozenset({"id", "tenant_id", "map_x", "map_y", "created_at", "updated_at"})

Values = Mapping[str, Any]
Diff = dict[str, list[Any]]


def values_of(row: models.Model) -> dict[str, Any]:
    """Return the facts of a row as JSON values, by the names of their columns."""
    return {
        field.attname: _plain(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.attname not in SILENT
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def diff(before: Values, after: Values) -> Diff:
    """Return old and new value of every fact that differs."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def beginning(row: models.Model) -> Diff:
    """Return what is known of a new row: everything that is not empty."""
    return diff({}, {name: value for name, value in values_of(row).items() if value not in (None, "", {})})


def write(*, actor: Actor, noun: str, subject_id: UUID, verb: str, fields: Diff) -> None:
    """Append one change, in the caller's transaction and scope."""
    InventoryChange.objects.create(
        tenant_id=actor.tenant_id,
        noun=noun,
        subject_id=subject_id,
        verb=verb,
        fields=fields,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )


def list_changes(*, noun: str, subject_id: UUID, limit: int = 100) -> list[InventoryChange]:
    """List what happened to one asset, party or flow, newest first."""
    return list(InventoryChange.objects.filter(noun=noun, subject_id=subject_id).order_by("-id")[:limit])


def rewind(rows: Mapping[UUID, Values], changes: Iterable[InventoryChange]) -> dict[UUID, dict[str, Any]]:
    """Take changes back from the facts of today, the newest first; what was created by one of them disappears."""
    facts = {row_id: dict(values) for row_id, values in rows.items()}
    for change in changes:
        if change.verb == InventoryChange.Verb.CREATED:
            facts.pop(change.subject_id, None)
        elif change.subject_id in facts:
            facts[change.subject_id].update({name: old for name, (old, _) in change.fields.items()})
    return facts
