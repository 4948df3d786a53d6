"""`watch_folder PATH --tenant SLUG`: take what capture programs save there, until SIGINT or SIGTERM."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error, connection

from accounts import services as accounts
from common import logs
from common.actor import system_actor
from common.command import PortalCommand
from common.errors import DomainError
from pacs.intake.watched import WatchedFolder

log = logs.get("intake")


class Command(PortalCommand):
    help = "Take the DICOM files that are saved in a folder, and move them to done or failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--tenant", required=True, help="slug of the tenant")
        parser.add_argument("--every", type=float, default=2.0, help="seconds between two looks")
        parser.add_argument("--settle", type=float, default=5.0, help="seconds a file must have been left alone")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.is_dir():
            raise CommandError("There is no folder at this path.")
        try:
            actor = system_actor(accounts.tenant_id_of_slug(options["tenant"]))
        except DomainError as error:
            raise CommandError(f"{error.title} {error.detail}".strip()) from None
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        watched = WatchedFolder(actor=actor, folder=path.resolve(), settle_s=options["settle"])
        self.stderr.write("Watching.")
        while not stop.wait(options["every"]):
            self._look(watched)

    @staticmethod
    def _look(watched: WatchedFolder) -> None:
        """Look once; a store or database that is away comes back."""
        try:
            looked = watched.look()
        except (DomainError, Error) as error:
            log.error("folder.not_taken", error_type=type(error).__name__)
            connection.close()
            return
        if looked.stored or looked.failed:
            log.info("files.taken", count=looked.stored)
            if looked.failed:
                log.warning("files.failed", count=looked.failed)
