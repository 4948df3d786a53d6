"""`create_owner --tenant SLUG --email E --name N`: prints a link to choose a password, and nothing else, on stdout."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import services
from accounts.models import Role
from common.command import PortalCommand
from common.errors import DomainError


class Command(PortalCommand):
    help = "Make a person an owner of a tenant and print the link, good for 24 hours and once, with which they begin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="slug of the tenant")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="as colleagues and the access log show it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant_id = services.tenant_id_of_slug(options["tenant"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        user = services.create_member(
            tenant_id=tenant_id, email=options["email"], name=options["name"], roles=[Role.OWNER]
        )
        self.stdout.write(services.hand_out_link(user=user))
