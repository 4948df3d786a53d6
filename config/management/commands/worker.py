"""`worker`: deliver the outbox and run what is periodic, until SIGINT or SIGTERM."""

import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from audit import sequencer
from common import heap
from common.command import PortalCommand
from config import periodic
from outbox import worker
from vault import watch

_PAUSE_S = 1.0
_NICENESS = 10
_KEPT_BYTES = 8 << 20


class Command(PortalCommand):
    help = "Deliver background work and run periodic jobs; as a Celery worker where BITEWING_REDIS_URL is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", default="", help="with Redis: only these, such as analyses.<id of a tenant>")

    def handle(self, *args: Any, **options: Any) -> None:
        # Preparing waits for people, never the other way round.
        os.nice(_NICENESS - os.nice(0))
        heap.keep(_KEPT_BYTES)
        if settings.BITEWING_REDIS_URL:
            self._run_celery(options["queues"])
        else:
            self._run_embedded()

    def _run_embedded(self) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        watch.start()
        sequencing = sequencer.start(stop)
        worker.run(stop, periodic.jobs())
        sequencing.join()

    def _run_celery(self, queues: str) -> None:
        """Run a worker with a clock of its own: many clocks do no harm, since the database knows what is due.

        A broker that vanishes at a bad moment makes Celery give up: the worker then begins anew.
        """
        from config import celery

        with tempfile.TemporaryDirectory(prefix="bitewing-clock-") as folder:
            schedule = Path(folder) / "schedule"
            was_told_to_stop = celery.run_worker("--beat", f"--schedule={schedule}", queues=queues)
        if not was_told_to_stop:
            time.sleep(_PAUSE_S)
            os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606  our own interpreter
