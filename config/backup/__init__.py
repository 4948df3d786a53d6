"""Backup, verification and restore of a deployment: both engines, both stores."""

from config.backup.creating import create
from config.backup.verifying import verify


def make_nightly() -> None:
    """Make the backup of the day."""
    create()


def verify_weekly() -> None:
    """Restore the newest backup into scratch and leave the report."""
    verify(set_id=None)
