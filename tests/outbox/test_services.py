"""Events that survive a crash."""

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connections, transaction

from common.clock import now
from common.errors import UnavailableError
from common.ids import uuid7
from common.scope import tenant_scope
from outbox import heartbeat, services, sql
from outbox.events import Event
from outbox.models import OutboxMessage
from tests.factories.cast import make_tenant

delivered: list[Event] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    topic: ClassVar[str] = "test.happened"
    thing_id: UUID


def remember(event: Happened) -> None:
    delivered.append(event)


def fail(event: Happened) -> None:
    raise RuntimeError(event.topic)


def come_again(event: Happened) -> None:
    services.postpone(delay_s=60)
    remember(event)


def wait_for_the_store(_event: Happened) -> None:
    raise UnavailableError


@pytest.fixture(autouse=True)
def wiring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    delivered.clear()
    use(monkeypatch, remember)
    yield
    services._by_topic.cache_clear()


def use(monkeypatch: pytest.MonkeyPatch, *handlers: object) -> None:
    monkeypatch.setattr(services, "_wiring", lambda: {Happened: list(handlers)})
    services._by_topic.cache_clear()


@pytest.fixture
def tenant_id(db: None) -> UUID:
    return make_tenant().id


def publish(tenant_id: UUID, thing_id: UUID | None = None) -> Happened:
    event = Happened(tenant_id=tenant_id, thing_id=thing_id or uuid7())
    with tenant_scope(tenant_id):
        services.publish(event)
    return event


def test_an_event_reaches_its_handler(tenant_id: UUID) -> None:
    event = publish(tenant_id)
    services.drain([tenant_id])
    assert delivered == [event]


def test_an_event_of_a_rolled_back_change_never_happened(tenant_id: UUID) -> None:
    with transaction.atomic():
        publish(tenant_id)
        transaction.set_rollback(True)
    services.drain([tenant_id])
    assert delivered == []


def test_the_same_event_waiting_already_is_delivered_once(tenant_id: UUID) -> None:
    thing_id = uuid7()
    publish(tenant_id, thing_id)
    publish(tenant_id, thing_id)
    services.drain([tenant_id])
    assert len(delivered) == 1


def test_an_event_published_again_after_delivery_is_delivered_again(tenant_id: UUID) -> None:
    thing_id = uuid7()
    publish(tenant_id, thing_id)
    services.drain([tenant_id])
    publish(tenant_id, thing_id)
    services.drain([tenant_id])
    assert len(delivered) == 2


def lease_of(tenant_id: UUID) -> services.Lease:
    with tenant_scope(tenant_id):
        taken = services._take("default", OutboxMessage.objects.get())
    assert taken is not None
    return taken


def taken_elsewhere(tenant_id: UUID) -> list[services.Lease]:
    """Have another worker take what waits, and return what it got."""
    taken: list[services.Lease | None] = []

    def work() -> None:
        with tenant_scope(tenant_id):
            taken.extend(services._take("default", row) for row in OutboxMessage.objects.filter(services._due()))
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    return [one for one in taken if one]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_published_again_is_not_taken_before_that_is_committed() -> None:
    """Its handler would see nothing of the second change, and nobody would come again for that."""
    event = publish(make_tenant().id)
    with tenant_scope(event.tenant_id):
        services.publish(event)
        assert taken_elsewhere(event.tenant_id) == []

    assert len(taken_elsewhere(event.tenant_id)) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_taken_while_it_is_published_again_waits_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    event = publish(make_tenant().id)
    taken: list[services.Lease] = []
    hold = sql.hold_waiting

    def hold_too_late(*words: Any) -> set[str]:
        taken.extend(taken_elsewhere(event.tenant_id))
        return hold(*words)

    monkeypatch.setattr(sql, "hold_waiting", hold_too_late)
    publish(event.tenant_id, event.thing_id)

    assert [len(taken), len(taken_elsewhere(event.tenant_id))] == [1, 1]


def test_of_two_workers_one_takes_a_message(tenant_id: UUID) -> None:
    publish(tenant_id)
    with tenant_scope(tenant_id):
        row = OutboxMessage.objects.get()
        assert services._take("default", row) is not None
        assert services._take("default", row) is None


def test_a_failing_handler_is_tried_again_later(tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, fail)
    publish(tenant_id)
    services.deliver(lease_of(tenant_id))
    with tenant_scope(tenant_id):
        row = OutboxMessage.objects.get()
    assert row.done_at is None
    assert row.available_at > now()
    assert row.attempts == 1


def test_after_eight_failures_a_message_waits_for_a_person(tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, fail)
    publish(tenant_id)
    services.drain([tenant_id])
    with tenant_scope(tenant_id):
        row = OutboxMessage.objects.get()
    assert row.failed_at is not None
    assert row.attempts == services.MAX_ATTEMPTS


