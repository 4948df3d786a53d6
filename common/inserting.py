"""Rows written by one prepared statement: `bulk_create` resolves expressions and compiles anew for every call.

Measured on rows of stored instances: 0.1 ms against 0.7. Only for rows whose values are plain and complete.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.db import DEFAULT_DB_ALIAS, connections, models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# Below what SQLite takes in one statement (32,766), whatever the table.
_MAX_PARAMETERS: Final = 30_000


def insert(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> int:
    """Insert rows of one model, in the caller's transaction and scope, and return how many were written."""
    if not rows:
        return 0
    # The connection itself: behind the proxy, each field would look it up again.
    database = connections[DEFAULT_DB_ALIAS]
    start, row, end, fields = _statement(type(rows[0]), database.vendor, ignore_conflicts)
    step = max(1, _MAX_PARAMETERS // len(fields))
    written = 0
    with database.cursor() as cursor:
        for at in range(0, len(rows), step):
            chunk = rows[at : at + step]
            values = [
                _prepared(field, plain, getattr(one, name), database) for one in chunk for field, name, plain in fields
            ]
            cursor.execute(start + ", ".join([row] * len(chunk)) + end, values)
            written += cursor.rowcount
    for one in rows:
        one._state.adding = False
    return written


def _prepared(field: "models.Field[Any, Any]", plain: type | None, value: Any, database: "BaseDatabaseWrapper") -> Any:
    """Return a value as the database takes it; what is that already needs no questions."""
    if value is None or type(value) is plain:
        return value
    return field.get_db_prep_save(value, database)


def _plain_type(field: "models.Field[Any, Any]", vendor: str) -> type | None:
    """Return the type whose values a field hands to the database unchanged."""
    if type(field) in {models.CharField, models.TextField}:
        return str
    # PostgreSQL is told the width of a whole number.
    if type(field) in {models.IntegerField, models.BigIntegerField} and vendor == "sqlite":
        return int
    return None


@lru_cache(maxsize=64)
def _statement(
    model: type[models.Model], vendor: str, ignore_conflicts: bool
) -> tuple[str, str, str, "tuple[tuple[models.Field[Any, Any], str, type | None], ...]"]:
    """Return the statement around its rows; all names are those of the model."""
    fields = tuple(model._meta.concrete_fields)
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    start = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608  names of ours
    row = f"({', '.join(['%s'] * len(fields))})"
    plain = tuple((field, field.attname, _plain_type(field, vendor)) for field in fields)
    return start, row, " ON CONFLICT DO NOTHING" if ignore_conflicts else "", plain
