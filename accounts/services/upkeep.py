"""What accounts do by the clock."""

from accounts import limits
from accounts.services import passwords, sessions


def purge() -> None:
    """Delete what is over: sessions, links to choose a password, counts."""
    sessions.purge()
    passwords.purge()
    limits.purge()