def test_what_waits_for_a_store_that_is_away_is_never_given_up(
    tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, wait_for_the_store)
    publish(tenant_id)
    with tenant_scope(tenant_id):
        OutboxMessage.objects.update(attempts=services.MAX_ATTEMPTS)
    services.deliver(lease_of(tenant_id))

    with tenant_scope(tenant_id):
        row = OutboxMessage.objects.get()
    assert row.failed_at is None
    assert now() < row.available_at < now() + dt.timedelta(minutes=5)


def test_what_is_postponed_comes_again_once_however_often_it_happens_meanwhile(
    tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, come_again)
    first = publish(tenant_id)
    taken = lease_of(tenant_id)
    publish(tenant_id, first.thing_id)
    services.deliver(taken)

    with tenant_scope(tenant_id):
        (waiting,) = OutboxMessage.objects.filter(done_at=None)
        # It gave way to the one that was published meanwhile.
        assert waiting.available_at <= now()
        again = services._take("default", waiting)
    assert again is not None
    services.deliver(again)

    with tenant_scope(tenant_id):
        (waiting,) = OutboxMessage.objects.filter(done_at=None)
        assert now() < waiting.available_at <= now() + dt.timedelta(seconds=60)
        assert (waiting.attempts, waiting.payload) == (0, first.payload())
    assert delivered == []


def test_a_drain_waits_for_nothing(tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, come_again)
    event = publish(tenant_id)
    services.drain([tenant_id])
    assert delivered == [event]


def test_a_late_worker_cannot_finish_a_message_that_was_taken_over(tenant_id: UUID) -> None:
    publish(tenant_id)
    late = lease_of(tenant_id)
    lease_of(tenant_id)
    services._finish(late, done_at=now())
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.get().done_at is None


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_ran_out_is_due_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant_id = make_tenant().id
    publish(tenant_id)
    lease_of(tenant_id)
    with tenant_scope(tenant_id):
        assert OutboxMessage.objects.filter(services._due()).count() == 0
        OutboxMessage.objects.update(lease_until=now() - dt.timedelta(seconds=1))
        assert OutboxMessage.objects.filter(services._due()).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lives_keeps_its_lease_and_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = threading.Event()
    finish = services._finish

    def remember_renewal(taken: services.Lease, **changes: Any) -> None:
        finish(taken, **changes)
        if changes.get("lease_until"):
            renewed.set()

    monkeypatch.setattr(services, "_finish", remember_renewal)
    monkeypatch.setattr(services, "RENEWAL_S", 0.01)

    def wait(_event: Happened) -> None:
        renewed.wait(20)

    use(monkeypatch, wait)
    tenant_id = make_tenant().id
    publish(tenant_id)
    taken = lease_of(tenant_id)
    with tenant_scope(tenant_id):
        OutboxMessage.objects.update(lease_until=now())

    assert services.deliver(taken)
    assert renewed.is_set()
    assert heartbeat.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_broker_is_told_of_what_was_committed_and_of_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[UUID] = []
    monkeypatch.setattr(services, "_nudge", lambda: lambda ids, _queue: told.extend(ids))
    tenant_id = make_tenant().id
    with transaction.atomic():
        publish(tenant_id)
        transaction.set_rollback(True)
    assert told == []
    publish(tenant_id)

    with tenant_scope(tenant_id):
        assert told == [OutboxMessage.objects.get().id]


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_time")
def test_a_tick_tells_of_what_became_due_since_the_last() -> None:
    tenant_id = make_tenant().id
    moment = now()
    for seconds in (-5, -1, 5):
        publish(tenant_id)
        with tenant_scope(tenant_id):
            row = OutboxMessage.objects.order_by("-id").first()
            assert row is not None
            row.available_at = moment + dt.timedelta(seconds=seconds)
            row.save()

    with tenant_scope(tenant_id):
        expected = [row.id for row in OutboxMessage.objects.order_by("available_at")]
    assert [message_id for message_id, _ in services.due_messages(since_s=2)] == expected[1:2]
    assert [message_id for message_id, _ in services.due_messages()] == expected[:2]


@pytest.mark.django_db
def test_what_may_take_long_has_a_queue_of_its_own_and_a_tenant_may_have_one(settings: Any) -> None:
    tenant_id, other = make_tenant().id, make_tenant().id
    settings.OUTBOX_OWN_QUEUES = [str(tenant_id)]

    assert services.queue_of("pacs.series-received", tenant_id) == ""
    assert services.queue_of("inference.run-requested", other) == "analyses"
    assert services.queue_of("inference.batch-run-requested", tenant_id) == f"analyses.{tenant_id}"


@pytest.mark.django_db
def test_what_may_take_long_is_due_after_everything_else(settings: Any) -> None:
    tenant_id = make_tenant().id
    with tenant_scope(tenant_id):
        rows = [
            OutboxMessage.objects.create(tenant_id=tenant_id, topic=topic, dedup_key=topic, payload={})
            for topic in ("inference.batch-run-requested>x", "inference.run-requested>x", "pacs.series-received>x")
        ]

    assert services.due_ids() == [row.id for row in reversed(rows)]
