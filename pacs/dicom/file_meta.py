"""What a file begins with, and where its data set does (PS3.10 7.1)."""

import struct
from typing import Final

from pacs.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

# File meta information is a few hundred bytes; what is longer is not looked through.
START_BYTES: Final = 8192
_PREAMBLE: Final = bytes(128) + b"DICM"
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


def file_head(*, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return preamble, prefix and file meta information.

    Who sent it is not in it: the same object sent again, by whomever, is the same file.
    """
    elements = b"".join(
        (
            struct.pack("<HH2sHI2s", 0x0002, 0x0001, b"OB", 0, 2, b"\0\1"),
            _text(0x0002, b"UI", sop_class_uid),
            _text(0x0003, b"UI", sop_instance_uid),
            _text(0x0010, b"UI", transfer_syntax_uid),
            _text(0x0012, b"UI", IMPLEMENTATION_CLASS_UID),
            _text(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME),
        )
    )
    return _PREAMBLE + struct.pack("<HH2sHI", 0x0002, 0x0000, b"UL", 4, len(elements)) + elements


def _text(element: int, vr: bytes, text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    raw += (b"\0" if vr == b"UI" else b" ") * (len(raw) % 2)
    return struct.pack("<HH2sH", 0x0002, element, vr, len(raw)) + raw
