"""When a series is prepared: films at once, slices once for an upload."""

from uuid import UUID

import pytest
import time_machine

from common.scope import tenant_scope
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs.models import Series
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files, store

pytestmark = [pytest.mark.django_db, pytest.mark.req("PA-24")]
PREPARE = "pacs.series-received>pacs.handlers.prepare_series"
FULL_MOUTH = 18


@pytest.fixture
def tenant_id() -> UUID:
    return make_tenant().id


def films(count: int, *, first: int = 1, **elements: object) -> list[bytes]:
    return [make_dicom("films", number, **{"Modality": "IO", **elements}) for number in range(first, first + count)]


def preparations(tenant_id: UUID) -> int:
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
