"""`serve`: the web server (granian, WSGI; decision 0003)."""

import os
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandParser

from common.command import PortalCommand
from config.env import ROOT, child_environment


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
            "config.serving",
            "--interface=wsgi",
            "--no-ws",
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
        environment = child_environment({})
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), environment.get("PYTHONPATH"))))
        os.execve(sys.executable, command, environment)  # noqa: S606  our own interpreter
