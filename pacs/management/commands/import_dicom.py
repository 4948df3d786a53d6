"""`import_dicom PATH --tenant SLUG`: folders, ZIPs, discs, single files; exit status 0 all stored, 2 some refused."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from accounts import services as accounts
from common.actor import system_actor
from common.command import PortalCommand
from common.errors import DomainError
from pacs.intake.folder import Import, list_files


class Command(PortalCommand):
    help = "Import DICOM files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--tenant", required=True, help="slug of the tenant")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError("There is nothing at this path.")
        try:
            actor = system_actor(accounts.tenant_id_of_slug(options["tenant"]))
            taken = self._import(path, Import(actor=actor))
        except DomainError as error:
            raise CommandError(error.full_text) from None
        refused = [o for o in taken.outcomes if not o.verdict.is_stored]
        self._report(taken, as_json=options["json"])
        if refused:
            sys.exit(2)

    def _import(self, path: Path, taken: Import) -> Import:
        files = list_files(path)
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(file=sys.stderr)) as bar:
            task = bar.add_task("import", total=sum(file.stat().st_size for file in files))
            taken.progress = lambda count: bar.advance(task, count)
            for file in files:
                try:
                    taken.add_path(file)
                except DomainError as error:
                    if file == path or error.status >= 500:
                        raise
                    taken.refuse(file.name, error)
            taken.commit()
        return taken

    def _report(self, taken: Import, *, as_json: bool) -> None:
        counts = Counter(str(outcome.verdict.status) for outcome in taken.outcomes)
        if as_json:
            files = [
                {
                    "file": outcome.name,
                    "status": str(outcome.verdict.status),
                    "reason": outcome.verdict.reason,
                    "message": outcome.verdict.message,
                    "notes": outcome.verdict.notes,
                    "StudyInstanceUID": outcome.verdict.study_instance_uid,
                    "SOPInstanceUID": outcome.verdict.sop_instance_uid,
                }
                for outcome in taken.outcomes
            ]
            self.stdout.write(json.dumps({"counts": counts, "files": files}))
            return
        for outcome in taken.outcomes:
            if not outcome.verdict.is_stored:
                self.stderr.write(f"{outcome.name}: {outcome.verdict.message}")
            for note in outcome.verdict.notes:
                self.stderr.write(f"{outcome.name}: {note}")
        self.stdout.write(", ".join(f"{number} {status}" for status, number in sorted(counts.items())) or "no files")
