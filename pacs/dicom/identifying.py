"""Another patient and study in the header of an object, its other elements byte for byte as they are.

The values keep the character set of the object where that has their letters; where it has not, all text of the header
is written in UTF-8 (PS3.3 C.12.1.1.2).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Final

from pydicom import Dataset
from pydicom.charset import default_encoding
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import Tag

from pacs.dicom.charset import DEFAULT_CHARSET, NAME_DELIMITERS, TEXT_DELIMITERS, Charset, charset_of
from pacs.dicom.implementation import IMPLEMENTATION_VERSION_NAME
from pacs.dicom.json_model import Attributes
from pacs.dicom.rewriting import representation

_CHARACTER_SET: Final = 0x00080005
_ORIGINAL_ATTRIBUTES: Final = 0x04000561
_UTF_8: Final = b"ISO_IR 192"
# Text that Specific Character Set governs (PS3.5 6.1.2.2).
_CODED_VRS: Final = frozenset({"SH", "LO", "ST", "LT", "UC", "UT", "PN"})
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")


def identify(
    header: Dataset, given: Attributes, *, left_out: Collection[str], is_same_person: bool, at: dt.datetime
) -> None:
    """Give a header that was read other values in some elements.

    Parameters
    ----------
    header
        A data set up to its pixels; it is changed.
    given
        The elements to be written, as DICOM JSON model; each has one value, or none.
    left_out
        Tags of elements that are not written at all.
    is_same_person
        Whether the former values may be told (PS3.3 C.12.1.1.9); else the items of (0400,0561) have none.
    at
        When somebody decided so.
    """
    charset = _charset(header, DEFAULT_CHARSET)
    texts = {int(tag, 16): (element["vr"], _text(element)) for tag, element in given.items()}
    is_kept = all(_fits(text, charset) for _, text in texts.values())
    _note_former(header, {*texts, *(int(tag, 16) for tag in left_out)}, is_same_person=is_same_person, at=at)
    for key in left_out:
        header.pop(Tag(int(key, 16)), None)
    if not is_kept:
        _write_in_utf_8((header,), charset)
        _put(header, _CHARACTER_SET, "CS", _UTF_8)
    for tag, (vr, text) in texts.items():
        _put(header, tag, vr, text.encode(_codec(charset) if is_kept else "utf-8"))


def _write_in_utf_8(within: Sequence[Dataset], charset: Charset) -> None:
    """Turn the text of a data set, and of all within it, into UTF-8."""
    data_set = within[-1]
    for tag in list(data_set.keys()):
        element: DataElement | RawDataElement = data_set.get_item(tag)
        vr = representation(within, element)
        if vr == "SQ":
            for item in data_set[tag].value or ():
                _write_in_utf_8((*within, item), _charset(item, charset))
        elif vr in _CODED_VRS and isinstance(element, RawDataElement):
            delimiters = NAME_DELIMITERS if vr == "PN" else TEXT_DELIMITERS
            _put(data_set, tag, vr, charset.decode(element.value or b"", delimiters).encode())
    if _CHARACTER_SET in data_set:
        _put(data_set, _CHARACTER_SET, "CS", _UTF_8)


def _charset(data_set: Dataset, outer: Charset) -> Charset:
    """Return the character set of a data set: its own, or that of what it lies in."""
    if _CHARACTER_SET not in data_set:
        return outer
    value: Any = data_set.get_item(_CHARACTER_SET).value
    if isinstance(value, bytes):
        return charset_of(value)
    terms = [value] if isinstance(value, str) else list(value or [])
    return charset_of("\\".join(terms).encode("ascii", "replace"))


def _codec(charset: Charset) -> str:
    # The default repertoire has no more letters than these, whatever devices put there.
    first = charset.encodings[0]
    return "ascii" if first == default_encoding else first


def _fits(text: str, charset: Charset) -> bool:
    try:
        text.encode(_codec(charset))
    except UnicodeEncodeError:
        return False
    return True


def _text(element: dict[str, Any]) -> str:
    value = next(iter(element.get("Value", ())), "")
    if isinstance(value, dict):
        return "=".join(value.get(group, "") for group in _GROUPS).rstrip("=")
    return str(value)


def _put(data_set: Dataset, tag: int, vr: str, value: bytes) -> None:
    raw = _even(value, padding=b"\0" if vr == "UI" else b" ")
    element = RawDataElement(Tag(tag), vr, len(raw), raw, 0, is_implicit_VR=False, is_little_endian=True)
    data_set._dict[Tag(tag)] = element


def _even(value: bytes, *, padding: bytes = b" ") -> bytes:
    return value + padding * (len(value) % 2)


def _note_former(header: Dataset, tags: set[int], *, is_same_person: bool, at: dt.datetime) -> None:
    """Put what is written over into Original Attributes Sequence, or only which elements these are."""
    former = Dataset()
    for tag in sorted(tags):
        if tag in header:
            element = header.get_item(tag)
            if is_same_person:
                former._dict[Tag(tag)] = element
            elif not _is_sequence(header, tag):
                _put(former, tag, header[tag].VR, b"")
    item = Dataset()
    item.add_new("ModifiedAttributesSequence", "SQ", [former])
    item.add_new("AttributeModificationDateTime", "DT", at.strftime("%Y%m%d%H%M%S.%f%z"))
    item.add_new("ModifyingSystem", "LO", IMPLEMENTATION_VERSION_NAME)
    item.add_new("SourceOfPreviousValues", "LO", "")
    item.add_new("ReasonForTheAttributeModification", "CS", "CORRECT")
    earlier = list(header[_ORIGINAL_ATTRIBUTES].value) if is_same_person and _ORIGINAL_ATTRIBUTES in header else []
    header[_ORIGINAL_ATTRIBUTES] = DataElement(_ORIGINAL_ATTRIBUTES, "SQ", [*earlier, item])


def _is_sequence(header: Dataset, tag: int) -> bool:
    return header[tag].VR == "SQ"
