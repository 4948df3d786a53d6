"""Rows written together: one statement for all that a transaction writes to PostgreSQL.

Each statement there costs a turn of two processes, and a slice that arrives writes six. Inside `written_together` what
is to be written is gathered, and goes as one statement of data-modifying CTEs at the end of the block. SQLite, which
lives in this process, is written at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from common.prepared import prepared_cursor

_open: "ContextVar[Together | None]" = ContextVar("together", default=None)


class UnexpectedCountError(Exception):
    """A statement touched more or fewer rows than it must; the transaction is to be rolled back."""


@dataclass(slots=True)
class Together:
    """What one block writes."""

    _statements: list[str] = field(default_factory=list)
    _values: list[Any] = field(default_factory=list)
    _expected: list[int | None] = field(default_factory=list)

    def write(self, statement: str, values: Sequence[Any], *, rows: int | None = None) -> None:
        """Run an INSERT or UPDATE by the end of the block.

        No statement sees what another one of the block wrote, and no two may write the same row.

        Parameters
        ----------
        rows
            How many it must touch; any number where nothing is said.

        Raises
        ------
        UnexpectedCountError
            Here or at the end of the block.
        """
        if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
            self._statements.append(statement)
            self._values += values
            self._expected.append(rows)
            return
        with prepared_cursor() as cursor:
            cursor.execute(statement, values)
            _require([cursor.rowcount], [rows])

    def _end(self) -> None:
        if not self._statements:
            return
        with prepared_cursor() as cursor:
            cursor.execute(_joined(tuple(self._statements)), self._values)
            _require(cursor.fetchone() or (), self._expected)


def gathering() -> Together | None:
    """Return the block that is open, where its statements are gathered."""
    return _open.get()


@contextmanager
def written_together() -> Iterator[Together]:
    """Gather what the block writes by `common.inserting.insert` and `Together.write`, and write it at its end."""
    block = Together()
    token = _open.set(block if connections[DEFAULT_DB_ALIAS].vendor == "postgresql" else None)
    try:
        yield block
    finally:
        _open.reset(token)
    block._end()


@lru_cache(maxsize=64)
def _joined(statements: tuple[str, ...]) -> str:
    """Return statements as one that answers how many rows each of them touched, in the order in which they are run."""
    parts = ", ".join(f"part{number} AS ({one} RETURNING 1)" for number, one in enumerate(statements))
    counts = ", ".join(f"(SELECT count(*) FROM part{number})" for number in range(len(statements)))  # noqa: S608  ours
    return f"WITH {parts} SELECT {counts}"


def _require(touched: Sequence[int], expected: Sequence[int | None]) -> None:
    for number, rows in zip(touched, expected, strict=True):
        if rows is not None and number != rows:
            raise UnexpectedCountError(f"{number} rows instead of {rows}")
