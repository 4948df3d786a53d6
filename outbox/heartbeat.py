"""Whether any worker lives."""

import os
import socket
from datetime import timedelta

from common.clock import now
from outbox.models import Heartbeat

ALIVE = timedelta(seconds=30)


def is_alive() -> bool:
    """Say whether any worker was seen lately."""
    return Heartbeat.objects.filter(seen_at__gt=now() - ALIVE).exists()


def beat() -> None:
    """Say that this process works, and forget those that have not said so for a day."""
    Heartbeat.objects.update_or_create(worker=_name(), defaults={"seen_at": now()})
    Heartbeat.objects.filter(seen_at__lt=now() - timedelta(days=1)).delete()


def leave() -> None:
    """Say that this process works no longer."""
    Heartbeat.objects.filter(worker=_name()).delete()


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
