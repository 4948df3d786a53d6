"""Jobs by the clock: once each, whoever asks."""

import threading
from datetime import timedelta

import pytest
import time_machine

from common.clock import now
from outbox.models import JobRun
from outbox.periodic import Periodic, run_due

pytestmark = pytest.mark.django_db

ran: list[str] = []


def tidy() -> None:
    ran.append("tidy")


def fail() -> None:
    ran.append("fail")
    raise RuntimeError("not today")


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


def test_a_job_runs_at_once_and_then_when_its_time_has_come(frozen_time: time_machine.Traveller) -> None:
    jobs = [Periodic(3600, tidy)]
    assert [run_due(jobs), run_due(jobs)] == [1, 0]
    frozen_time.shift(timedelta(minutes=59))
    assert run_due(jobs) == 0
    frozen_time.shift(timedelta(minutes=1))
    assert run_due(jobs) == 1
    assert ran == ["tidy", "tidy"]


def test_a_job_that_another_worker_began_is_left_to_it(frozen_time: time_machine.Traveller) -> None:
    job = Periodic(3600, tidy)
    run_due([job])
    frozen_time.shift(timedelta(hours=2))
    JobRun.objects.filter(job=job.name).update(began_at=now())

    assert run_due([job]) == 0


def test_a_job_that_fails_stops_no_other_and_waits_for_its_next_turn(frozen_time: time_machine.Traveller) -> None:
    jobs = [Periodic(60, fail), Periodic(60, tidy)]
    assert run_due(jobs) == 2
    assert ran == ["fail", "tidy"]
    assert run_due(jobs) == 0
    frozen_time.shift(timedelta(minutes=1))
    assert run_due(jobs) == 2


@pytest.mark.django_db(transaction=True)
def test_a_long_job_keeps_nobody_waiting() -> None:
    may_end, ended, order = threading.Event(), threading.Event(), []

    def long_job() -> None:
        may_end.wait(60)
        order.append("long")
        ended.set()

    def short_job() -> None:
        order.append("short")

    assert run_due([Periodic(60, long_job, is_long=True), Periodic(60, short_job)]) == 2
    may_end.set()

    assert ended.wait(60)
    assert order == ["short", "long"]
