"""What a page asks of the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Entering a tenant's scope asks nothing of a table.
_SCOPES = ("SELECT set_config", "SELECT current_setting", "SAVEPOINT", "RELEASE SAVEPOINT", "SET ", "RESET ")


@contextmanager
def questions() -> Iterator[list[str]]:
    """Collect what is asked of tables inside the block, as statements without their values."""
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.startswith(_SCOPES):
            asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked
