"""`create_token --tenant SLUG --name N --scope S ...`: prints the token, shown once, and nothing else on stdout."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import services
from common.actor import system_actor
from common.command import PortalCommand
from common.errors import DomainError


class Command(PortalCommand):
    help = "Create an API token of a tenant and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="slug of the tenant")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument("--scope", action="append", required=True, help="may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant_id = services.tenant_id_of_slug(options["tenant"])
            text = services.create_token(actor=system_actor(tenant_id), name=options["name"], scopes=options["scope"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(text)
