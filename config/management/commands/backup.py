"""`backup create|verify|restore FOLDER`: database, keyring and objects of an embedded deployment, together."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import DomainError
from config.backup import embedded


class Command(BaseCommand):
    help = "Back up, verify or restore an embedded deployment. Losing the keyring or the root key loses every image."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["create", "verify", "restore"])
        parser.add_argument("folder", type=Path)
        parser.add_argument("--yes", action="store_true", help="restore over an existing data folder")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            if options["action"] == "create":
                report = embedded.create(folder)
            elif options["action"] == "verify":
                report = embedded.verify(folder)
            else:
                report = embedded.restore(folder, is_confirmed=options["yes"])
        except DomainError as error:
            raise CommandError(f"{error.title} {error.detail}".strip()) from None
        for line in report:
            self.stdout.write(line)
        if options["action"] == "create":
            self.stderr.write(embedded.WARNING)
