"""`create_tenant NAME`: prints the slug, and nothing else, on stdout."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import services
from common.command import PortalCommand
from common.errors import DomainError


class Command(PortalCommand):
    help = "Create a tenant and print its slug."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant = services.create_tenant(name=options["name"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(tenant.slug)
