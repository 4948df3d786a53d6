"""The loop of `manage.py worker` on embedded defaults: lease, deliver, run what is periodic.

It has two lines: what may take long (analyses, and servers of others that do not answer) has one of its own, so that
nothing waits behind it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from django.db import Error, close_old_connections, connections

from common import logs
from outbox import heartbeat, services
from outbox.periodic import Periodic, run_due

log = logs.get("outbox")
IDLE_S = 0.25
CLOCK_S = 5.0


class LineEndedError(RuntimeError):
    """The line of what may take long is gone: who started the worker starts it anew."""


def run(stop: threading.Event, periodic: Sequence[Periodic]) -> None:
    """Work until told to stop; while the database is away, wait for it."""
    long = threading.Thread(target=_work_long, args=(stop,), name="outbox-long", daemon=True)
    long.start()
    clock_at = 0.0

    def turn() -> int:
        nonlocal clock_at
        if not long.is_alive() and not stop.is_set():
            raise LineEndedError
        if time.monotonic() >= clock_at:
            heartbeat.beat()
            run_due(periodic)
            clock_at = time.monotonic() + CLOCK_S
        return services.run_due(is_long=False)

    _repeat(stop, turn)
    heartbeat.leave()
    long.join()


def _work_long(stop: threading.Event) -> None:
    _repeat(stop, partial(services.run_due, is_long=True))
    connections.close_all()


def _repeat(stop: threading.Event, turn: Callable[[], int]) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            is_idle = turn() == 0
        except Error as error:
            log.error("database.failed", error_type=type(error).__name__)
            is_idle = True
        if is_idle:
            stop.wait(IDLE_S)
