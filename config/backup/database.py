"""The database as one stream of bytes and back, whichever engine it has."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

from django.db import connections

from config.backup import postgres, sqlite


def engine() -> str:
    """Return `sqlite` or `postgresql`."""
    return str(connections["default"].vendor)


def dumped() -> AbstractContextManager[Iterable[bytes]]:
    """Copy the database consistently while it is in use; yields the bytes of the copy."""
    return sqlite.copied() if engine() == "sqlite" else postgres.dumped()


def load(blocks: Iterable[bytes], *, is_confirmed: bool) -> list[str]:
    """Put the bytes of a copy in the place of the database; what was there is kept, or the place must be empty.

    Raises
    ------
    DataFolderInUseError
        If there is a database and nobody confirmed that it is to be replaced.
    DatabaseInUseError
        If a process has the file open; with PostgreSQL there can be none.
    ConflictError
        If a database of PostgreSQL is not empty: it is never replaced.
    BackupDamagedError
        If the copy is not intact.
    """
    connections.close_all()
    return sqlite.load(blocks, is_confirmed=is_confirmed) if engine() == "sqlite" else postgres.load(blocks)
