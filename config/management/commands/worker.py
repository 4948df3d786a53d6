"""`worker`: deliver the outbox and run what is periodic, until SIGINT or SIGTERM."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from config import periodic
from outbox import worker


class Command(BaseCommand):
    help = "Deliver background work and run periodic jobs."

    def handle(self, *args: Any, **options: Any) -> None:
        # Preparing waits for people, never the other way round.
        os.nice(10)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        worker.run(stop, periodic.jobs())
