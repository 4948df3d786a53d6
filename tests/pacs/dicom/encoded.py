"""Objects written byte by byte, so that each test can break exactly one rule of PS3.5."""

import struct
import zlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from imagecodecs import htj2k_encode

from pacs.dicom.scan import Scan, Scanner

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG = "1.2.840.10008.1.2.2"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
UNDEFINED = 0xFFFFFFFF
LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}

SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
ITEM_END = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)


def element(tag: int, vr: str, value: bytes = b"", *, length: int | None = None, syntax: str = EXPLICIT) -> bytes:
    """Write one element; `length` lies about the value."""
    order = ">" if syntax == BIG else "<"
    size = len(value) if length is None else length
    header = struct.pack(f"{order}HH", tag >> 16, tag & 0xFFFF)
    if syntax == IMPLICIT:
        return header + struct.pack("<I", size) + value
    if vr in LONG:
        return header + vr.encode("latin-1") + bytes(2) + struct.pack(f"{order}I", size) + value
    return header + vr.encode("latin-1") + struct.pack(f"{order}H", size) + value


def text(tag: int, vr: str, value: str, *, syntax: str = EXPLICIT) -> bytes:
    """Write one element of ASCII text, padded as the standard wants."""
    raw = value.encode("ascii")
    padding = b"\0" if vr == "UI" else b" "
    return element(tag, vr, raw + padding * (len(raw) % 2), syntax=syntax)


def word(tag: int, value: int, *, syntax: str = EXPLICIT) -> bytes:
    """Write one US."""
    return element(tag, "US", struct.pack(">H" if syntax == BIG else "<H", value), syntax=syntax)


def item(content: bytes = b"", *, length: int | None = None) -> bytes:
    """Write one item of defined length; `length` lies."""
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content) if length is None else length) + content


def fragments(*values: bytes, table: Iterable[int] = ()) -> bytes:
    """Write the value field of encapsulated pixel data."""
    offsets = list(table)
    basic_offset_table = item(struct.pack(f"<{len(offsets)}I", *offsets))
    return basic_offset_table + b"".join(item(value) for value in values) + SEQUENCE_END


def identity(*, sop_class: str = CT_IMAGE, syntax: str = EXPLICIT) -> bytes:
    """Write the elements of groups 0008 to 0020 that identify an object."""
    return b"".join(
        (
            text(0x00080016, "UI", sop_class, syntax=syntax),
            text(0x00080018, "UI", "1.2.3.4", syntax=syntax),
            text(0x00100010, "PN", "Doe^Jane", syntax=syntax),
            text(0x00100020, "LO", "P-1", syntax=syntax),
            text(0x0020000D, "UI", "1.2.3", syntax=syntax),
            text(0x0020000E, "UI", "1.2.3.5", syntax=syntax),
        )
    )


def image(*, rows: int = 4, columns: int = 4, bits: int = 16, frames: int = 1, syntax: str = EXPLICIT) -> bytes:
    """Write the elements of group 0028 that say how large the pixel data is."""
    return b"".join(
        (
            word(0x00280002, 1, syntax=syntax),
            text(0x00280004, "CS", "MONOCHROME2", syntax=syntax),
            text(0x00280008, "IS", str(frames), syntax=syntax),
            word(0x00280010, rows, syntax=syntax),
            word(0x00280011, columns, syntax=syntax),
            word(0x00280100, bits, syntax=syntax),
        )
    )


def part10(
    data_set: bytes, *, syntax: str = EXPLICIT, preamble: bytes = bytes(128), sop_class: str = CT_IMAGE
) -> bytes:
    """Put preamble, prefix and file meta information before a data set."""
    meta = text(0x00020002, "UI", sop_class) + text(0x00020010, "UI", syntax)
    return preamble + b"DICM" + element(0x00020000, "UL", struct.pack("<I", len(meta))) + meta + data_set


def native_slice(*, syntax: str = EXPLICIT, behind: bytes = b"") -> bytes:
    """Write a CT slice of 4 x 4 x 16 bit; `behind` follows the pixel data."""
    pixels = element(0x7FE00010, "OW", bytes(range(32)), syntax=syntax)
    return part10(identity(syntax=syntax) + image(syntax=syntax) + pixels + behind, syntax=syntax)


def deflated_slice() -> bytes:
    """Write the same slice deflated."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data_set = identity() + image() + element(0x7FE00010, "OW", bytes(range(32)))
    return part10(compressor.compress(data_set) + compressor.flush(), syntax=DEFLATED)


def encapsulated(value: bytes, *, frames: int = 1, before: bytes = b"", behind: bytes = b"") -> bytes:
    """Write a JPEG lossless image whose pixel data has the given value field."""
    pixels = element(0x7FE00010, "OB", value, length=UNDEFINED)
    return part10(identity() + image(frames=frames) + before + pixels + behind, syntax=JPEG_LOSSLESS)


def document(*elements: bytes) -> bytes:
    """Write an object that is no image; elements come in front of the identification's order on purpose."""
    return part10(identity(sop_class=PDF) + b"".join(elements), sop_class=PDF)


def scan(data: bytes, *, chunk: int = 1 << 20) -> Scan:
    """Scan an object in chunks of one size."""
    scanner = Scanner()
    for begin in range(0, len(data), chunk):
        scanner.feed(data[begin : begin + chunk])
    return scanner.finish()


def encode_htj2k(pixels: npt.NDArray[np.generic]) -> bytes:
    """Encode a frame losslessly as High-Throughput JPEG 2000 with a table of tile-part lengths (…4.202)."""
    return bytes(htj2k_encode(pixels, tlm=True, rgb=pixels.ndim == 3, reversible=True))
