"""The elements of a data set under other headers (PS3.5 7.1): their values stay byte for byte, whatever they are.

A value that its representation does not allow (a date with dots, a number with a comma) is no reason not to send an
object on: nobody here has to understand it.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

import numpy as np
from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element

from pacs.dicom.dictionary import AMBIGUOUS_VRS, creator_key, is_private, vr_of
from pacs.dicom.values import KNOWN_VRS, LONG_VRS

_UNDEFINED: Final = 0xFFFFFFFF
_SEQUENCE_END: Final = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
_PIXEL_REPRESENTATION: Final = 0x00280103
# Bytes that are swapped together in big endian (PS3.5 7.3).
_WORDS: Final = {
    **dict.fromkeys(("AT", "OW", "SS", "US"), 2),
    **dict.fromkeys(("FL", "OF", "OL", "SL", "UL"), 4),
    **dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), 8),
}


def write_elements(data_set: Dataset, *, is_implicit: bool) -> bytes:
    """Write a data set that was read, in Implicit or Explicit VR Little Endian.

    Parameters
    ----------
    data_set
        Its elements may be raw; group lengths, which would no longer be right, are left out.
    """
    return b"".join(_elements((data_set,), is_implicit=is_implicit))


def _elements(within: Sequence[Dataset], *, is_implicit: bool) -> Iterator[bytes]:
    for tag in sorted(within[-1].keys()):
        if tag.element:
            yield _element(within, within[-1].get_item(tag), is_implicit=is_implicit)


def _element(within: Sequence[Dataset], element: DataElement | RawDataElement, *, is_implicit: bool) -> bytes:
    vr = representation(within, element)
    if vr == "SQ":
        items = cast("Sequence[Dataset]", within[-1][element.tag].value or ())
        return _written(element.tag, vr, b"".join(_item((*within, one), is_implicit) for one in items), is_implicit)
    if isinstance(element, RawDataElement):
        if element.length == _UNDEFINED:
            return _start(element.tag, vr, _UNDEFINED, is_implicit) + (element.value or b"") + _SEQUENCE_END
        return _written(element.tag, vr, _little(element, vr), is_implicit)
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, is_implicit
    write_data_element(out, element)
    return out.getvalue()


def _item(within: Sequence[Dataset], is_implicit: bool) -> bytes:
    content = b"".join(_elements(within, is_implicit=is_implicit))
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def _written(tag: int, vr: str, value: bytes, is_implicit: bool) -> bytes:
    # PS3.5 6.2.2: what is too long for its own representation is written as unknown.
    is_too_long = vr not in LONG_VRS and len(value) > 0xFFFF
    return _start(tag, "UN" if is_too_long else vr, len(value), is_implicit) + value


def _start(tag: int, vr: str, length: int, is_implicit: bool) -> bytes:
    numbers = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if is_implicit:
        return numbers + struct.pack("<I", length)
    form = "<2s2xI" if vr in LONG_VRS else "<2sH"
    return numbers + struct.pack(form, vr.encode("ascii"), length)


def _little(element: RawDataElement, vr: str) -> bytes:
    value, size = element.value or b"", _WORDS.get(vr, 1)
    if element.is_little_endian or size == 1 or len(value) % size:
        return value
    return np.frombuffer(value, dtype=f">u{size}").astype(f"<u{size}").tobytes()


def representation(within: Sequence[Dataset], element: DataElement | RawDataElement) -> str:
    """Return what an element says of itself, else what the dictionary does; unknown where neither is sure."""
    if element.VR:
        return element.VR if element.VR in KNOWN_VRS else "UN"
    found = vr_of(element.tag, _creator(within[-1], element.tag)) or "UN"
    if found not in AMBIGUOUS_VRS:
        return found
    return ("SS" if _is_signed(within) else "US") if found == "US or SS" else "OW"


def _creator(data_set: Dataset, tag: int) -> str:
    key = int(creator_key(tag), 16)
    if not is_private(tag) or key not in data_set:
        return ""
    value = _value(data_set.get_item(key))
    return value.decode("latin-1").strip(" \0") if isinstance(value, bytes) else str(value)


def _is_signed(within: Sequence[Dataset]) -> bool:
    holder = next((one for one in reversed(within) if _PIXEL_REPRESENTATION in one), None)
    if holder is None:
        return False
    value = _value(holder.get_item(_PIXEL_REPRESENTATION))
    return 1 in value if isinstance(value, bytes) else value == 1


def _value(element: DataElement | RawDataElement) -> Any:
    return element.value
