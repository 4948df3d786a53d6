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
def engines(alias: str, number: int = 1) -> Iterator[list[DatabaseWrapper]]:
    """Open engines with one pool, as the threads of a portal have it, of as many connections."""
    settings = deepcopy(connections[DEFAULT_DB_ALIAS].settings_dict)
    # Django takes on a role only where there is no pool.
    settings["OPTIONS"] = {"pool": {"min_size": 1, "max_size": number, "timeout": 10}}
    opened = [DatabaseWrapper(settings, alias=alias) for _ in range(number)]
    try:
        yield opened
    finally:
        for one in opened:
            one.close()
        opened[0].close_pool()


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    with engines("pooled") as (opened,):
        yield opened


def ask(*threads: DatabaseWrapper) -> set[int]:
    """Return the processes of the server that answer all at the same time, and give the connections back."""
    found = set()
    for one in threads:
        with one.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found.add(cursor.fetchone()[0])
    for one in threads:
        one.close()
    return found


def end(processes: set[int]) -> None:
    """End processes of the server from another connection of the same role."""
    with engines("another") as (another,), another.cursor() as cursor:
        for process in processes:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
            assert cursor.fetchone() == (True,)


def sent_by(connection: Any, record: Path) -> tuple[bool, str]:
    with record.open("wb") as file:
        connection.pgconn.trace(file.fileno())
        answer = lives(connection)
        connection.pgconn.untrace()
    return answer, record.read_text(encoding="utf-8")


def test_connections_that_the_server_ended_are_lent_to_nobody() -> None:
    with engines("three", 3) as threads:
        before = ask(*threads)
        end(before)
        after = ask(*threads)
    assert (len(before), len(after), before & after) == (3, 3, set())


def test_a_connection_that_fails_in_any_way_leaves_its_place_to_another(
    pooled: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(pooled)
    with monkeypatch.context() as patched:
        patched.setattr("common.postgresql.base.lives", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ask(pooled)
    assert len(ask(pooled)) == 1


def test_a_connection_that_nobody_used_yet_rests(
    pooled: DatabaseWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "_TRUSTED_S", 0.0)
    pooled.pool.open()
    pooled.pool.wait(10)
    connection = pooled.pool.getconn()
    answer, sent = sent_by(connection, tmp_path / "line")
    pooled.pool.putconn(connection)
    assert (answer, "Query" in sent) == (True, True)


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
