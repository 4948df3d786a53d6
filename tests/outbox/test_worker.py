"""The loop of the embedded worker."""

import threading
from typing import Any

import pytest
from django.db import OperationalError

from common.ids import uuid7
from common.scope import platform_scope, tenant_scope
from outbox import services, worker
from outbox.models import OutboxMessage
from outbox.worker import LineEndedError
from pacs.events import CallerSeen, HookDue
from tests.factories.cast import make_tenant

PATIENCE_S = 30.0


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    monkeypatch.setattr(worker, "IDLE_S", 0.01)
    return threading.Event()


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch, stop: threading.Event) -> None:
    answers = iter([OperationalError("the server is gone"), None])

    def run_due(*, is_long: bool) -> int:
        answer = None if is_long else next(answers)
        if answer is not None:
            raise answer
        if not is_long:
            stop.set()
        return 0

    monkeypatch.setattr(services, "run_due", run_due)

    worker.run(stop, [])

    assert list(answers) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_waits_behind_what_takes_long(monkeypatch: pytest.MonkeyPatch, stop: threading.Event) -> None:
    is_over = threading.Event()
    short = []

    def run_due(*, is_long: bool) -> int:
        if is_long:
            is_over.wait(PATIENCE_S)
            return 0
        short.append(is_over.is_set())
        if len(short) == 3:
            is_over.set()
            stop.set()
        return 0

    monkeypatch.setattr(services, "run_due", run_due)

    worker.run(stop, [])

    assert short == [False] * 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_whose_long_line_has_ended_ends_too(monkeypatch: pytest.MonkeyPatch, stop: threading.Event) -> None:
    def run_due(*, is_long: bool) -> int:
        if is_long:
            raise MemoryError
        return 0

    monkeypatch.setattr(services, "run_due", run_due)

    with pytest.raises(LineEndedError):
        worker.run(stop, [])


@pytest.mark.django_db
def test_the_two_lines_share_all_that_is_due(settings: Any) -> None:
    settings.OUTBOX_LATER = ["pacs.hook-due"]
    tenant = make_tenant()
    with tenant_scope(tenant.id):
        services.publish(
            HookDue(tenant_id=tenant.id, hook_id=uuid7()), CallerSeen(tenant_id=tenant.id, peer_id=uuid7())
        )

    lines = [topics(is_long=is_long) for is_long in (True, False)]

    assert lines == [["pacs.hook-due"], ["pacs.caller-seen"]]


def topics(*, is_long: bool) -> list[str]:
    ids = [message_id for message_id, _ in services.due_messages(is_long=is_long)]
    with platform_scope() as alias:
        rows = OutboxMessage.objects.using(alias).filter(id__in=ids)
        return [row.topic.partition(">")[0] for row in rows]
