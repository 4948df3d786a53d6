"""Asking the database itself whether a table is append-only."""

from collections.abc import Callable

from django.db import DatabaseError, transaction


class _TakenBackError(Exception):
    """Ends the block in which a change was tried, so that nothing of it stays."""


def refuses(change: Callable[[], object]) -> bool:
    """Try a change and say whether the database refused it; where it did not, the change is taken back."""
    try:
        with transaction.atomic():
            change()
            raise _TakenBackError
    except DatabaseError:
        return True
    except _TakenBackError:
        return False
