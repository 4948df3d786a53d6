"""What a page asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Entering a tenant's scope asks nothing of a table.
_SCOPES = ("SELECT set_config", "SELECT current_setting", "SAVEPOINT", "RELEASE SAVEPOINT", "SET ", "RESET ")


@contextmanager
def questions() -> Iterator[list[str]]:
    """Collect what is asked of tables inside the block; complete once it has ended."""
    asked: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield asked
    asked += [query["sql"] for query in queries.captured_queries if not query["sql"].startswith(_SCOPES)]
