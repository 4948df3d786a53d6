"""The loop of `manage.py worker` on embedded defaults: lease, deliver, run what is periodic."""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import close_old_connections

from common import logs
from common.clock import now
from outbox import services
from outbox.models import Heartbeat

log = logs.get("outbox")
IDLE_S = 0.25
BEAT_S = 5.0
ALIVE = timedelta(seconds=30)


@dataclass(slots=True)
class Periodic:
    """A job and how often it runs."""

    every_s: float
    job: Callable[[], object]
    due: float = 0.0


def is_alive() -> bool:
    """Say whether any worker was seen lately."""
    return Heartbeat.objects.filter(seen_at__gt=now() - ALIVE).exists()


def run(stop: threading.Event, periodic: list[Periodic]) -> None:
    """Work until told to stop; a failing periodic job is logged and tried again at its next turn."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    jobs = [Periodic(BEAT_S, lambda: _beat(name)), *periodic]
    while not stop.is_set():
        close_old_connections()
        for job in jobs:
            _run_when_due(job)
        if services.run_due() == 0:
            stop.wait(IDLE_S)
    Heartbeat.objects.filter(worker=name).delete()


def _beat(name: str) -> None:
    Heartbeat.objects.update_or_create(worker=name, defaults={"seen_at": now()})
    Heartbeat.objects.filter(seen_at__lt=now() - timedelta(days=1)).delete()


def _run_when_due(job: Periodic) -> None:
    if time.monotonic() < job.due:
        return
    job.due = time.monotonic() + job.every_s
    try:
        job.job()
    except Exception as error:  # noqa: BLE001  the task base: the loop outlives its jobs
        log.error("job.failed", error_type=type(error).__name__)
