"""Backup, verification and restore of a deployment: both engines, both stores."""

from django.conf import settings

from config.backup import sets
from config.backup.creating import create, expire
from config.backup.verifying import verify
from vault import selectors


def make_nightly() -> None:
    """Make the backup of the day, or, where nothing is stored, let old ones expire; not of a demo."""
    if settings.BITEWING_DEMO:
        return
    if next(selectors.live_objects(), None) is None:
        expire()
    else:
        create()


def verify_weekly() -> None:
    """Restore the newest backup into scratch, if there is one, and leave the report."""
    if sets.list_ids():
        verify(set_id=None)
