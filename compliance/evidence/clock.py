"""Whether the kernel's clock follows a time server (adjtimex(2), Linux)."""

import ctypes
import sys
from typing import Final

# struct timex is 208 bytes on every 64-bit Linux; `modes` of zero only reads.
_SIZE_OF_TIMEX: Final = 208
_TIME_ERROR: Final = 5


def is_kept() -> bool | None:
    """Say whether the clock is synchronised; None where the kernel does not tell."""
    if sys.platform != "linux":
        return None
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_SIZE_OF_TIMEX))
    return None if state < 0 else state != _TIME_ERROR
