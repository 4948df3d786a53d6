"""What the commands of the portal have in common."""

from django.core.management.base import BaseCommand


class PortalCommand(BaseCommand):
    """A command that begins at once: what Django's checks find is found by `make check`, when the code changes.

    Looking again before every command took longer than most commands take.
    """

    requires_system_checks = ()
