"""The DICOM JSON model as bytes (PS3.18 F, PS3.5 7.1 and 6.2): little endian, texts in UTF-8."""

import base64
import binascii
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from pacs.dicom.dictionary import tag_of
from pacs.dicom.errors import MalformedError
from pacs.dicom.limits import DEFAULT_LIMITS, Budget
from pacs.dicom.values import BINARY_VRS, KNOWN_VRS, LONG_VRS

CHARACTER_SET: Final = tag_of("SpecificCharacterSet")
UTF_8: Final = {"vr": "CS", "Value": ["ISO_IR 192"]}
_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_NUL_PADDED: Final = frozenset({"UI", "OB", "UN"})
_HEX: Final = frozenset("0123456789ABCDEFabcdef")
# A decimal string has 16 characters at most (PS3.5 6.2).
_DECIMAL_LENGTH: Final = 16

Bulk = Mapping[str, bytes]


def write_data_set(attributes: Mapping[str, Any], *, bulk: Bulk, is_implicit: bool = False) -> bytes:
    """Write a data set that came from outside, groups 0000 and 0002 and group lengths left out.

    Parameters
    ----------
    attributes
        As the DICOM JSON model; what its Specific Character Set says is replaced by what is written.
    bulk
        The values that it refers to, by their Bulk Data URI.

    Raises
    ------
    MalformedError
        If it is not in the model, refers to a value that is not there, or has one that cannot be written.
    LimitExceededError
        If sequences are nested too deeply.
    """
    kept = {tag: attribute for tag, attribute in attributes.items() if tag[:4] not in {"0000", "0002"}}
    return _Writer(bulk, is_implicit=is_implicit).data_set({**kept, CHARACTER_SET: UTF_8}, 0)


def write_element_start(tag: str, vr: str, length: int) -> bytes:
    """Write tag, value representation and length of an element whose value follows (explicit VR)."""
    start = struct.pack("<HH2s", int(tag[:4], 16), int(tag[4:], 16), vr.encode("ascii"))
    return start + (struct.pack("<2xI", length) if vr in LONG_VRS else struct.pack("<H", length))


class _Writer:
    def __init__(self, bulk: Bulk, *, is_implicit: bool) -> None:
        self._bulk = bulk
        self._is_implicit = is_implicit
        self._budget = Budget(DEFAULT_LIMITS)

    def data_set(self, attributes: Mapping[str, Any], depth: int) -> bytes:
        self._budget.check_depth(depth)
        if not isinstance(attributes, dict):
            raise MalformedError("an item of a sequence is not an object of the DICOM JSON model")
        ordered = sorted((tag.upper(), attribute) for tag, attribute in attributes.items() if not tag.endswith("0000"))
        self._budget.count_elements(len(ordered))
        return b"".join(self._element(tag, attribute, depth) for tag, attribute in ordered)

    def _element(self, tag: str, attribute: Any, depth: int) -> bytes:
        if len(tag) != 8 or not _HEX.issuperset(tag):
            raise MalformedError("a name is not a tag of eight hexadecimal digits")
        vr = attribute.get("vr") if isinstance(attribute, dict) else None
        if vr not in KNOWN_VRS:
            raise MalformedError("has no known value representation", tag=int(tag, 16))
        try:
            raw = self._value(vr, attribute, depth)
        except (ArithmeticError, AttributeError, TypeError, ValueError, struct.error, binascii.Error):
            raise MalformedError(f"has a value that {vr} cannot hold", tag=int(tag, 16)) from None
        if len(raw) % 2:
            raw += b"\0" if vr in _NUL_PADDED else b" "
        if self._is_implicit:
            return struct.pack("<HHI", int(tag[:4], 16), int(tag[4:], 16), len(raw)) + raw
        if vr not in LONG_VRS and len(raw) > 0xFFFF:
            # PS3.5 6.2.2: what is too long for its own representation is written as unknown.
            vr = "UN"
        return write_element_start(tag, vr, len(raw)) + raw

    def _value(self, vr: str, attribute: Mapping[str, Any], depth: int) -> bytes:
        if "BulkDataURI" in attribute:
            return self._referred(attribute["BulkDataURI"])
        if "InlineBinary" in attribute:
            return base64.b64decode(attribute["InlineBinary"], validate=True)
        values = attribute.get("Value") or []
        if not isinstance(values, list):
            raise TypeError
        return b"".join(self._item(item, depth) for item in values) if vr == "SQ" else _values(vr, values)

    def _referred(self, uri: str) -> bytes:
        if uri not in self._bulk:
            raise MalformedError("bulk data that the metadata refers to is not in the request")
        return self._bulk[uri]

    def _item(self, item: Mapping[str, Any], depth: int) -> bytes:
        self._budget.count_item()
        inner = item or {}
        if CHARACTER_SET in inner:
            # What an item says of its texts would be true no more.
            inner = {**inner, CHARACTER_SET: UTF_8}
        data = self.data_set(inner, depth + 1)
        return struct.pack("<HHI", 0xFFFE, 0xE000, len(data)) + data


def _values(vr: str, values: list[Any]) -> bytes:
    if vr == "AT":
        return b"".join(struct.pack("<HH", int(value[:4], 16), int(value[4:8], 16)) for value in values)
    if vr in _NUMBERS:
        return b"".join(struct.pack(f"<{_NUMBERS[vr]}", _number(vr, value)) for value in values)
    if vr in BINARY_VRS and values:
        raise TypeError
    return "\\".join(map(_TEXTS.get(vr, _text), values)).encode("utf-8")


def _number(vr: str, value: Any) -> float:
    # 64-bit integers may come as text: JavaScript has none (PS3.18 F.2.3).
    return float(value) if vr in {"FL", "FD"} else int(value)


def _text(value: Any) -> str:
    if isinstance(value, dict | list | bool):
        raise TypeError
    return "" if value is None else str(value)


def _decimal(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    text = repr(float(value)) if isinstance(value, float) else str(int(value))
    digits = _DECIMAL_LENGTH
    while len(text) > _DECIMAL_LENGTH:
        digits -= 1
        text = f"{float(value):.{digits}g}"
    return text


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return _text(value)
    groups = (_text(value.get(group)) for group in ("Alphabetic", "Ideographic", "Phonetic"))
    return "=".join(groups).rstrip("=")


_TEXTS: Final[Mapping[str, Callable[[Any], str]]] = {"DS": _decimal, "PN": _name}
