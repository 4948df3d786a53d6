"""What is said of a study that arrives slice by slice, and how often."""

from types import SimpleNamespace
from uuid import UUID

import orjson
import pytest

from accounts.models import Tenant
from audit.models import AuditEvent
from common.actor import Actor, system_actor
from common.errors import UnavailableError
from common.ids import uuid7
from common.scope import tenant_scope, tenant_transaction
from outbox.models import OutboxMessage
from pacs.intake import announcing
from pacs.intake.announcing import Announcements, Stored
from tests.factories.studies import make_files
from tests.pacs.dimse.talking import CT, make_called_tenant, talk

pytestmark = pytest.mark.django_db
STUDY, PATIENT, SERIES = uuid7(), uuid7(), uuid7()


class Clock:
    """What the process takes for the time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(announcing, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def actor(tenant: Tenant) -> Actor:
    return system_actor(tenant.id)


def bring(announcements: Announcements, actor: Actor, *, count: int = 1, clock: Clock, takes_s: float = 0.0) -> None:
    """Store some images of the one study, by a transaction that takes a while."""
    with tenant_transaction(actor.tenant_id):
        studies = [Stored(STUDY, PATIENT, count)]
        news = announcements.write(actor=actor, origin={"source": "dimse"}, studies=studies, series=[SERIES])
    clock.now += takes_s
    announcements.committed(news)


def told(tenant_id: UUID) -> list[int]:
    """Return how many images each event of the access log tells of."""
    with tenant_scope(tenant_id):
        events = AuditEvent.objects.filter(action="study.stored").order_by("id")
        return [int(orjson.loads(bytes(event.body))["detail"]["instances"]) for event in events]


def waiting(tenant_id: UUID) -> int:
    with tenant_scope(tenant_id):
        return int(OutboxMessage.objects.filter(done_at=None).count())


def forget_messages(tenant_id: UUID) -> int:
    """Deliver, as it were, what waits."""
    with tenant_scope(tenant_id):
        return int(OutboxMessage.objects.all().delete()[0])


def test_the_log_is_told_of_a_study_at_once_and_then_every_few_seconds(actor: Actor, clock: Clock) -> None:
    announcements = Announcements()
    for _ in range(12):
        bring(announcements, actor, clock=clock)
        clock.now += 0.5

    assert told(actor.tenant_id) == [1, 10]
    announcements.tell_rest()
    assert told(actor.tenant_id) == [1, 10, 1]
    announcements.tell_rest()
    assert told(actor.tenant_id) == [1, 10, 1]


def test_a_study_of_which_nothing_came_for_long_is_told_of_at_once(actor: Actor, clock: Clock) -> None:
    announcements = Announcements()
    bring(announcements, actor, clock=clock)
    clock.now += 60
    bring(announcements, actor, count=7, clock=clock)

    assert told(actor.tenant_id) == [1, 7]


def test_what_the_log_does_not_take_is_told_the_next_time(
    actor: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    announcements = Announcements()
    for _ in range(3):
        bring(announcements, actor, clock=clock)

    def refuse(**_: object) -> None:
        raise UnavailableError

    with monkeypatch.context() as patched:
        patched.setattr(announcing, "tell", refuse)
        announcements.tell_rest()
    assert told(actor.tenant_id) == [1]
    announcements.tell_rest()
    assert told(actor.tenant_id) == [1, 2]


def test_what_a_transaction_that_fails_said_counts_for_nothing(actor: Actor, clock: Clock) -> None:
    announcements = Announcements()

    def fail() -> None:
        with tenant_transaction(actor.tenant_id):
            studies = [Stored(STUDY, PATIENT, 1)]
            announcements.write(actor=actor, origin={}, studies=studies, series=[SERIES])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    bring(announcements, actor, clock=clock)

    assert told(actor.tenant_id) == [1]
    assert waiting(actor.tenant_id) > 0


def test_an_announcement_holds_for_what_comes_right_after_it(actor: Actor, clock: Clock) -> None:
    announcements = Announcements()
    bring(announcements, actor, clock=clock)
    handlers = forget_messages(actor.tenant_id)
    clock.now += announcing.SETTLE_S / 3 - 0.01
    bring(announcements, actor, clock=clock)
    assert waiting(actor.tenant_id) == 0

    clock.now += 0.02
    bring(announcements, actor, clock=clock)
    assert waiting(actor.tenant_id) == handlers > 0


def test_a_slow_commit_announces_itself_once_more(actor: Actor, clock: Clock) -> None:
    announcements = Announcements()
    bring(announcements, actor, clock=clock)
    handlers = forget_messages(actor.tenant_id)
    bring(announcements, actor, clock=clock, takes_s=announcing.SETTLE_S)

    assert waiting(actor.tenant_id) == handlers


def test_a_slow_commit_that_cannot_be_announced_is_stored_all_the_same(
    actor: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    announcements = Announcements()
    bring(announcements, actor, clock=clock)
    handlers = forget_messages(actor.tenant_id)

    def refuse(*_: object, **__: object) -> None:
        raise UnavailableError

    with monkeypatch.context() as patched:
        patched.setattr("outbox.services.publish", refuse)
        bring(announcements, actor, clock=clock, takes_s=announcing.SETTLE_S)
    assert waiting(actor.tenant_id) == 0
    bring(announcements, actor, clock=clock)
    assert waiting(actor.tenant_id) == handlers


@pytest.mark.usefixtures("clock")
def test_the_log_tells_of_a_series_that_a_device_sends_in_few_events_and_of_each_image() -> None:
    tenant = make_called_tenant()
    files = make_files("told", 20)

    assert talk(lambda device: [device.store(file)["Status"] for file in files], CT) == [0] * 20

    counts = told(tenant.id)
    assert sum(counts) == 20
    assert len(counts) <= 3
