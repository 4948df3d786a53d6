"""Statements that PostgreSQL gets as one, and statements that do not wait for each other."""

from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from common.ids import uuid7
from common.inserting import insert
from common.prepared import batched, own_id, prepared_cursor
from common.scope import tenant_scope, tenant_transaction
from common.together import UnexpectedCountError, written_together
from outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)
_ATTEMPT = "UPDATE outbox_outboxmessage SET attempts = attempts + %s WHERE id = %s"


def _message(tenant_id: UUID, key: str = "") -> OutboxMessage:
    return OutboxMessage(tenant_id=tenant_id, topic="t", dedup_key=key or str(uuid7()), payload={"a": 1})


def _kept(tenant_id: UUID) -> dict[UUID, int]:
    with tenant_scope(tenant_id):
        return dict(OutboxMessage.objects.values_list("id", "attempts"))


def _known(tenant_id: UUID, key: str = "") -> OutboxMessage:
    row = _message(tenant_id, key)
    with tenant_transaction(tenant_id):
        insert([row])
    return row


def test_inserts_and_updates_of_a_block_are_written_as_given() -> None:
    tenant_id = uuid7()
    known = _known(tenant_id)
    first, second = _message(tenant_id), _message(tenant_id)
    with batched(), tenant_transaction(tenant_id), written_together() as together:
        insert([first])
        together.write(_ATTEMPT, [3, own_id(known.id)], rows=1)
        insert([second, _message(tenant_id, known.dedup_key)], ignore_conflicts=True)
    assert _kept(tenant_id) == {known.id: 3, first.id: 0, second.id: 0}


def test_a_row_that_is_not_there_undoes_the_whole_block() -> None:
    tenant_id = uuid7()

    def write() -> None:
        with batched(), tenant_transaction(tenant_id), written_together() as together:
            insert([_message(tenant_id)])
            together.write(_ATTEMPT, [1, own_id(uuid7())], rows=1)

    with pytest.raises(UnexpectedCountError):
        write()
    assert _kept(tenant_id) == {}


def test_any_number_of_rows_will_do_where_nothing_is_said() -> None:
    tenant_id = uuid7()
    with tenant_transaction(tenant_id), written_together() as together:
        together.write(_ATTEMPT, [1, own_id(uuid7())])
    assert _kept(tenant_id) == {}


def test_an_insert_after_the_block_counts_what_was_written() -> None:
    tenant_id = uuid7()
    known = _known(tenant_id)
    with tenant_transaction(tenant_id):
        with written_together():
            insert([_message(tenant_id)])
        assert insert([_message(tenant_id, known.dedup_key)], ignore_conflicts=True) == 0


def test_a_block_that_breaks_off_writes_nothing_more() -> None:
    tenant_id = uuid7()

    def break_off() -> None:
        with tenant_transaction(tenant_id), written_together():
            insert([_message(tenant_id)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert _kept(tenant_id) == {}


@pytest.mark.parametrize("is_nested", [False, True], ids=["transaction", "savepoint"])
def test_an_error_in_a_batch_leaves_the_connection_of_use(is_nested: bool) -> None:
    tenant_id = uuid7()
    known = _known(tenant_id)

    def collide() -> None:
        with pytest.raises(IntegrityError), batched(), tenant_transaction(tenant_id), written_together():
            insert([_message(tenant_id, known.dedup_key)])

    if is_nested:
        with tenant_transaction(tenant_id):
            collide()
            insert([_message(tenant_id)])
    else:
        collide()
        _known(tenant_id)
    assert len(_kept(tenant_id)) == 2


@pytest.mark.postgres
def test_what_was_to_be_planned_behind_an_error_is_planned_the_next_time() -> None:
    tenant_id = uuid7()

    def ask() -> int:
        with batched(), prepared_cursor() as first, prepared_cursor() as second:
            first.execute("SELECT 1 / %s::int", [0])
            second.execute("SELECT %s::int + 40", [2])
            return int(second.fetchone()[0])

    with tenant_transaction(tenant_id):
        with pytest.raises(DataError), transaction.atomic():
            ask()
        for _ in range(2):
            with batched(), prepared_cursor() as cursor:
                cursor.execute("SELECT %s::int + 40", [2])
                assert cursor.fetchone() == (42,)
            # The driver keeps a plan of its own, and drops all of them after a rollback.
            with transaction.atomic(), prepared_cursor() as cursor:
                cursor.execute("SELECT %s::int + 41", [2])
                transaction.set_rollback(True)


def test_answers_in_a_batch_are_each_statement_s_own() -> None:
    with batched(), prepared_cursor() as first, prepared_cursor() as second:
        first.execute("SELECT 1")
        second.execute("SELECT 2")
        assert (second.fetchone(), first.fetchone()) == ((2,), (1,))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 3")
        assert cursor.fetchone() == (3,)
