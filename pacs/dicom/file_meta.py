"""Where the data set of a file begins (PS3.10 7.1)."""

from typing import Final

# File meta information is a few hundred bytes; what is longer is not looked through.
START_BYTES: Final = 8192
_LONG: Final = frozenset({b"OB", b"OW", b"UN", b"UT"})


def data_set_offset(start: bytes) -> int:
    """Return the offset of the data set.

    Parameters
    ----------
    start
        The first bytes of the file, `START_BYTES` or all.
    """
    at = 132 if start[128:132] == b"DICM" else 0
    while start[at : at + 2] == b"\x02\0" and at + 12 <= len(start):
        is_long = start[at + 4 : at + 6] in _LONG
        size = int.from_bytes(start[at + 8 : at + 12] if is_long else start[at + 6 : at + 8], "little")
        at += (12 if is_long else 8) + size
    return at
