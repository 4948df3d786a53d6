"""Commits that need not wait for the disk: of what is done again where it is lost."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def unsynced(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Commit the transactions of the block without waiting for the disk; others see them at once.

    The end of a process takes none of it back, a power cut the last fraction of a second, in order: what is committed
    durably afterwards never stands without it. Inside a transaction nothing changes: who began it decides.
    """
    database = connections[alias]
    if database.in_atomic_block:
        yield
    elif database.vendor == "postgresql":
        # It goes with the BEGIN of the block's transaction: a scope in a transaction of ours would be a savepoint.
        database.is_unsynced = True  # type: ignore[attr-defined]  # of our own engine
        try:
            yield
        finally:
            database.is_unsynced = False  # type: ignore[attr-defined]  # as above
    else:
        _synchronous(alias, "NORMAL")
        try:
            yield
        finally:
            _synchronous(alias, "FULL")


def _synchronous(alias: str, mode: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={mode}")
