"""Whether a connection that was kept is of use, on a real server that ends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from select import select
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from common.postgresql import liveness
from common.postgresql.base import DatabaseWrapper
from common.postgresql.liveness import lives, rest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@contextmanager
def engine(alias: str) -> Iterator[DatabaseWrapper]:
    """Open an engine with a pool, as a portal has it."""
    settings = deepcopy(connections[DEFAULT_DB_ALIAS].settings_dict)
    # Django takes on a role only where there is no pool.
    settings["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 1, "timeout": 10}}
    opened = DatabaseWrapper(settings, alias=alias)
    try:
        yield opened
    finally:
        opened.close()
        opened.close_pool()


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    with engine("pooled") as opened:
        yield opened


def ask(pooled: DatabaseWrapper) -> int:
    """Return the process of the server that answers, and give the connection back."""
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process: int = cursor.fetchone()[0]
    pooled.close()
    return process


def end(process: int) -> None:
    """End a process of the server from another connection of the same role."""
    with engine("another") as another, another.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        assert cursor.fetchone() == (True,)


def sent_by(connection: Any, record: Path) -> tuple[bool, str]:
    with record.open("wb") as file:
        connection.pgconn.trace(file.fileno())
        answer = lives(connection)
        connection.pgconn.untrace()
    return answer, record.read_text(encoding="utf-8")


def test_a_connection_that_the_server_ended_is_lent_to_nobody(pooled: DatabaseWrapper) -> None:
    processes = {ask(pooled) for _ in range(3)}
    assert len(processes) == 1
    end(*processes)
    assert ask(pooled) not in processes


def test_a_connection_that_rested_briefly_is_not_asked(pooled: DatabaseWrapper, tmp_path: Path) -> None:
    pooled.ensure_connection()
    rest(pooled.connection)
    assert sent_by(pooled.connection, tmp_path / "line") == (True, "")


def test_a_connection_that_rested_for_long_is_asked(
    pooled: DatabaseWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "_TRUSTED_S", 0.0)
    pooled.ensure_connection()
    rest(pooled.connection)
    answer, sent = sent_by(pooled.connection, tmp_path / "line")
    assert (answer, "Query" in sent) == (True, True)


def test_a_connection_that_was_told_something_lives(pooled: DatabaseWrapper, tmp_path: Path) -> None:
    pooled.ensure_connection()
    pooled.connection.execute("LISTEN told")
    rest(pooled.connection)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("NOTIFY told")
    assert select([pooled.connection], [], [], 10)[0]
    answer, sent = sent_by(pooled.connection, tmp_path / "line")
    assert (answer, "Query" in sent) == (True, True)
