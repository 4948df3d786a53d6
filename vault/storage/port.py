"""What the vault needs of a store of objects. Keys are relative addresses that name nothing but random ids."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from vault.floe import Buffer


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a listing."""

    key: str
    size_bytes: int
    modified_at: dt.datetime


class Sink(Protocol):
    """An object that is being written; it is durable, and may be named by a row, after `Storage.sync`."""

    def write(self, data: Buffer) -> None:
        """Take bytes; the buffer may be used again when this returns."""

    def close(self) -> None:
        """End the object."""

    def abort(self) -> None:
        """Forget the object."""


class Source(Protocol):
    """A range of an object that is being read from its begin to its end."""

    @property
    def object_size(self) -> int:
        """Return the size of the whole object, not of the range."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with further bytes and return how many, fewer than it takes only where the range ends."""


class Storage(Protocol):
    """A write-once store of objects, and small overwritable files beside them.

    Every method raises `StorageFullError` when the store is full, `UnavailableError` when it does not answer.
    """

    backend: str

    def create(self, key: str) -> Sink:
        """Begin an object; raise ConflictError where a store of files has one of this name already."""

    def sync(self, keys: Sequence[str]) -> None:
        """Make closed objects durable; raise ConflictError where a store that asks only now has one already."""

    def open(self, key: str, offset: int, length: int) -> AbstractContextManager[Source]:
        """Open a range of an object; raise ObjectMissingError where there is none."""

    def size(self, key: str) -> int | None:
        """Return the size of an object, or None where there is none."""

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects with all their versions, visible or only begun; absent ones are no error.

        When it returns, the store has confirmed that none is left.
        """

    def remaining(self, keys: Sequence[str]) -> list[str]:
        """Return those of the keys under which the store still has anything, an old version for one."""

    def entries(self) -> Iterator[Entry]:
        """List all objects under `o/`, in no particular order."""

    def sweep_unfinished(self, before: dt.datetime) -> int:
        """Remove what was begun before an instant and never synced; return how many."""

    def get(self, key: str) -> bytes | None:
        """Return a small file."""

    def put(self, key: str, data: bytes, *, is_replacing: bool) -> bool:
        """Write a small file durably; return False where it exists and is not to be replaced."""

    def is_empty(self) -> bool:
        """Say whether the store has nothing at all."""

    def probe(self) -> None:
        """Write, read and remove a small file."""
