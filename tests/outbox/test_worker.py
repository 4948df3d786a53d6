"""The loop of the embedded worker."""

import threading

import pytest
from django.db import OperationalError

from outbox import services, worker


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    answers = iter([OperationalError("the server is gone"), None])

    def run_due() -> int:
        answer = next(answers)
        if answer is not None:
            raise answer
        stop.set()
        return 0

    monkeypatch.setattr(services, "run_due", run_due)
    monkeypatch.setattr(worker, "IDLE_S", 0.01)

    worker.run(stop, [])

    assert list(answers) == []
