"""Jobs by the clock: claimed in the database, so that of many workers one runs each, and a restart forgets nothing."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connections

from common import logs
from common.clock import now
from outbox.models import JobRun

log = logs.get("outbox")


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and how often it runs; a long one beside the worker's loop, in a thread, so that no message waits for it.

    A long job dies with its worker: its next turn goes on where it ended. It has no turn while it runs.
    """

    every_s: float
    job: Callable[[], object]
    is_long: bool = False

    @property
    def name(self) -> str:
        """Name that the database knows the job by."""
        return f"{self.job.__module__}.{self.job.__qualname__}"


def run_due(jobs: Sequence[Periodic]) -> int:
    """Run the jobs whose time has come; one that fails is logged and waits for its next turn."""
    running = {thread.name for thread in threading.enumerate()}
    mine = [job for job in jobs if job.name not in running and _claim(job)]
    for job in mine:
        if job.is_long:
            threading.Thread(target=_run_aside, args=(job,), name=job.name, daemon=True).start()
        else:
            _run(job)
    return len(mine)


def _claim(job: Periodic) -> bool:
    """Move the job's time forward if it is due; of two workers one succeeds."""
    moment = now()
    due = JobRun.objects.filter(job=job.name, began_at__lte=moment - timedelta(seconds=job.every_s))
    if due.update(began_at=moment):
        return True
    _, is_new = JobRun.objects.get_or_create(job=job.name, defaults={"began_at": moment})
    return is_new


def _run_aside(job: Periodic) -> None:
    try:
        _run(job)
    finally:
        connections.close_all()


def _run(job: Periodic) -> None:
    try:
        job.job()
    except Exception as error:  # noqa: BLE001  the task base: the worker outlives its jobs
        log.error("job.failed", task=job.name, error_type=type(error).__name__)
