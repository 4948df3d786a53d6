"""Statements that PostgreSQL plans once: Django sends each as text, to be read and planned anew.

For what is asked for every request, slice or frame; planning under row-level security takes longer there than the
answer. On SQLite, whose driver keeps its statements, it is Django's own cursor.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


class _Prepared(psycopg.Cursor[Any]):
    """Binds on the server and keeps the plan."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        return super().execute(query, params, prepare=True)


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
    with database._prepare_cursor(_Prepared(database.connection)) as cursor:  # type: ignore[attr-defined]  # not in the stubs
        yield cursor
