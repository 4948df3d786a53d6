"""Identifiers: UUID version 7 (RFC 9562 5.7), so that new rows land at the end of an index."""

import os
import time
from uuid import UUID

NIL = UUID(int=0)


def uuid7() -> UUID:
    """Return a time-ordered random identifier."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def parse_uuid(text: str) -> UUID | None:
    """Return the identifier that a text holds, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
