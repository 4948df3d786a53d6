"""Objects written element by element, as devices write them: value representations and values that are wrong."""

import struct

import numpy as np

from pacs.dicom.file_meta import file_head
from pacs.dicom.phantom import make_uid
from tests.pacs.dicom.encoded import EXPLICIT, element

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
STUDY, SERIES, SOP = make_uid("m", "study"), make_uid("m", "series"), make_uid("m", "instance", 1)
Elements = dict[int, tuple[str, bytes]]


def us(value: int) -> tuple[str, bytes]:
    return "US", struct.pack("<H", value)


RIGHT: Elements = {
    0x00080016: ("UI", CT_IMAGE.encode()),
    0x00080018: ("UI", SOP.encode()),
    0x00080020: ("DA", b"20260101"),
    0x00080030: ("TM", b"101500"),
    0x00080050: ("SH", b"A-1"),
    0x00080060: ("CS", b"CT"),
    0x00100010: ("PN", b"Doe^Jane"),
    0x00100020: ("LO", b"P-1"),
    0x00100030: ("DA", b"19800101"),
    0x0020000D: ("UI", STUDY.encode()),
    0x0020000E: ("UI", SERIES.encode()),
    0x00200010: ("SH", b"1"),
    0x00200011: ("IS", b"1"),
    0x00200013: ("IS", b"1"),
    0x00280002: us(1),
    0x00280004: ("CS", b"MONOCHROME2"),
    0x00280010: us(16),
    0x00280011: us(16),
    0x00280030: ("DS", b"0.5\\0.5"),
    0x00280100: us(16),
    0x00280101: us(16),
    0x00280102: us(15),
    0x00280103: us(0),
    0x7FE00010: ("OW", np.arange(256, dtype="<u2").tobytes()),
}


def make_messy(changed: Elements, syntax: str = EXPLICIT) -> bytes:
    """Write the object with some of its elements as they are given; values are padded to an even length."""
    body = b"".join(
        element(tag, vr, value + (b"\0" if vr in {"UI", "OB", "UN"} else b" ") * (len(value) % 2), syntax=syntax)
        for tag, (vr, value) in sorted({**RIGHT, **changed}.items())
    )
    return file_head(sop_class_uid=CT_IMAGE, sop_instance_uid=SOP, transfer_syntax_uid=syntax) + body
