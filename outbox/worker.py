"""The loop of `manage.py worker` on embedded defaults: lease, deliver, run what is periodic."""

import threading
import time
from collections.abc import Sequence

from django.db import Error, close_old_connections

from common import logs
from outbox import heartbeat, services
from outbox.periodic import Periodic, run_due

log = logs.get("outbox")
IDLE_S = 0.25
CLOCK_S = 5.0


def run(stop: threading.Event, periodic: Sequence[Periodic]) -> None:
    """Work until told to stop; while the database is away, wait for it."""
    clock_at = 0.0
    while not stop.is_set():
        close_old_connections()
        try:
            if time.monotonic() >= clock_at:
                heartbeat.beat()
                run_due(periodic)
                clock_at = time.monotonic() + CLOCK_S
            is_idle = services.run_due() == 0
        except Error as error:
            log.error("database.failed", error_type=type(error).__name__)
            is_idle = True
        if is_idle:
            stop.wait(IDLE_S)
    heartbeat.leave()
