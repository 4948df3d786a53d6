"""`audit export|verify`: the log of a tenant as a file that verifies itself, and its verification where it lies."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts import services as accounts
from audit import export
from audit import services as audit
from common.actor import system_actor
from common.command import PortalCommand
from common.errors import DomainError
from common.ids import NIL
from common.scope import tenant_scope


class Command(PortalCommand):
    help = "Export or verify the audit log of a tenant, or of the deployment itself (--deployment)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["export", "verify"])
        parser.add_argument("file", nargs="?", type=Path, help="export: the ZIP file to write")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", help="slug of the tenant")
        whose.add_argument("--deployment", action="store_true", help="the log that has the checkpoints of all tenants")
        parser.add_argument(
            "--checkpoint", action="append", default=[], type=Path, help="verify: a checkpoint that was kept elsewhere"
        )
        parser.add_argument("--json", action="store_true", help="verify: print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant_id = NIL if options["deployment"] else accounts.tenant_id_of_slug(options["tenant"])
            if options["action"] == "export":
                self._export(tenant_id, options["file"])
            else:
                self._verify(tenant_id, options)
        except DomainError as error:
            raise CommandError(error.full_text) from None

    def _export(self, tenant_id: UUID, file: Path | None) -> None:
        if file is None:
            raise CommandError("name the ZIP file to write")
        with tenant_scope(tenant_id):
            audit.record(actor=system_actor(tenant_id), action="audit.log-exported")
        while audit.sequence(tenant_id=tenant_id):
            pass
        audit.sign_checkpoint(tenant_id=tenant_id)
        with file.open("xb") as target:
            for piece in export.stream(tenant_id=tenant_id, name=file.name):
                target.write(piece)
        self.stdout.write(audit.signer_of(tenant_id=tenant_id).verifier_key)

    def _verify(self, tenant_id: UUID, options: dict[str, Any]) -> None:
        """Exit status 0 when everything holds, 2 when not."""
        held = [path.read_text() for path in options["checkpoint"]]
        found = audit.verify_log(tenant_id=tenant_id, held=held)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found)))
        else:
            self.stdout.write(
                f"{found.size} lines, {found.covered} under {found.checkpoints} checkpoints, {found.gaps} gaps"
            )
            self.stdout.write(f"WRONG at index {found.bad_index}: {found.reason}" if found.reason else "OK")
        if not found.holds:
            sys.exit(2)
