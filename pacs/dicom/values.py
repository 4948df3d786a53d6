"""Value fields to attributes of the DICOM JSON model (PS3.18 F.2), one converter for each value representation.

A converter takes the value field and the active character sets and returns the attribute. It never fails: what is not a
value of its representation is kept as text where the model allows it, else as bytes.
"""

import struct
from base64 import b64encode
from collections.abc import Callable
from math import inf, isfinite
from typing import Any

from pacs.dicom.charset import NAME_DELIMITERS, TEXT_DELIMITERS, Charset

Attribute = dict[str, Any]
Converter = Callable[[bytes, Charset], Attribute]

# Beyond this, a binary value is referred to, not written inline.
INLINE_BYTES = 1024

BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})

# Explicit VRs with two reserved bytes and a 32-bit length (PS3.5 table 7.1-1).
LONG_VRS = BINARY_VRS | {"SQ", "SV", "UC", "UR", "UT", "UV"}

_PADDING = " \0"
_UNLIMITED_TEXT = frozenset(b"\r\n\t\f")
_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def _list(values: list[str]) -> list[str | None]:
    return [value.strip(_PADDING).replace("\0", "") or None for value in values]


def _strings(vr: str) -> Converter:
    """Convert text of the default repertoire, split by backslash."""

    def convert(raw: bytes, _charset: Charset) -> Attribute:
        text = raw.decode("latin-1").strip(_PADDING)
        if not text:
            return {"vr": vr}
        if "\\" in text or "\0" in text:
            return {"vr": vr, "Value": _list(text.split("\\"))}
        return {"vr": vr, "Value": [text]}

    return convert


def _texts(vr: str) -> Converter:
    """Convert text of the data set's repertoire, split by backslash."""

    def convert(raw: bytes, charset: Charset) -> Attribute:
        text = charset.decode(raw, TEXT_DELIMITERS).strip(_PADDING)
        if not text:
            return {"vr": vr}
        if "\\" in text or "\0" in text:
            return {"vr": vr, "Value": _list(text.split("\\"))}
        return {"vr": vr, "Value": [text]}

    return convert


def _long_text(vr: str) -> Converter:
    """Convert one text in which backslash and leading spaces mean themselves."""

    def convert(raw: bytes, charset: Charset) -> Attribute:
        text = charset.decode(raw, _UNLIMITED_TEXT).rstrip(_PADDING).replace("\0", "")
        return {"vr": vr, "Value": [text]} if text else {"vr": vr}

    return convert


def _url(raw: bytes, _charset: Charset) -> Attribute:
    text = raw.decode("latin-1").rstrip(_PADDING).replace("\0", "")
    return {"vr": "UR", "Value": [text]} if text else {"vr": "UR"}


def _person_names(raw: bytes, charset: Charset) -> Attribute:
    """Convert names to their component groups (PS3.5 6.2.1, PS3.18 F.2.2)."""
    text = charset.decode(raw, NAME_DELIMITERS).strip(_PADDING)
    if not text:
        return {"vr": "PN"}
    if "=" not in text and "\\" not in text and "\0" not in text:
        return {"vr": "PN", "Value": [{"Alphabetic": text}]}
    return {"vr": "PN", "Value": [_name_groups(name) for name in text.replace("\0", "").split("\\")]}


def _name_groups(name: str) -> dict[str, str] | None:
    groups = zip(_GROUPS, name.split("="), strict=False)
    return {key: text for key, group in groups if (text := group.strip(_PADDING))} or None


def _number_text(vr: str, parse: Callable[[bytes], float]) -> Converter:
    """Convert numbers written as text; what is none stays text."""

    def convert(raw: bytes, _charset: Charset) -> Attribute:
        stripped = raw.strip(b" \0")
        if not stripped:
            return {"vr": vr}
        if not stripped.translate(None, b"0123456789+-.eE \\"):
            try:
                numbers = [parse(part) for part in stripped.split(b"\\")]
            except ValueError:
                pass
            else:
                if inf not in numbers and -inf not in numbers:
                    return {"vr": vr, "Value": numbers}
        return {"vr": vr, "Value": [_number_or_text(part, parse) for part in stripped.split(b"\\")]}

    return convert


def _number_or_text(part: bytes, parse: Callable[[bytes], float]) -> float | str | None:
    part = part.strip(b" \0")
    if not part.translate(None, b"0123456789+-.eE"):
        try:
            number = parse(part)
        except ValueError:
            pass
        else:
            if isfinite(number):
                return number
    return part.decode("latin-1").replace("\0", "") or None


