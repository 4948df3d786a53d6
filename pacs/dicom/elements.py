"""Single elements: their headers, and which value representation they have (PS3.5 6.2 and 7.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pacs.dicom.dictionary import AMBIGUOUS_VRS, creator_key, is_private, vr_of
from pacs.dicom.encoding import Encoding, creator_of
from pacs.dicom.errors import MalformedError
from pacs.dicom.values import KNOWN_VRS, LONG_VRS, Attribute


@dataclass(frozen=True, slots=True)
class BulkValue:
    """A binary value that the JSON refers to.

    Attributes
    ----------
    path
        Where it stands: ``"00420011"``, or for nested ones ``"54000100/1/54001010"`` with items counted from 1.
    offset, length
        The bytes of the value field within the object (its inflated form for deflated syntaxes).
    """

    path: str
    vr: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class ElementStart:
    """The header of one element; `length` is None if undefined, `offset` that of the value field."""

    tag: int
    vr: str
    encoding: Encoding
    offset: int
    length: int | None


def has_long_length(vr: str, reserved: bytes, *, tag: int, offset: int) -> bool:
    """Tell whether a 32-bit length follows two reserved bytes, as it does for representations of later editions.

    Raises
    ------
    MalformedError
        If no value representation was written.
    """
    if vr in KNOWN_VRS:
        return vr in LONG_VRS
    if not (vr.isascii() and vr.isalpha() and vr.isupper()):
        raise MalformedError("has no value representation of two capital letters", tag=tag, offset=offset)
    return reserved == b"\0\0"


def unwritten_vr(tag: int, data_sets: Sequence[dict[str, Attribute]]) -> str:
    """Find the value representation of an element that does not state it.

    Parameters
    ----------
    data_sets
        What was read before, from the root to the data set of the element.
    """
    creator = creator_of(data_sets[-1], creator_key(tag)) if is_private(tag) else ""
    vr = vr_of(tag, creator) or "UN"
    return _resolved(vr, data_sets) if vr in AMBIGUOUS_VRS else vr


def _resolved(vr: str, data_sets: Sequence[dict[str, Attribute]]) -> str:
    """Resolve what depends on Pixel Representation or the LUT Descriptor; implicit encodings know no OB (PS3.5 A.1)."""
    if vr == "US or SS":
        signs = (_first(attributes, "00280103") for attributes in reversed(data_sets))
        return "SS" if next((sign for sign in signs if sign is not None), 0) == 1 else "US"
    if vr == "US or OW" and _first(data_sets[-1], "00283002") == 1:
        return "US"
    return "OW"


def _first(attributes: dict[str, Attribute], key: str) -> object:
    values = attributes.get(key, {}).get("Value")
    return values[0] if values else None
