"""`fsck`: the object store against the database; exit status 0 when they agree, 2 when not."""

import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from common.command import PortalCommand
from common.errors import DomainError
from vault import fsck


class Command(PortalCommand):
    help = "Compare the object store with the database: exit status 0 when they agree, 2 when not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--full", action="store_true", help="also read, verify and hash every object")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--orphan-age-hours",
            type=float,
            default=24,
            help="objects without a row younger than this may belong to a running upload",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        orphans_after = dt.timedelta(hours=options["orphan_age_hours"])
        try:
            found = fsck.check(full=options["full"], orphans_after=orphans_after)
        except DomainError as error:
            raise CommandError(error.full_text) from None
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), default=str))
        else:
            self._tell(found)
        if not found.is_clean:
            sys.exit(2)

    def _tell(self, found: fsck.Findings) -> None:
        self.stdout.write(f"{found.rows} rows of {found.tenants} tenants, {found.objects} objects in the store")
        lists: dict[str, Sequence[object]] = {
            "missing": found.missing,
            "damaged": found.damaged,
            "without a row": found.orphans,
            "of a destroyed key, not yet removed": found.doomed,
        }
        for title, names in lists.items():
            self.stdout.write(f"{title}: {len(names)}")
            for name in names:
                self.stdout.write(f"  {name}")
        self.stdout.write(f"without a row, under way: {found.under_way}")
