"""Series that arrived and were never prepared are announced again."""

import datetime as dt
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from common.actor import system_actor
from common.clock import now
from common.scope import tenant_scope
from outbox import selectors as outbox_selectors
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs import services
from pacs.models import Series
from tests.factories.cast import make_tenant
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db

LATER = dt.timedelta(hours=1)


@pytest.fixture
def tenant_id() -> UUID:
    return make_tenant().id


@pytest.fixture
def forgotten(tenant_id: UUID) -> UUID:
    """A series whose event is gone."""
    study = make_study(tenant_id, "s", 3)
    with tenant_scope(tenant_id):
        OutboxMessage.objects.all().delete()
        found: UUID = Series.objects.get(study=study).id
    return found


def prepared_of(tenant_id: UUID, series_id: UUID) -> int:
    with tenant_scope(tenant_id):
        return int(Series.objects.get(id=series_id).prepared_instances)


def waiting(tenant_id: UUID) -> int:
    with tenant_scope(tenant_id):
        return outbox_selectors.count_waiting()


def test_a_forgotten_series_is_prepared_after_all(tenant_id: UUID, forgotten: UUID) -> None:
    with time_machine.travel(now() + LATER):
        assert services.announce_forgotten_series() == 1
        outbox.drain([tenant_id])
    assert prepared_of(tenant_id, forgotten) == 3


def test_announcing_twice_is_announcing_once(tenant_id: UUID, forgotten: UUID) -> None:
    with time_machine.travel(now() + LATER):
        services.announce_forgotten_series()
        once = waiting(tenant_id)
        services.announce_forgotten_series()
    assert waiting(tenant_id) == once


def test_a_series_that_has_just_arrived_is_not_forgotten(tenant_id: UUID, forgotten: UUID) -> None:
    assert services.announce_forgotten_series() == 0


def test_a_prepared_series_is_left_alone(tenant_id: UUID) -> None:
    make_study(tenant_id, "s", 3, prepared=True)
    with time_machine.travel(now() + LATER):
        assert services.announce_forgotten_series() == 0


def test_a_series_in_the_bin_is_left_alone(tenant_id: UUID, forgotten: UUID) -> None:
    with tenant_scope(tenant_id):
        study_id = Series.objects.get(id=forgotten).study_id
    services.delete_study(actor=system_actor(tenant_id), study_id=study_id)
    with time_machine.travel(now() + LATER):
        assert services.announce_forgotten_series() == 0


@pytest.mark.parametrize("column", ["scene", "metadata_blob_id"])
def test_a_series_that_lost_a_part_is_prepared_again(tenant_id: UUID, column: str) -> None:
    study = make_study(tenant_id, "s", 3, prepared=True)
    with tenant_scope(tenant_id):
        Series.objects.filter(study=study).update(**{column: None})
    with time_machine.travel(now() + LATER):
        services.announce_forgotten_series()
        outbox.drain([tenant_id])
    with tenant_scope(tenant_id):
        assert getattr(Series.objects.get(study=study), column) is not None


def test_series_of_all_tenants_are_found(tenant_id: UUID, forgotten: UUID) -> None:
    other = make_tenant().id
    make_study(other, "t", 3)
    with tenant_scope(other):
        OutboxMessage.objects.all().delete()
    with time_machine.travel(now() + LATER):
        assert services.announce_forgotten_series() == 2
    assert min(waiting(tenant_id), waiting(other)) > 0


def test_forgotten_series_are_counted_for_operators(client: Client, forgotten: UUID) -> None:
    with time_machine.travel(now() + LATER):
        assert "bitewing_series_forgotten 1.0" in client.get("/metrics").content.decode()
    assert "bitewing_series_forgotten 0.0" in client.get("/metrics").content.decode()
