"""How much freed memory glibc keeps: images come and go, and fresh pages cost more than what is done with them.

On other C libraries nothing is changed.
"""

import ctypes
from typing import Final

# mallopt(3): what it may keep at the end of the heap, how much it asks for at once, and which blocks lie outside.
_TRIM_THRESHOLD: Final = -1
_TOP_PAD: Final = -2
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
# Larger than any frame.
_LARGE_BYTES: Final = 32 << 20
# Each heap keeps as much; by itself glibc makes eight of them a core.
_HEAPS: Final = 2


def keep(kept_bytes: int) -> None:
    """Have each heap of this process, and of those that it forks, keep so many freed bytes at most."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is None:
        return
    for option, value in (
        (_MMAP_THRESHOLD, _LARGE_BYTES),
        (_TRIM_THRESHOLD, kept_bytes),
        (_TOP_PAD, kept_bytes // 4),
        (_ARENA_MAX, _HEAPS),
    ):
        set_option(option, value)
