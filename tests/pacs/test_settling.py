"""When a series is prepared: films at once, slices once for an upload, and never without what is being committed."""

import threading
import time
from uuid import UUID

import pytest
import time_machine
from django.db import connection

from common.scope import tenant_scope, tenant_transaction
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs import services
from pacs.models import Series
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files, store

pytestmark = [pytest.mark.django_db, pytest.mark.req("PA-24")]
PREPARE = "pacs.series-received>pacs.handlers.prepare_series"
FULL_MOUTH = 18
PATIENCE_S = 30.0


@pytest.fixture
def tenant_id() -> UUID:
    return make_tenant().id


def films(count: int, *, first: int = 1, **elements: object) -> list[bytes]:
    """Make films of one series."""
    return [make_dicom("films", number, **{"Modality": "IO", **elements}) for number in range(first, first + count)]


def preparations(tenant_id: UUID) -> int:
    """Count how often preparing was asked for."""
    with tenant_scope(tenant_id):
        return int(OutboxMessage.objects.filter(topic=PREPARE).count())


def prepared(tenant_id: UUID) -> list[int]:
    with tenant_scope(tenant_id):
        return list(Series.objects.values_list("prepared_instances", flat=True))


@pytest.mark.parametrize("modality", ["PX", "IO", "DX", "CR", "RG", "XC"])
def test_a_film_is_prepared_as_soon_as_it_is_stored(
    tenant_id: UUID, frozen_time: time_machine.Traveller, modality: str
) -> None:
    store(tenant_id, films(1, Modality=modality))

    outbox.run_due()

    assert prepared(tenant_id) == [1]


@pytest.mark.parametrize("modality", ["CT", "MR", "OT", ""])
def test_what_may_be_a_slice_of_many_waits_for_the_others(
    tenant_id: UUID, frozen_time: time_machine.Traveller, modality: str
) -> None:
    store(tenant_id, make_files("volume", 2, Modality=modality))

    assert outbox.due_ids() == []
    frozen_time.shift(1.5)
    outbox.run_due()

    assert prepared(tenant_id) == [2]


def test_a_full_mouth_series_that_comes_film_by_film_is_prepared_twice(
    tenant_id: UUID, frozen_time: time_machine.Traveller
) -> None:
    for number in range(1, FULL_MOUTH + 1):
        store(tenant_id, films(1, first=number))
        frozen_time.shift(0.05)
        outbox.run_due()
    assert prepared(tenant_id) == [1]
    frozen_time.shift(1.5)
    outbox.run_due()

    assert (prepared(tenant_id), preparations(tenant_id)) == ([FULL_MOUTH], 2)


def test_films_that_come_before_the_worker_looks_are_prepared_once(
    tenant_id: UUID, frozen_time: time_machine.Traveller
) -> None:
    for first in (1, 7, 13):
        store(tenant_id, films(6, first=first))

    outbox.run_due()

    assert (prepared(tenant_id), preparations(tenant_id)) == ([FULL_MOUTH], 1)


def test_two_series_in_one_batch_wait_each_as_long_as_it_needs(
    tenant_id: UUID, frozen_time: time_machine.Traveller
) -> None:
    store(tenant_id, [*films(1), *make_files("volume", 2)])

    outbox.run_due()
    assert sorted(prepared(tenant_id)) == [0, 1]
    frozen_time.shift(1.5)
    outbox.run_due()

    assert sorted(prepared(tenant_id)) == [1, 2]


def waits_for_a_lock() -> bool:
    """Say whether another connection of this database waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_film_whose_event_was_left_out_is_prepared_with_the_one_that_waited(tenant_id: UUID) -> None:
    store(tenant_id, films(1))
    with tenant_scope(tenant_id):
        series_id = Series.objects.get().id

    def work() -> None:
        try:
            services.prepare_series(tenant_id=tenant_id, series_id=series_id)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    with tenant_transaction(tenant_id):
        store(tenant_id, films(1, first=2))
        assert OutboxMessage.objects.filter(topic=PREPARE).count() == 1
        worker.start()
        deadline = time.monotonic() + PATIENCE_S
        while worker.is_alive() and not waits_for_a_lock():
            assert time.monotonic() < deadline
    worker.join()

    assert prepared(tenant_id) == [2]