def _integer(part: bytes) -> int:
    """Read an Integer String; devices write "1.0" too, and JSON keeps no more than 53 bits."""
    try:
        number = int(part)
    except ValueError:
        real = float(part)
        if not real.is_integer():
            raise
        number = int(real)
    if abs(number) >= 1 << 53:
        raise ValueError(len(part))
    return number


def _numbers(vr: str, code: str, byte_order: str) -> Converter:
    """Convert binary numbers."""
    one = struct.Struct(f"{byte_order}{code}")
    size = one.size

    def convert(raw: bytes, _charset: Charset) -> Attribute:
        if len(raw) == size:
            return {"vr": vr, "Value": list(one.unpack(raw))}
        if len(raw) % size:
            return _binary("UN", raw)
        if not raw:
            return {"vr": vr}
        return {"vr": vr, "Value": list(struct.unpack(f"{byte_order}{len(raw) // size}{code}", raw))}

    return convert


def _reals(vr: str, code: str, byte_order: str) -> Converter:
    """Convert binary floating point; what JSON cannot write becomes "NaN", "inf" or "-inf" (PS3.18 F.2.3)."""
    convert_numbers = _numbers(vr, code, byte_order)

    def convert(raw: bytes, charset: Charset) -> Attribute:
        attribute = convert_numbers(raw, charset)
        values = attribute.get("Value")
        if values and not all(map(isfinite, values)):
            attribute["Value"] = [_real_or_text(value) for value in values]
        return attribute

    return convert


def _real_or_text(value: float) -> float | str:
    if isfinite(value):
        return value
    return str(value).replace("nan", "NaN")


def _tags(byte_order: str) -> Converter:
    """Convert attribute tags to eight hexadecimal digits."""

    def convert(raw: bytes, _charset: Charset) -> Attribute:
        if len(raw) % 4:
            return _binary("UN", raw)
        words = struct.unpack(f"{byte_order}{len(raw) // 2}H", raw)
        tags = [f"{group:04X}{element:04X}" for group, element in zip(words[::2], words[1::2], strict=True)]
        return {"vr": "AT", "Value": tags} if tags else {"vr": "AT"}

    return convert


def _binary(vr: str, raw: bytes) -> Attribute:
    return {"vr": vr, "InlineBinary": b64encode(raw).decode("ascii")} if raw else {"vr": vr}


def _bytes(vr: str, word: int) -> Converter:
    """Convert bytes; those of big endian words are swapped, as PS3.18 F.2.7 wants little endian."""

    def convert(raw: bytes, _charset: Charset) -> Attribute:
        return _binary(vr, raw if word == 1 or len(raw) % word else _swapped(raw, word))

    return convert


def _swapped(raw: bytes, word: int) -> bytes:
    swapped = bytearray(len(raw))
    for byte in range(word):
        swapped[byte::word] = raw[word - 1 - byte :: word]
    return bytes(swapped)


_STRING_VRS = ("AE", "AS", "CS", "DA", "DT", "TM", "UI")
_TEXT_VRS = ("LO", "SH", "UC")
_LONG_TEXT_VRS = ("LT", "ST", "UT")
_INTEGER_CODES = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q"}
_REAL_CODES = {"FL": "f", "FD": "d"}
_WORDS = {"OB": 1, "UN": 1, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


def _converters(byte_order: str) -> dict[str, Converter]:
    return {
        **{vr: _strings(vr) for vr in _STRING_VRS},
        **{vr: _texts(vr) for vr in _TEXT_VRS},
        **{vr: _long_text(vr) for vr in _LONG_TEXT_VRS},
        "UR": _url,
        "PN": _person_names,
        "DS": _number_text("DS", float),
        "IS": _number_text("IS", _integer),
        **{vr: _numbers(vr, code, byte_order) for vr, code in _INTEGER_CODES.items()},
        **{vr: _reals(vr, code, byte_order) for vr, code in _REAL_CODES.items()},
        "AT": _tags(byte_order),
        **{vr: _bytes(vr, 1 if byte_order == "<" else word) for vr, word in _WORDS.items()},
    }


LITTLE_ENDIAN = _converters("<")
BIG_ENDIAN = _converters(">")

KNOWN_VRS = frozenset(LITTLE_ENDIAN) | {"SQ"}
TEXT_VRS = frozenset({*_STRING_VRS, *_TEXT_VRS, *_LONG_TEXT_VRS, "UR", "PN", "DS", "IS"})
