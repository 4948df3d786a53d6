"""A series is never prepared without what is being committed to it."""

import pytest

from common.scope import tenant_scope, tenant_transaction
from outbox.models import OutboxMessage
from pacs import services
from pacs.models import Series
from tests.factories.cast import make_tenant
from tests.factories.crossing import beside, wait_for
from tests.factories.studies import make_dicom, store

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.req("PA-24")]
PREPARE = "pacs.series-received>pacs.handlers.prepare_series"


def test_a_film_whose_event_was_left_out_is_prepared_with_the_one_that_waited() -> None:
    tenant_id = make_tenant().id
    store(tenant_id, [make_dicom("films", 1, Modality="IO")])
    with tenant_scope(tenant_id):
        series_id = Series.objects.get().id

    with tenant_transaction(tenant_id):
        store(tenant_id, [make_dicom("films", 2, Modality="IO")])
        assert OutboxMessage.objects.filter(topic=PREPARE).count() == 1
        worker = beside(lambda: services.prepare_series(tenant_id=tenant_id, series_id=series_id))
        wait_for(worker)
    worker.join()

    with tenant_scope(tenant_id):
        assert Series.objects.get().prepared_instances == 2
