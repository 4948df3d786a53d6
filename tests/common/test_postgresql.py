"""How often a transaction waits for PostgreSQL, by the driver's own record of the line."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, OperationalError, connections, transaction

import common.any_of  # noqa: F401  a lookup
from common.ids import uuid7
from common.inserting import insert
from common.prepared import batched, prepared_cursor
from common.scope import brief_scope, tenant_scope, tenant_transaction
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


def message(tenant_id: UUID, dedup_key: str) -> OutboxMessage:
    return OutboxMessage(tenant_id=tenant_id, topic="t", dedup_key=dedup_key, payload={})


def test_a_brief_scope_asks_at_its_beginning_and_writes_at_its_end(database: Any, tmp_path: Path) -> None:
    tenant_id = uuid7()

    def read_and_tell() -> None:
        with brief_scope(tenant_id):
            known = [row.tenant_id for row in OutboxMessage.objects.filter(tenant_id=tenant_id)[:3]]
            insert([message(tenant_id, f"{uuid7()}")])
        assert set(known) <= {tenant_id}

    assert trips_of(database, tmp_path / "line", read_and_tell) == 2
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.count() == 2


def test_querysets_in_a_brief_scope_answer_as_they_do_anywhere() -> None:
    tenant_id = uuid7()
    with brief_scope(tenant_id):
        insert([message(tenant_id, f"{number}%") for number in range(250)])
        found = OutboxMessage.objects.order_by("id")
        # More than Django fetches at a time, one, none, how many, and a percent sign that is none of a parameter.
        assert len({row.dedup_key for row in found}) == 250
        assert found.filter(dedup_key__endswith="7%").count() == 25
        assert found.filter(dedup_key="249%").exists()
        assert found.filter(dedup_key="250%").first() is None
        assert found.filter(dedup_key__in=["1%", "2%"]).update(topic="u") == 2
        assert sorted(found.filter(topic="u").values_list("dedup_key", flat=True)) == ["1%", "2%"]
        assert found.extra(where=["dedup_key LIKE '7%%'"]).count() == 11
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.filter(topic="u").count() == 2


def test_what_fails_in_a_savepoint_of_a_brief_scope_is_told_there() -> None:
    tenant_id = uuid7()
    with brief_scope(tenant_id):
        insert([message(tenant_id, "a")])
        with pytest.raises(IntegrityError), transaction.atomic():
            insert([message(tenant_id, "a")])
        insert([message(tenant_id, "b")])
    with tenant_scope(tenant_id):
        assert sorted(OutboxMessage.objects.values_list("dedup_key", flat=True)) == ["a", "b"]


def test_the_server_keeps_as_many_statements_as_the_driver_would(database: Any) -> None:
    def kept() -> int:
        with database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'batch%%'", [])
            return int(cursor.fetchone()[0])

    before = kept()
    with batched(), prepared_cursor() as cursor:
        for number in range(130):
            cursor.execute(f"SELECT {number} + %s::int", [1])
            cursor.execute("SELECT 7 * %s::int", [number])
        assert cursor.fetchone() == (903,)
    assert before + 50 < kept() <= 101
    with batched(), prepared_cursor() as cursor:
        for number in (0, 129):
            cursor.execute(f"SELECT {number} + %s::int", [1])
            assert cursor.fetchone() == (number + 1,)


def test_what_is_rolled_back_before_anything_was_sent_costs_no_statement_its_plan(database: Any) -> None:
    def ask_and_break_off() -> None:
        with brief_scope(uuid7()):
            list(OutboxMessage.objects.filter(topic="a"))
            raise ZeroDivisionError

    def break_off() -> None:
        with brief_scope(uuid7()):
            raise ZeroDivisionError

    # The driver has heard of a rollback, has prepared a statement since, and is told nothing of the second one.
    with pytest.raises(ZeroDivisionError):
        ask_and_break_off()
    ask(1)
    with brief_scope(uuid7()):
        list(OutboxMessage.objects.filter(topic="a"))
    with pytest.raises(ZeroDivisionError):
        break_off()
    assert ask(2) == 2
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'batch%%'", [])
        assert cursor.fetchone()[0] > 0


def test_a_value_that_no_text_has_is_refused_where_it_is_given(database: Any) -> None:
    line = database.connection
    with brief_scope(uuid7()):
        with pytest.raises(DataError):
            list(OutboxMessage.objects.filter(topic="a\0b"))
        assert not OutboxMessage.objects.exists()
    assert (database.connection, line.closed) == (line, False)


def test_whoever_asks_how_many_rows_were_touched_hears_djangos_errors() -> None:
    tenant_id = uuid7()

    def change() -> None:
        with brief_scope(tenant_id):
            insert([message(tenant_id, "a"), message(tenant_id, "b")])
            OutboxMessage.objects.filter(dedup_key="b").update(dedup_key="a")

    with pytest.raises(IntegrityError):
        change()


def test_what_a_brief_scope_wrote_inside_another_one_stays_when_it_breaks_off() -> None:
    tenant_id = uuid7()

    def break_off() -> None:
        with brief_scope(tenant_id):
            insert([message(tenant_id, "a")])
            raise ZeroDivisionError

    with tenant_scope(tenant_id), pytest.raises(ZeroDivisionError):
        break_off()
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.count() == 1


def test_a_savepoint_that_breaks_off_takes_only_what_came_after_it() -> None:
    tenant_id = uuid7()

    def break_off() -> None:
        with transaction.atomic():
            insert([message(tenant_id, "a")])
            raise ZeroDivisionError

    with brief_scope(tenant_id):
        insert([message(tenant_id, "a")])
        with pytest.raises(ZeroDivisionError):
            break_off()
        insert([message(tenant_id, "b")])
    with tenant_scope(tenant_id):
        assert sorted(OutboxMessage.objects.values_list("dedup_key", flat=True)) == ["a", "b"]


def test_a_percent_sign_is_no_parameter() -> None:
    with batched(), prepared_cursor() as cursor:
        cursor.execute("SELECT 'a%%s', %s::int, '100%%'", [7])
        assert [*cursor] == [("a%s", 7, "100%")]


def test_values_in_an_array_are_one_statement_for_any_number_of_them(database: Any) -> None:
    tenant_id = uuid7()
    rows = [message(tenant_id, f"{number}") for number in range(5)]
    with brief_scope(tenant_id):
        insert(rows)
        for number in range(6):
            wanted = [row.id for row in rows[:number]]
            assert OutboxMessage.objects.filter(id__any_of=wanted).count() == number
    with tenant_scope(tenant_id), database.cursor() as cursor:
        assert OutboxMessage.objects.filter(id__any_of=[rows[0].id, uuid7()]).count() == 1
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%ANY%%'", [])
        assert cursor.fetchone() == (1,)
