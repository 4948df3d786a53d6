"""The loop of `manage.py worker` on embedded defaults: lease, deliver, run what is periodic."""

import threading
import time
from collections.abc import Sequence

from django.db import close_old_connections

from outbox import heartbeat, services
from outbox.periodic import Periodic, run_due

IDLE_S = 0.25
CLOCK_S = 5.0


def run(stop: threading.Event, periodic: Sequence[Periodic]) -> None:
    """Work until told to stop."""
    clock_at = 0.0
    while not stop.is_set():
        close_old_connections()
        if time.monotonic() >= clock_at:
            heartbeat.beat()
            run_due(periodic)
            clock_at = time.monotonic() + CLOCK_S
        if services.run_due() == 0:
            stop.wait(IDLE_S)
    heartbeat.leave()
