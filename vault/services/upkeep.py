"""Upkeep of the store: is it writable, and what lies in it that no row knows."""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from common.clock import now
from common.crashpoint import crashpoint
from common.errors import ConflictError
from common.scope import tenant_scope
from vault import keyring, storage, tenants
from vault.models import Blob
from vault.services.objects import finish_deletions
from vault.storage.port import Storage

# What the last sweep found: the time of the first sight of each object that no row knew.
SUSPECTS_KEY = "sweep/suspects.json"
SEEN_TWICE_AFTER = dt.timedelta(hours=1)
_BATCH = 1000
_FEW = 100


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep saw and removed."""

    seen: int
    suspects: int
    removed: int
    unfinished: int


def probe() -> None:
    """Raise unless keyring and store can be read and written.

    Raises
    ------
    KeyringError, StorageFullError, UnavailableError
        With a text that names what lacks.
    """
    keyring.current().probe()
    storage.current().probe()


def sweep(*, older_than: dt.timedelta = dt.timedelta(hours=24)) -> SweepReport:
    """Remove objects that no row of any tenant knows, when two sweeps at least an hour apart have seen them.

    Objects staged by requests that died, or whose transaction was rolled back, are such. Nothing younger than
    `older_than` is looked at. Removals that a crash interrupted are finished first.

    Raises
    ------
    ConflictError
        If most objects would go: then this is not the database of this store, and nothing is removed.
    """
    store, instant = storage.current(), now()
    for tenant_id in tenants.all_ids():
        finish_deletions(tenant_id)
    unfinished = store.sweep_unfinished(instant - older_than)
    before = _read_suspects(store)
    suspects: dict[str, str] = {}
    doomed: list[str] = []
    seen = 0
    for keys in _old_keys(store, instant - older_than):
        seen += len(keys)
        for key in _unknown(keys):
            first_seen = before.get(key, instant.isoformat())
            if instant - dt.datetime.fromisoformat(first_seen) >= SEEN_TWICE_AFTER:
                doomed.append(key)
            else:
                suspects[key] = first_seen
    if len(doomed) > _FEW and 2 * len(doomed) > seen:
        raise ConflictError("Most objects of the store have no row: this is not its database. Nothing was removed.")
    crashpoint("sweep.listed")
    store.delete(doomed)
    store.put(SUSPECTS_KEY, orjson.dumps(suspects), is_replacing=True)
    return SweepReport(seen, len(suspects), len(doomed), unfinished)


def _old_keys(store: Storage, before: dt.datetime) -> Iterator[list[str]]:
    old = (entry.key for entry in store.entries() if entry.modified_at < before)
    while batch := list(itertools.islice(old, _BATCH)):
        yield batch


def _unknown(keys: list[str]) -> list[str]:
    """Return the objects that no tenant has a row for; each tenant is asked in its own scope."""
    unknown = set(keys)
    for tenant_id in tenants.all_ids():
        if unknown:
            with tenant_scope(tenant_id):
                unknown -= set(Blob.objects.filter(object_key__in=unknown).values_list("object_key", flat=True))
    return sorted(unknown)


def _read_suspects(store: Storage) -> dict[str, str]:
    data = store.get(SUSPECTS_KEY)
    found: dict[str, str] = orjson.loads(data) if data else {}
    return found
