"""`watch_folder PATH --tenant SLUG`: take what others leave in a folder or a bucket, until SIGINT or SIGTERM."""

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error, connection

from accounts import services as accounts
from common import logs
from common.actor import system_actor
from common.buckets import Bucket, BucketError
from common.command import PortalCommand
from common.errors import DomainError
from common.outgoing import AddressRefusedError
from pacs.intake.watched import Place, Watch
from pacs.intake.watched_bucket import WatchedBucket
from pacs.intake.watched_folder import WatchedFolder

log = logs.get("intake")


class Command(PortalCommand):
    help = "Take the DICOM files that are saved in a folder or put into a bucket, and move them to done or failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="a folder, or s3://bucket/folder in the store that boto3 finds")
        parser.add_argument("--tenant", required=True, help="slug of the tenant")
        parser.add_argument("--every", type=float, default=2.0, help="seconds between two looks")
        parser.add_argument(
            "--settle", type=float, default=5.0, help="seconds a file of a folder must have been left alone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place = _place(options["path"], settle_s=options["settle"])
        try:
            actor = system_actor(accounts.tenant_id_of_slug(options["tenant"]))
        except DomainError as error:
            raise CommandError(error.full_text) from None
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        watch = Watch(actor, place)
        self.stderr.write("Watching.")
        while not stop.wait(options["every"]):
            self._look(watch)

    @staticmethod
    def _look(watch: Watch) -> None:
        """Look once; a bucket, store, disk or database that is away comes back."""
        try:
            looked = watch.look()
        except BucketError as error:
            log.error("bucket.unavailable", code=error.reason)
            return
        except (DomainError, Error, OSError) as error:
            log.error("files.not_taken", error_type=type(error).__name__)
            connection.close()
            return
        if looked.stored or looked.failed:
            log.info("files.taken", count=looked.stored)
            if looked.failed:
                log.warning("files.failed", count=looked.failed)


def _place(path: str, *, settle_s: float) -> Place:
    if "://" in path:
        try:
            return WatchedBucket(Bucket.parse(path))
        except AddressRefusedError as error:
            raise CommandError(str(error)) from None
    if not Path(path).is_dir():
        raise CommandError("There is no folder at this path; a bucket looks like s3://bucket/folder.")
    return WatchedFolder(Path(path).resolve(), settle_s=settle_s)
