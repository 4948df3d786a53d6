"""Derivatives keep up with a scanner: a whole study is ready before the one that still arrives, in order of events."""

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


@pytest.fixture
def tenant_id() -> UUID:
    return make_tenant().id


def prepared(tenant_id: UUID) -> dict[str, int]:
    """Return how many instances of each patient's series lie ready."""
    with tenant_scope(tenant_id):
        return dict(Series.objects.values_list("study__dicom_patient_id", "prepared_instances"))


def work_once(tenant_id: UUID) -> None:
    """Do what is due in its order, as one worker does, up to the first preparation."""
    with tenant_scope(tenant_id):
        topics = dict(OutboxMessage.objects.values_list("id", "topic"))
    for message_id in outbox.due_ids():
        outbox.run(message_id)
        if topics[message_id].endswith("prepare_series"):
            return


def test_a_whole_study_is_ready_before_the_one_that_arrives(
    tenant_id: UUID, frozen_time: time_machine.Traveller
) -> None:
    store(tenant_id, make_files("whole", 3))
    for number in range(1, 8):
        frozen_time.shift(0.2)
        store(tenant_id, [make_dicom("arriving", number)])
    frozen_time.shift(0.2)
    work_once(tenant_id)
    assert prepared(tenant_id) == {"P-whole": 3, "P-arriving": 0}


def test_what_arrives_slice_by_slice_waits_for_one_preparation(
    tenant_id: UUID, frozen_time: time_machine.Traveller
) -> None:
    for number in range(1, 8):
        frozen_time.shift(0.2)
        store(tenant_id, [make_dicom("arriving", number)])
    with tenant_scope(tenant_id):
        topic = OutboxMessage.objects.filter(done_at=None, topic__contains="prepare_series")
        assert topic.count() == 1
    frozen_time.shift(1.5)
    work_once(tenant_id)
    assert prepared(tenant_id) == {"P-arriving": 7}


def test_a_study_that_ends_waits_for_one_preparation_of_another_at_most(
    tenant_id: UUID, frozen_time: time_machine.Traveller
) -> None:
    store(tenant_id, [make_dicom("arriving", 1)])
    frozen_time.shift(0.5)
    store(tenant_id, make_files("ends", 2))
    frozen_time.shift(1.6)
    work_once(tenant_id)
    # The slices that came while the worker was busy do not go before the study that ended earlier.
    store(tenant_id, [make_dicom("arriving", 2)])
    frozen_time.shift(1.6)
    work_once(tenant_id)
    assert prepared(tenant_id) == {"P-arriving": 1, "P-ends": 2}
    work_once(tenant_id)
    assert prepared(tenant_id) == {"P-arriving": 2, "P-ends": 2}


def test_a_film_and_a_volume_of_one_batch_wait_each_as_long_as_it_needs(
    tenant_id: UUID, frozen_time: time_machine.Traveller
) -> None:
    store(tenant_id, [make_dicom("film", Modality="IO"), *make_files("volume", 2)])

    outbox.run_due()
    assert prepared(tenant_id) == {"P-film": 1, "P-volume": 0}
    frozen_time.shift(1.5)
    outbox.run_due()

    assert prepared(tenant_id) == {"P-film": 1, "P-volume": 2}
