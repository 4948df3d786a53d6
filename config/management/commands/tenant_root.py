"""`tenant_root SLUG --root URL`: who holds the root key of a tenant."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import services as accounts
from common.command import PortalCommand
from common.errors import DomainError
from vault import services as vault


class Command(PortalCommand):
    help = "Wrap all keys of a tenant anew under another root key, and destroy the epoch before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument(
            "--root", required=True, help="kms:<arn>, pkcs11:..., file:<path>, credential:<path>, or: deployment"
        )

    def handle(self, *args: Any, slug: str, root: str, **options: Any) -> None:
        try:
            tenant_id = accounts.tenant_id_of_slug(slug)
            vault.change_root(tenant_id=tenant_id, root="" if root == "deployment" else root)
        except DomainError as error:
            raise CommandError(error.full_text) from None
        self.stdout.write(slug)
