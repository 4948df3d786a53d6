"""`backup create|verify|restore|list|keys`: database, objects and keys, in the store that BITEWING_BACKUP_URL names."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from common.command import PortalCommand
from common.errors import DomainError
from config.backup import creating, inspecting, restoring, sets, verifying
from vault.recovery import RecoveryKey


class Command(PortalCommand):
    help = "Back up, verify, restore. Without keyring and root key, or a recovery key, every image is lost for ever."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("create", help="make a backup, and let old ones expire")
        actions.add_parser("list", help="print the backups that there are, oldest first")
        verify = actions.add_parser("verify", help="restore into scratch, look at everything, leave a signed report")
        verify.add_argument("id", nargs="?", type=UUID, help="the newest, where none is named")
        verify.add_argument("--sample", type=int, default=verifying.SAMPLE, help="studies that are opened entirely")
        restore = actions.add_parser("restore", help="put a backup in the place of the deployment")
        restore.add_argument("id", nargs="?", type=UUID, help="the newest, where none is named")
        restore.add_argument("--recovery-key", type=Path, help="file of a recovery key, where the keyring is lost")
        restore.add_argument("--yes", action="store_true", help="replace a database that is there")
        keys = actions.add_parser("keys", help="make two recovery keys, each in a file of its own")
        keys.add_argument("files", nargs=2, type=Path)
        scratch = actions.add_parser("load-scratch", help="used by verify")
        scratch.add_argument("id", type=UUID)
        inspect = actions.add_parser("inspect", help="used by verify")
        inspect.add_argument("--sample", type=int, required=True)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        try:
            for line in getattr(self, f"_{action.replace('-', '_')}")(options):
                self.stdout.write(line)
        except DomainError as error:
            raise CommandError(error.full_text) from None

    def _create(self, _options: dict[str, Any]) -> list[str]:
        return creating.create()

    def _list(self, _options: dict[str, Any]) -> list[str]:
        found = [sets.read(set_id) for set_id in sets.list_ids()]
        return [f"{made.id}  {made.created_at:%Y-%m-%d %H:%M} UTC  {made.objects} objects" for made in found]

    def _verify(self, options: dict[str, Any]) -> list[str]:
        return verifying.verify(set_id=options["id"], sample=options["sample"])

    def _restore(self, options: dict[str, Any]) -> list[str]:
        return restoring.restore(
            set_id=options["id"], recovery_key=options["recovery_key"], is_confirmed=options["yes"]
        )

    def _keys(self, options: dict[str, Any]) -> list[str]:
        made = [RecoveryKey.fresh() for _ in options["files"]]
        for path, key in zip(options["files"], made, strict=True):
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(key.text + "\n", encoding="ascii")
        return [
            f"BITEWING_RECOVERY_RECIPIENTS={','.join(key.recipient for key in made)}",
            "Take each file to another place, away from the portal: either of them opens the backups and the escrow.",
        ]

    def _load_scratch(self, options: dict[str, Any]) -> list[str]:
        inspecting.load_scratch(options["id"])
        return []

    def _inspect(self, options: dict[str, Any]) -> list[str]:
        return [json.dumps(asdict(inspecting.inspect(sample=options["sample"])))]
