"""How a data set is encoded: headers of elements, and which elements are plain (PS3.5 7.1)."""

import struct
from dataclasses import dataclass
from typing import Final

from pacs.dicom.dictionary import creator_key, is_private, vr_of
from pacs.dicom.values import BIG_ENDIAN, BINARY_VRS, INLINE_BYTES, LITTLE_ENDIAN, LONG_VRS, Attribute, Converter

UNDEFINED_LENGTH: Final = 0xFFFFFFFF
SPECIFIC_CHARACTER_SET: Final = 0x00080005

FLOAT_PIXEL_DATA: Final = 0x7FE00008
DOUBLE_FLOAT_PIXEL_DATA: Final = 0x7FE00009
PIXEL_DATA: Final = 0x7FE00010
PIXEL_TAGS: Final = frozenset({FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA, PIXEL_DATA})

# Extended Offset Table and its lengths (PS3.5 A.4): binary, possibly long, and yet needed to find the frames.
EXTENDED_OFFSETS: Final = 0x7FE00001
EXTENDED_LENGTHS: Final = 0x7FE00002

# What the parser itself must see: everything else is read by its converter alone.
_WATCHED = PIXEL_TAGS | {SPECIFIC_CHARACTER_SET, EXTENDED_OFFSETS, EXTENDED_LENGTHS}

# Longer values are counted, or left out.
LONG_VALUE: Final = 4096

_CACHE_SIZE = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read the elements that begin with the same bytes.

    Attributes
    ----------
    key
        The tag as the DICOM JSON model writes it.
    convert
        None if the parser has to look closer.
    header_size
        8, or 12 where a 32-bit length follows the value representation.
    limit
        The longest value for which the plan holds.
    creator
        Of a private element without value representation: the key of its private creator, which decides.
    """

    key: str
    convert: Converter | None
    header_size: int
    limit: int
    creator: str = ""


class Encoding:
    """One of the ways to encode a data set, with the plans of the elements seen so far.

    Parameters
    ----------
    is_implicit, is_little
        As in the transfer syntax.
    is_file_meta
        The data set holds group 0002 and nothing else (PS3.10 7.1).
    """

    __slots__ = ("converters", "header", "is_file_meta", "is_implicit", "length", "plans", "tag_and_length")

    def __init__(self, *, is_implicit: bool, is_little: bool, is_file_meta: bool = False) -> None:
        order = "<" if is_little else ">"
        self.is_implicit = is_implicit
        self.is_file_meta = is_file_meta
        self.converters = LITTLE_ENDIAN if is_little else BIG_ENDIAN
        # The bytes that decide how to go on (tag, or tag and value representation), and a length.
        self.header = struct.Struct(f"{order}4sI" if is_implicit else f"{order}6sH")
        self.length = struct.Struct(f"{order}I")
        self.tag_and_length = struct.Struct(f"{order}HHI")
        self.plans: dict[bytes, Plan] = {}

    def plan(self, start: bytes) -> Plan:
        """Decide once how elements with this start are read.

        Parameters
        ----------
        start
            The first 4 bytes of the element if value representations are implicit, else 6.
        """
        if len(self.plans) >= _CACHE_SIZE:
            self.plans.clear()
        group, element, _ = self.tag_and_length.unpack(start[:4] + bytes(4))
        tag = group << 16 | element
        plan = self.plans[start] = self._special_plan(tag) if self._is_special(tag) else self._plan(tag, start)
        return plan

    def _is_special(self, tag: int) -> bool:
        group = tag >> 16
        belongs = group == 0x0002 if self.is_file_meta else 0x0002 < group < 0xFFFE
        return not belongs or tag & 0xFFFF == 0 or tag in _WATCHED

    def _special_plan(self, tag: int) -> Plan:
        return Plan(f"{tag:08X}", None, 8, 0)

    def _plan(self, tag: int, start: bytes) -> Plan:
        written = "UN" if self.is_implicit else start[4:6].decode("latin-1")
        vr, converters = written, self.converters
        if written == "UN" and not self.is_file_meta:
            vr, converters = vr_of(tag) or "UN", LITTLE_ENDIAN
            if vr == "UN" and is_private(tag):
                return self._private_plan(tag)
        limit = INLINE_BYTES if vr in BINARY_VRS else LONG_VALUE
        return Plan(f"{tag:08X}", converters.get(vr), self._header_size(written), limit)

    def _private_plan(self, tag: int) -> Plan:
        return Plan(f"{tag:08X}", None, self._header_size("UN"), INLINE_BYTES, creator_key(tag))

    def _header_size(self, written: str) -> int:
        return 12 if written in LONG_VRS and not self.is_implicit else 8


def private_converter(plan: Plan, attributes: dict[str, Attribute]) -> Converter | None:
    """Look up how a private element without value representation is read, given what its data set says before."""
    return LITTLE_ENDIAN.get(vr_of(int(plan.key, 16), creator_of(attributes, plan.creator)) or "UN")


def creator_of(attributes: dict[str, Attribute], key: str) -> str:
    """Give the private creator that an element names; empty if it names none of the 64 characters that LO may have."""
    values = attributes.get(key, {}).get("Value")
    creator = values[0] if values else ""
    return creator if isinstance(creator, str) and len(creator) <= 64 else ""


IMPLICIT_LITTLE = Encoding(is_implicit=True, is_little=True)
EXPLICIT_LITTLE = Encoding(is_implicit=False, is_little=True)
EXPLICIT_BIG = Encoding(is_implicit=False, is_little=False)
FILE_META = Encoding(is_implicit=False, is_little=True, is_file_meta=True)
