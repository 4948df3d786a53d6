"""Jobs by the clock: once each, whoever asks."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from structlog.testing import capture_logs

from audit import services as audit
from common.clock import now
from common.logs import keep_allowed_keys
from config import periodic
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


def test_a_job_that_fails_is_named() -> None:
    with capture_logs() as told:
        run_due([Periodic(60, fail)])

    (line,) = told
    assert keep_allowed_keys(None, "", line)["task"] == f"{__name__}.fail"


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


@pytest.mark.django_db(transaction=True)
def test_a_long_job_is_not_begun_again_before_it_ends() -> None:
    may_end, turns = threading.Event(), []

    def long_job() -> None:
        turns.append(1)
        may_end.wait(60)

    job = Periodic(0, long_job, is_long=True)
    begun = [run_due([job]), run_due([job])]
    (running,) = [thread for thread in threading.enumerate() if thread.name == job.name]
    may_end.set()
    running.join()

    assert (begun, turns) == ([1, 0], [1])


@pytest.mark.parametrize("job", [audit.push_checkpoints, audit.verify_everything])
def test_silent_witnesses_and_long_logs_keep_nobody_waiting(job: Callable[[], object]) -> None:
    (found,) = [one for one in periodic.jobs() if one.job is job]

    assert found.is_long
