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


def require_replaceable(*, is_confirmed: bool) -> None:
    """Check that `load` may put a copy in the place of the database.

    Raises
    ------
    DatabaseExistsError
        If there is a database and nobody confirmed that it is to be replaced.
    DatabaseInUseError
        If a process has the file open; with PostgreSQL there can be none.
    ConflictError
        If a database of PostgreSQL is not empty: it is never replaced.
    """
    connections.close_all()
    if engine() == "sqlite":
        sqlite.require_replaceable(is_confirmed=is_confirmed)
    else:
        postgres.require_empty()


def load(blocks: Iterable[bytes]) -> list[str]:
    """Put the bytes of a copy in the place of the database; what was there is kept, or the place must be empty.

    Raises
    ------
    DatabaseInUseError, ConflictError
        If `require_replaceable` would refuse by now: somebody came meanwhile.
    BackupDamagedError
        If the copy is not intact.
    """
    connections.close_all()
    return sqlite.load(blocks) if engine() == "sqlite" else postgres.load(blocks)
