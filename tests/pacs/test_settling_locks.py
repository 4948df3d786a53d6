"""A series is never prepared without what is being committed to it."""

import threading
import time

import pytest
from django.db import connection

from common.scope import tenant_scope, tenant_transaction
from outbox.models import OutboxMessage
from pacs import services
from pacs.models import Series
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, store

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.req("PA-24")]
PREPARE = "pacs.series-received>pacs.handlers.prepare_series"
PATIENCE_S = 30.0


def waits_for_a_lock() -> bool:
    """Say whether another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


def test_a_film_whose_event_was_left_out_is_prepared_with_the_one_that_waited() -> None:
    tenant_id = make_tenant().id
    store(tenant_id, [make_dicom("films", 1, Modality="IO")])
    with tenant_scope(tenant_id):
        series_id = Series.objects.get().id

    def work() -> None:
        try:
            services.prepare_series(tenant_id=tenant_id, series_id=series_id)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    with tenant_transaction(tenant_id):
        store(tenant_id, [make_dicom("films", 2, Modality="IO")])
        assert OutboxMessage.objects.filter(topic=PREPARE).count() == 1
        worker.start()
        deadline = time.monotonic() + PATIENCE_S
        while worker.is_alive() and not waits_for_a_lock():
            assert time.monotonic() < deadline
    worker.join()

    with tenant_scope(tenant_id):
        assert Series.objects.get().prepared_instances == 2
