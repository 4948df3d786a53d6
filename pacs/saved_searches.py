"""Reads of saved searches."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts import access
from common.actor import Actor
from pacs.errors import SavedSearchNotFoundError
from pacs.models import SavedSearch
from pacs.worklist_filters import FIELDS, Search

_DATES = {"since", "until"}


@dataclass(frozen=True, slots=True)
class SearchLine:
    """A saved search in a list."""

    id: UUID
    name: str
    is_shared: bool
    can_remove: bool


def list_searches(actor: Actor) -> list[SearchLine]:
    """List one's own searches and those that others share, by name (inside the scope)."""
    rows = SavedSearch.objects.filter(Q(owner_id=actor.id) | Q(is_shared=True)).order_by("name", "id")
    return [SearchLine(row.id, row.name, row.is_shared, _may_remove(actor, row)) for row in rows]


def get_criteria(*, actor: Actor, search_id: UUID) -> Search:
    """Return what a saved search looks for, or raise."""
    criteria = _get(actor, search_id).criteria
    known: dict[str, Any] = {
        name: dt.date.fromisoformat(value) if name in _DATES else value
        for name, value in criteria.items()
        if name in FIELDS
    }
    return Search(**known)


def get_removable(*, actor: Actor, search_id: UUID) -> SavedSearch:
    """Return a search that one may remove, or raise."""
    row = _get(actor, search_id)
    if not _may_remove(actor, row):
        raise SavedSearchNotFoundError
    return row


def _get(actor: Actor, search_id: UUID) -> SavedSearch:
    readable = SavedSearch.objects.filter(Q(owner_id=actor.id) | Q(is_shared=True), id=search_id)
    row: SavedSearch | None = readable.first()
    if row is None:
        raise SavedSearchNotFoundError
    return row


def _may_remove(actor: Actor, row: SavedSearch) -> bool:
    return row.owner_id == actor.id or (row.is_shared and access.allows(actor, "tenant.manage"))
