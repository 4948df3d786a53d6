"""`serve`: the web server (granian, WSGI; decision 0003)."""

import os
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandParser

from common.command import PortalCommand
from config.env import ROOT, child_environment

# Large frames come and go: without these glibc returns their memory to the system each time (2,400 to 3,500 frames/s).
_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "MALLOC_TOP_PAD_": "16777216",
    "MALLOC_ARENA_MAX": "2",
}


class Command(PortalCommand):
    help = "Serve the portal on the host and port of BITEWING_BASE_URL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--threads", type=int, default=64)
        parser.add_argument("--host", default="")
        parser.add_argument("--port", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        base = urlsplit(settings.BITEWING_BASE_URL)
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface=wsgi",
            "--no-ws",
            f"--working-dir={ROOT}",
            f"--host={options['host'] or base.hostname}",
            f"--port={options['port'] or base.port or 8000}",
            f"--workers={options['workers']}",
            f"--blocking-threads={options['threads']}",
            "--backpressure=256",
            "--workers-kill-timeout=5s",
            # One that is killed, for want of memory perhaps, is replaced; the others go on.
            "--respawn-failed-workers",
            "--log-level=warning",
            "config.wsgi:application",
        ]
        os.execve(sys.executable, command, child_environment(_MALLOC))  # noqa: S606  our own interpreter
