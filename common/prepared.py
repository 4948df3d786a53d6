"""Statements that PostgreSQL plans once: Django sends each as text, to be read and planned anew.

For what is asked for every request, slice or frame; planning under row-level security takes longer there than the
answer. On SQLite, whose driver keeps its statements, it is Django's own cursor.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


@cache
def _prepared() -> Any:
    # Nobody waits for the driver of PostgreSQL where there is none.
    import psycopg

    class Prepared(psycopg.Cursor[Any]):
        """Binds on the server and keeps the plan."""

        def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
            return super().execute(query, params, prepare=True)

    return Prepared


@contextmanager
def prepared_cursor() -> "Iterator[CursorWrapper]":
    """Open a cursor for statements that are few and fixed; their values are parameters, of types that they name."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        with database.cursor() as cursor:
            yield cursor
        return
    database.ensure_connection()
    # Counted, logged and translated as Django's own are.
    with database.batch_cursor() or database._prepare_cursor(_prepared()(database.connection)) as cursor:  # type: ignore[attr-defined]  # not in the stubs
        yield cursor


@contextmanager
def planned_once() -> Iterator[None]:
    """Have PostgreSQL plan the querysets of the block once for each shape and connection.

    For requests that ask few shapes of question, again and again: a table with many indexes takes longer to plan for
    than to answer. Values are bound on the server, so that no expression with a value may stand in a GROUP BY, and each
    must stand where its type is known: beside a column. Inside `batched`, a question goes with what waits before it.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        yield
        return
    database.ensure_connection()
    connection = database.connection
    before = connection.cursor_factory, database.is_planned_once  # type: ignore[attr-defined]  # of our own engine
    connection.cursor_factory, database.is_planned_once = _prepared(), True  # type: ignore[attr-defined]  # as above
    try:
        yield
    finally:
        connection.cursor_factory, database.is_planned_once = before  # type: ignore[attr-defined]  # as above


@contextmanager
def batched() -> Iterator[None]:
    """Send prepared statements together, when an answer is read or the transaction ends; one may lie inside.

    What fails is raised with the answer that is read first. On SQLite each is run at once, as ever.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        yield
        return
    with database.batched():  # type: ignore[attr-defined]  # of our own engine
        yield


def own_id(value: UUID) -> UUID | str:
    """Return an id as the database takes it from a statement that Django has not made."""
    return value if connections[DEFAULT_DB_ALIAS].features.has_native_uuid_field else value.hex
