"""Identifiers: UUID version 7 (RFC 9562 5.7), so that new rows land at the end of an index."""

import os
import threading
import time
from uuid import UUID

NIL = UUID(int=0)


_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """Return a time-ordered random identifier, greater than all that this process made before.

    The 12 bits behind the millisecond hold its fraction (RFC 9562 6.2, method 3), counted on within one tick.
    """
    global _last  # noqa: PLW0603  the one state of this module
    with _lock:
        _last = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        ticks = _last
    milliseconds, fraction = ticks >> 12, ticks & 0xFFF
    tail = int.from_bytes(os.urandom(8), "big") & (2**62 - 1)
    return UUID(int=(milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | tail)


def parse_uuid(text: str) -> UUID | None:
    """Return the identifier that a text holds, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
