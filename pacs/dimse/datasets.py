"""Identifiers and other small data sets of messages: bytes to the DICOM JSON model, and back (PS3.5 7.1, 6.2)."""

import base64
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from pacs.dicom import opening
from pacs.dicom.dictionary import tag_of, vr_of
from pacs.dicom.errors import ScanError
from pacs.dicom.header import DataSetParser
from pacs.dicom.json_model import Attributes
from pacs.dicom.limits import DEFAULT_LIMITS
from pacs.dicom.transfer_syntaxes import IMPLICIT_VR_LITTLE_ENDIAN, TRANSFER_SYNTAXES
from pacs.dimse.commands import Status
from pacs.dimse.errors import StatusError

MAX_BYTES: Final = 1 << 20
CHARACTER_SET: Final = tag_of("SpecificCharacterSet")
UTF_8: Final = {"vr": "CS", "Value": ["ISO_IR 192"]}
_LONG: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
_MAX_SHORT: Final = 65_534
_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_NUL_PADDED: Final = frozenset({"UI", "OB", "UN"})


def decode(data: bytes, transfer_syntax_uid: str) -> Attributes:
    """Read a data set within the bounds of everything that comes from outside.

    Raises
    ------
    StatusError
        If it cannot be read.
    """
    syntax = TRANSFER_SYNTAXES[transfer_syntax_uid]
    encoding = opening.encoding_of(syntax, data[: opening.ELEMENT_SIZE].ljust(opening.ELEMENT_SIZE, b"\0"))
    parser = DataSetParser(limits=DEFAULT_LIMITS, encoding=encoding, position=0)
    try:
        parser.feed(memoryview(data))
        parser.finish()
    except ScanError:
        raise StatusError(Status.CANNOT_UNDERSTAND, "The data set cannot be read.") from None
    return parser.attributes


def encode(attributes: Mapping[str, Any], transfer_syntax_uid: str) -> bytes:
    """Write a data set in little endian, texts in UTF-8 (of which it says so when it has any)."""
    is_implicit = transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN
    return _data_set({**attributes, CHARACTER_SET: UTF_8}, is_implicit=is_implicit)


def _data_set(attributes: Mapping[str, Any], *, is_implicit: bool) -> bytes:
    return b"".join(_element(tag, attribute, is_implicit=is_implicit) for tag, attribute in sorted(attributes.items()))


def _element(tag: str, attribute: Mapping[str, Any], *, is_implicit: bool) -> bytes:
    vr: str = attribute["vr"]
    raw = _value(vr, attribute, is_implicit=is_implicit)
    if len(raw) % 2:
        raw += b"\0" if vr in _NUL_PADDED else b" "
    start: bytes = struct.pack("<HH", int(tag[:4], 16), int(tag[4:], 16))
    if is_implicit:
        return start + struct.pack("<I", len(raw)) + raw
    if vr in _LONG:
        return start + str(vr).encode() + struct.pack("<2xI", len(raw)) + raw
    if len(raw) > _MAX_SHORT:
        # PS3.5 6.2.2: what no short length can hold is sent as UN.
        return start + struct.pack("<2s2xI", b"UN", len(raw)) + raw
    return start + str(vr).encode() + struct.pack("<H", len(raw)) + raw


def _value(vr: str, attribute: Mapping[str, Any], *, is_implicit: bool) -> bytes:
    if "InlineBinary" in attribute:
        return base64.b64decode(attribute["InlineBinary"])
    values = attribute.get("Value") or []
    if vr == "SQ":
        items = [_data_set(item, is_implicit=is_implicit) for item in values]
        return b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
    if vr == "AT":
        return b"".join(struct.pack("<HH", int(value[:4], 16), int(value[4:], 16)) for value in values)
    if vr in _NUMBERS:
        return b"".join(struct.pack(f"<{_NUMBERS[vr]}", value) for value in values)
    write: Callable[[Any], str] = _name if vr == "PN" else _text
    return "\\".join(write(value) for value in values).encode("utf-8")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return _text(value)
    groups = (value.get(group, "") for group in ("Alphabetic", "Ideographic", "Phonetic"))
    return "=".join(groups).rstrip("=")


def attribute(keyword: str, *values: Any) -> Attributes:
    """Return one attribute of the model by its keyword; without values it is empty (type 2)."""
    tag = tag_of(keyword)
    vr = vr_of(int(tag, 16)) or "UN"
    found = [value for value in values if value not in (None, "")]
    return {tag: {"vr": vr, "Value": found} if found else {"vr": vr}}


def value_text(attributes: Mapping[str, Any], tag: str) -> str:
    """Return the values of an attribute as a key of a query: joined, names in the form of PS3.5 6.2.1."""
    values = attributes.get(tag, {}).get("Value") or []
    return "\\".join(_name(value) for value in values if not isinstance(value, dict) or "vr" not in str(value))
