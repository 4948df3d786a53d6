"""How often a transaction waits for PostgreSQL, by the driver's own record of the line."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from common.ids import uuid7
from common.inserting import insert
from common.prepared import batched, prepared_cursor
from common.scope import tenant_scope, tenant_transaction
from common.together import written_together
from outbox.models import OutboxMessage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def database() -> Any:
    found: Any = connections[DEFAULT_DB_ALIAS]
    found.ensure_connection()
    return found


def trips_of(database: Any, record: Path, run: Callable[[], None]) -> int:
    """Return how often something is sent and then something comes, when the driver has planned all statements."""
    run()
    with record.open("wb") as file:
        database.connection.pgconn.trace(file.fileno())
        run()
        database.connection.pgconn.untrace()
    # Moment, side, length, message.
    sides = [line.split("\t")[1] for line in record.read_text(encoding="utf-8").splitlines()]
    return sum((before, after) == ("F", "B") for before, after in pairwise(sides))


def ask(number: int) -> int:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT %s::int", [number])
        return int(cursor.fetchone()[0])


def test_a_scope_is_set_in_the_trip_that_begins_it(database: Any, tmp_path: Path) -> None:
    def read() -> None:
        with tenant_scope(uuid7()):
            assert ask(1) == 1

    # BEGIN and the tenant, the question, COMMIT.
    assert trips_of(database, tmp_path / "line", read) == 3


def test_a_batched_transaction_waits_for_its_statements_and_its_end(database: Any, tmp_path: Path) -> None:
    tenant_id = uuid7()

    def write() -> None:
        with batched(), tenant_transaction(tenant_id), prepared_cursor() as cursor:
            cursor.execute("SELECT 5")
            with written_together():
                insert([OutboxMessage(tenant_id=tenant_id, topic="t", dedup_key=str(uuid7()), payload={})])
            assert cursor.fetchone() == (5,)

    assert trips_of(database, tmp_path / "line", write) == 2
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.count() == 2


def test_a_transaction_that_breaks_off_leaves_nothing(database: Any) -> None:
    tenant_id = uuid7()

    def break_off() -> None:
        with batched(), tenant_transaction(tenant_id):
            insert([OutboxMessage(tenant_id=tenant_id, topic="t", dedup_key="a", payload={})])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.count() == 0
    assert database.connection.info.transaction_status.name == "IDLE"


def test_a_scope_inside_a_transaction_is_set_by_a_statement_of_its_own(database: Any) -> None:
    tenant_id = uuid7()
    with transaction.atomic(), tenant_scope(tenant_id), database.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id')")
        assert cursor.fetchone() == (str(tenant_id),)


def test_a_scope_that_could_not_be_opened_leaves_its_tenant_to_no_other(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError

    def open_scope() -> None:
        with tenant_scope(uuid7()):
            pass

    with monkeypatch.context() as patched:
        patched.setattr(database, "close_if_health_check_failed", refuse)
        with pytest.raises(OperationalError):
            open_scope()
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.tenant_id', true), '')")
        assert cursor.fetchone() == ("",)


def test_a_batch_inside_another_is_a_part_of_it() -> None:
    tenant_id = uuid7()
    with batched(), tenant_transaction(tenant_id), prepared_cursor() as outer:
        outer.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
        with batched(), prepared_cursor() as inner:
            inner.execute("SELECT current_setting('app.tenant_id')")
        assert (inner.fetchone(), outer.rowcount) == ((str(tenant_id),), 1)
        assert insert([OutboxMessage(tenant_id=tenant_id, topic="t", dedup_key="a", payload={})]) == 1


def test_what_is_to_be_done_after_a_batched_commit_finds_the_line_free(database: Any) -> None:
    found = []

    with batched(), tenant_transaction(uuid7()):
        transaction.on_commit(lambda: found.append((database.connection.info.pipeline_status.name, ask(7))))
    assert found == [("OFF", 7)]
