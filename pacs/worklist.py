"""The worklist: searched, sorted and paged by keys, so that the thousandth page costs what the first one costs."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet

from common.actor import Actor
from common.ids import parse_uuid
from pacs import selectors, worklist_filters
from pacs.models import Series, Study
from pacs.worklist_filters import Search

if TYPE_CHECKING:
    Studies = QuerySet[Study]

PAGE_ROWS = 50
# What a table may be sorted by, and the indexed column behind it.
COLUMNS = {"received_at": "received_at", "study_date": "study_date", "patient_name": "patient_name_folded"}
SORTS = tuple(sign + name for name in COLUMNS for sign in ("-", ""))
_NULLABLE = {"study_date"}
DEFAULT_SORT = "-received_at"


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a sorted list, and the cursors that lead on: a direction and the id of the row at that end."""

    rows: list[Study]
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study has come."""

    is_preparing: bool
    has_thumbnail: bool


def default_sort(search: Search) -> str:
    """Return the order that nobody asked for: what was looked for by its date is listed by it."""
    return "-study_date" if search.since or search.until else DEFAULT_SORT


def find_page(
    *, actor: Actor, search: Search, sort: str = DEFAULT_SORT, cursor: str = "", limit: int = PAGE_ROWS
) -> Page:
    """Return one page of the studies that the actor may know of; a cursor that leads nowhere, the first."""
    direction, _, anchor_id = cursor.partition(":")
    anchor = _anchor(selectors.visible_studies(actor), sort, parse_uuid(anchor_id))
    is_backward = anchor is not None and direction == "before"
    found = worklist_filters.narrow(actor, search, sort=sort)
    rows = list(_walk(found, sort, anchor, limit + 1, is_backward=is_backward))
    has_more = len(rows) > limit
    if anchor is not None and (not rows or (is_backward and not has_more)):
        return find_page(actor=actor, search=search, sort=sort, limit=limit)
    rows = rows[:limit][::-1] if is_backward else rows[:limit]
    return Page(
        rows=rows,
        previous=f"before:{rows[0].id}" if anchor is not None else "",
        next=f"after:{rows[-1].id}" if is_backward or has_more else "",
    )


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The row that a page begins behind."""

    id: UUID
    value: Any


def _anchor(visible: "Studies", sort: str, study_id: UUID | None) -> _Anchor | None:
    """Look the row up, so that no value of a patient stands in a cursor; when it is gone, begin at the start."""
    if study_id is None:
        return None
    found = visible.filter(id=study_id).values_list(COLUMNS[sort.lstrip("-")], flat=True)
    return next((_Anchor(id=study_id, value=value) for value in found), None)


def _walk(found: "Studies", sort: str, anchor: _Anchor | None, limit: int, *, is_backward: bool) -> Iterator[Study]:
    """Yield at most `limit` rows from the anchor on, in the order of an index."""
    column, is_descending = COLUMNS[sort.lstrip("-")], sort.startswith("-") != is_backward
    order = (f"-{column}", "-id") if is_descending else (column, "id")
    for part in _parts(found, column, anchor, is_descending=is_descending, is_backward=is_backward):
        rows = list(part.order_by(*order)[:limit])
        yield from rows
        limit -= len(rows)
        if not limit:
            return


def _parts(
    found: "Studies", column: str, anchor: _Anchor | None, *, is_descending: bool, is_backward: bool
) -> Iterator["Studies"]:
    """Yield what lies ahead: rows with a value, then those without, however they are sorted; going back, reversed."""
    if column not in _NULLABLE:
        yield found.filter(_beyond(column, anchor, is_descending=is_descending)) if anchor else found
        return
    kinds = [True, False] if is_backward else [False, True]
    ahead = kinds if anchor is None else kinds[kinds.index(anchor.value is None) :]
    for is_null in ahead:
        part = found.filter(**{f"{column}__isnull": is_null})
        is_here = anchor is not None and is_null == (anchor.value is None)
        yield part.filter(_beyond(column, anchor, is_descending=is_descending)) if anchor and is_here else part


def _beyond(column: str, anchor: _Anchor, *, is_descending: bool) -> Q:
    than = "lt" if is_descending else "gt"
    later = Q(**{f"id__{than}": anchor.id})
    if anchor.value is None:
        return later
    # The first condition is what the index is entered by; a comparison of pairs would not be everywhere.
    return Q(**{f"{column}__{than}e": anchor.value}) & (Q(**{f"{column}__{than}": anchor.value}) | later)


# --- what is shown beside ---------------------------------------------------------------------------------------------


def progress_of(study_ids: Iterable[UUID]) -> dict[UUID, Progress]:
    """Return how far studies have come: one query, however many they are."""
    found = {study_id: Progress(is_preparing=False, has_thumbnail=False) for study_id in study_ids}
    columns = ("study_id", "prepared_instances", "number_of_instances", "thumbnail_blob_id")
    for study_id, prepared, stored, thumbnail in Series.objects.filter(study_id__in=list(found)).values_list(*columns):
        before = found[study_id]
        found[study_id] = Progress(
            is_preparing=before.is_preparing or prepared < stored,
            has_thumbnail=before.has_thumbnail or thumbnail is not None,
        )
    return found


# A sum over all studies: a page of the list must not cost more the more there are.
STORAGE_AGE_S = 60.0
_storage: dict[UUID, tuple[float, int]] = {}


def storage_used(tenant_id: UUID) -> int:
    """Return the bytes that the originals of the open tenant take, as they were at most a minute ago."""
    moment = time.monotonic()
    read_at, used = _storage.get(tenant_id, (-STORAGE_AGE_S, 0))
    if moment - read_at < STORAGE_AGE_S:
        return used
    used = selectors.storage_used()
    _storage[tenant_id] = (moment, used)
    return used


def forget() -> None:
    """Drop the sums kept in this process."""
    _storage.clear()
