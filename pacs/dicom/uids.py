"""Unique identifiers (PS3.5 9)."""

import re
from uuid import UUID

_UID = re.compile(r"[0-9.]{1,64}\Z")


def is_valid_uid(text: str) -> bool:
    """Tell whether a text may serve as a UID.

    The repertoire and length of PS3.5 9.1 are checked; components with leading zeros, which the standard forbids, are
    written by enough devices that refusing them would lose images.
    """
    return _UID.match(text) is not None


def uid_from_uuid(uuid: UUID) -> str:
    """Make a UID from a UUID (PS3.5 B.2)."""
    return f"2.25.{uuid.int}"
