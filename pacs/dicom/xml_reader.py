"""The Native DICOM Model (PS3.19 A.1) back to the DICOM JSON model (PS3.18 F)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pacs.dicom.elements import unwritten_vr
from pacs.dicom.errors import MalformedError
from pacs.dicom.limits import Budget
from pacs.dicom.values import Attribute
from pacs.dicom.xml_document import DataSet, XmlAttribute, read_document
from pacs.dicom.xml_private import PrivateBlocks

DataElements = dict[str, Attribute]
# Spaces around values of the others mean nothing.
_TEXT_VRS: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
# A decimal string has 16 characters at most (PS3.5 6.2).
_DECIMAL_LENGTH: Final = 16
# As XML Schema has them, and as the JSON model does.
_NO_NUMBERS: Final = {"INF": "inf", "-INF": "-inf", "NaN": "NaN"}


def read_xml(document: bytes, budget: Budget) -> DataElements:
    """Read a data set from a document of the Native DICOM Model.

    Parameters
    ----------
    document
        In any encoding that its declaration names and the parser knows.
    budget
        What it may have of elements, items and values; several documents may share one.

    Returns
    -------
    dict
        The DICOM JSON model; its Bulk Data URIs are those of the document. Value representations that the document
        leaves out are those of the dictionary, private elements without a block get one (PS3.5 7.8.1).

    Raises
    ------
    MalformedError, LimitExceededError
    """
    return _read(read_document(document, budget), ())


def _read(found: DataSet, around: Sequence[DataElements]) -> DataElements:
    """Read a data set; `around` are those that contain it, from the root."""
    blocks = PrivateBlocks(found)
    attributes: DataElements = {key: {"vr": "LO", "Value": [creator]} for key, creator in blocks.creators.items()}
    missing: list[tuple[int, XmlAttribute]] = []
    seen = set()
    for one in found:
        tag = blocks.tag_of(one)
        if tag in seen:
            raise MalformedError("occurs twice in one data set", tag=tag)
        seen.add(tag)
        if one.kind != "Item" and one.vr:
            attributes[f"{tag:08X}"] = _attribute(one.vr, one)
        else:
            missing.append((tag, one))
    # What representations depend on has a lower tag, or is there now; items come last, which depend on all around.
    for tag, one in sorted(missing, key=lambda pair: (pair[1].kind == "Item", pair[0])):
        within = (*around, attributes)
        if one.kind == "Item":
            attributes[f"{tag:08X}"] = _sequence(tag, one, within)
        else:
            attributes[f"{tag:08X}"] = _attribute(_unwritten(tag, one, within), one)
    return attributes


def _sequence(tag: int, one: XmlAttribute, within: Sequence[DataElements]) -> Attribute:
    if one.vr not in {"", "SQ"}:
        raise MalformedError("has items, but is no sequence", tag=tag)
    return {"vr": "SQ", "Value": [_read(item, within) for item in one.in_order(list)]}


def _unwritten(tag: int, one: XmlAttribute, within: Sequence[DataElements]) -> str:
    vr = unwritten_vr(tag, within)
    return "US" if vr == "OW" and one.kind == "Value" else vr


# --- values -----------------------------------------------------------------------------------------------------------


def _attribute(vr: str, one: XmlAttribute) -> Attribute:
    if not one.values:
        return {"vr": vr}
    if one.kind == "BulkData":
        return {"vr": vr, "BulkDataURI": one.values[1]}
    if one.kind == "InlineBinary":
        text = "".join(one.values[1].split())
        return {"vr": vr, "InlineBinary": text} if text else {"vr": vr}
    return {"vr": vr, "Value": [_value(vr, value) for value in one.in_order(lambda: None)]}


def _value(vr: str, value: Any) -> Any:
    """Return a value as the JSON model has it; what is none of its representation stays text, to be refused later."""
    if not isinstance(value, str) or vr in _TEXT_VRS:
        return value
    text = value.strip()
    try:
        return _NUMBERS[vr](text) if vr in _NUMBERS and text else text or None
    except (ArithmeticError, ValueError):
        return text


def _real(text: str) -> float | str:
    return _NO_NUMBERS[text] if text in _NO_NUMBERS else float(text)


def _decimal(text: str) -> float | str:
    """Leave a decimal as it is written; what has more digits than one may have is shortened when it is written."""
    number = float(text)
    return text if len(text) <= _DECIMAL_LENGTH else number


_NUMBERS: Final[Mapping[str, Callable[[str], float | str]]] = {
    **dict.fromkeys(("IS", "SL", "SS", "SV", "UL", "US", "UV"), int),
    **dict.fromkeys(("FD", "FL"), _real),
    "DS": _decimal,
}
