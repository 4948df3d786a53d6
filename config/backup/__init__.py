"""Backup, verification and restore of a deployment: both engines, both stores."""

from django.conf import settings

from config.backup import sets
from config.backup.creating import create
from config.backup.verifying import verify
from vault import selectors


def make_nightly() -> None:
    """Make the backup of the day; not of a demo, nor before anything is stored."""
    if not settings.BITEWING_DEMO and next(selectors.live_objects(), None) is not None:
        create()


def verify_weekly() -> None:
    """Restore the newest backup into scratch, if there is one, and leave the report."""
    if sets.list_ids():
        verify(set_id=None)
