"""A series is prepared when all of it is there."""

import datetime as dt
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox
from outbox.models import OutboxMessage
from pacs import services
from pacs.models import Instance, Series, Study
from tests.factories.studies import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_time")]


@pytest.fixture
def arriving(tenant: Tenant) -> Study:
    """A volume of which four slices have just arrived."""
    return make_study(tenant.id, "arriving", 4)


def tell(study: Study, **series: object) -> UUID:
    with tenant_scope(study.tenant_id):
        Series.objects.filter(study=study).update(**{"modality": "CT", **series})
        only: UUID = Series.objects.get(study=study).id
    return only


def came(study: Study, *, first_s: float, last_s: float) -> None:
    """Say how long ago the first and the other slices came."""
    with tenant_scope(study.tenant_id):
        rows = list(Instance.objects.filter(study=study).order_by("instance_number"))
        for row, seconds in zip(rows, [first_s, *[last_s] * len(rows)], strict=False):
            row.received_at = now() - dt.timedelta(seconds=seconds)
            row.save()


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """By how many seconds events were postponed."""
    told: list[float] = []
    monkeypatch.setattr(outbox, "postpone", lambda *, delay_s: told.append(delay_s))
    return told


@pytest.mark.parametrize(
    ("first_s", "last_s", "prepared", "expected"),
    [
        pytest.param(1.0, 0.1, 0, True, id="it arrives"),
        pytest.param(3.0, 2.0, 0, False, id="the last came a while ago"),
        pytest.param(29.0, 0.1, 0, True, id="it arrives slowly"),
        pytest.param(31.0, 0.1, 0, False, id="so slowly that a part of it is shown"),
        pytest.param(31.0, 0.1, 3, True, id="most of it is shown already"),
        pytest.param(31.0, 0.1, 2, False, id="twice as much is there as is shown"),
    ],
)
def test_a_volume_waits_for_its_rest(
    arriving: Study, delays: list[float], *, first_s: float, last_s: float, prepared: int, expected: bool
) -> None:
    series_id = tell(arriving, prepared_instances=prepared)
    came(arriving, first_s=first_s, last_s=last_s)

    services.wait_for_rest(tenant_id=arriving.tenant_id, series_id=series_id)

    assert [0 < delay_s <= 1.5 for delay_s in delays] == [True] * expected


def test_a_film_does_not_wait(arriving: Study, delays: list[float]) -> None:
    series_id = tell(arriving, modality="IO")
    came(arriving, first_s=1.0, last_s=0.1)

    services.wait_for_rest(tenant_id=arriving.tenant_id, series_id=series_id)

    assert delays == []


def test_a_series_that_is_gone_is_left_to_who_handles_it(arriving: Study, delays: list[float]) -> None:
    services.wait_for_rest(tenant_id=arriving.tenant_id, series_id=UUID(int=1))

    assert delays == []


def test_a_worker_prepares_a_volume_after_its_last_slice_once(tenant: Tenant) -> None:
    study = make_study(tenant.id, "whole", 4)
    series_id = tell(study)
    came(study, first_s=1.0, last_s=0.1)
    make_everything_due(study)
    outbox.run_due()

    with tenant_scope(tenant.id):
        assert Series.objects.get(id=series_id).prepared_instances == 0
        waiting = OutboxMessage.objects.filter(done_at=None, topic__contains="prepare_series")
        assert [row.available_at > now() for row in waiting] == [True]
    came(study, first_s=3.0, last_s=2.0)
    make_everything_due(study)
    outbox.run_due()

    with tenant_scope(tenant.id):
        assert Series.objects.get(id=series_id).prepared_instances == 4
        assert not OutboxMessage.objects.filter(done_at=None, topic__contains="prepare_series").exists()


def make_everything_due(study: Study) -> None:
    with tenant_scope(study.tenant_id):
        OutboxMessage.objects.filter(done_at=None).update(available_at=now())
