"""Copies of the sealed objects in the backup store, under their own addresses: each is copied once, as it is."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from uuid import UUID

from vault import selectors, storage
from vault.errors import ObjectMissingError
from vault.selectors import StoredObject
from vault.storage.port import Storage

_BLOCK = 1 << 20
_AT_ONCE = 64


def copy_new(copied: dict[str, StoredObject]) -> None:
    """Copy all live objects that the backup store lacks; notes each in `copied`, also those that were there."""
    _copy(selectors.live_objects(), storage.current(), storage.backups(), copied)


def bring_back(wanted: Iterable[StoredObject]) -> tuple[int, list[str]]:
    """Copy from the backup store what the store of objects lacks; returns how many, and what neither has."""
    back: dict[str, StoredObject] = {}
    items = list(wanted)
    _copy(items, storage.backups(), storage.current(), back)
    return len(back), [item.object_key for item in items if item.object_key not in back]


def _copy(items: Iterable[StoredObject], source: Storage, target: Storage, done: dict[str, StoredObject]) -> None:
    begun: list[str] = []
    for item in items:
        if item.object_key in done:
            continue
        # One that was removed since it was listed is no part of the backup.
        with suppress(ObjectMissingError):
            if target.size(item.object_key) != item.size_bytes:
                _copy_one(item, source, target)
                begun.append(item.object_key)
            done[item.object_key] = item
        if len(begun) == _AT_ONCE:
            target.sync(begun)
            begun = []
    target.sync(begun)


def _copy_one(item: StoredObject, source: Storage, target: Storage) -> None:
    with source.open(item.object_key, 0, item.size_bytes) as reading:
        # What a killed copy left would be in the way.
        target.delete([item.object_key])
        sink = target.create(item.object_key)
        try:
            buffer = memoryview(bytearray(min(_BLOCK, max(1, item.size_bytes))))
            while filled := reading.readinto(buffer):
                sink.write(buffer[:filled])
        except BaseException:
            sink.abort()
            raise
        sink.close()


def inventory(items: Iterable[StoredObject]) -> Iterator[bytes]:
    """Yield the list of the objects, one JSON object a line."""
    for item in items:
        yield (
            json.dumps({"key": item.object_key, "size": item.size_bytes, "tenant": str(item.tenant_id)}).encode()
            + b"\n"
        )


def parse_inventory(blocks: Iterable[bytes]) -> Iterator[StoredObject]:
    """Read the list of the objects."""
    for line in b"".join(blocks).splitlines():
        held = json.loads(line)
        yield StoredObject(UUID(held["tenant"]), held["key"], held["size"])
