"""The Native DICOM Model (PS3.19 A.1) back to the DICOM JSON model (PS3.18 F)."""

from collections.abc import Sequence

from pacs.dicom.elements import unwritten_vr
from pacs.dicom.errors import MalformedError
from pacs.dicom.limits import Budget
from pacs.dicom.values import Attribute
from pacs.dicom.xml_document import DataSet, XmlAttribute, read_document
from pacs.dicom.xml_private import PrivateBlocks
from pacs.dicom.xml_values import attribute_of

DataElements = dict[str, Attribute]


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
            attributes[f"{tag:08X}"] = attribute_of(one.vr, one)
        else:
            missing.append((tag, one))
    # What representations depend on has a lower tag, or is there now; items come last, which depend on all around.
    for tag, one in sorted(missing, key=lambda pair: (pair[1].kind == "Item", pair[0])):
        within = (*around, attributes)
        if one.kind == "Item":
            attributes[f"{tag:08X}"] = _sequence(tag, one, within)
        else:
            attributes[f"{tag:08X}"] = attribute_of(_unwritten(tag, one, within), one)
    return attributes


def _sequence(tag: int, one: XmlAttribute, within: Sequence[DataElements]) -> Attribute:
    if one.vr not in {"", "SQ"}:
        raise MalformedError("has items, but is no sequence", tag=tag)
    return {"vr": "SQ", "Value": [_read(item, within) for item in one.in_order(list)]}


def _unwritten(tag: int, one: XmlAttribute, within: Sequence[DataElements]) -> str:
    vr = unwritten_vr(tag, within)
    return "US" if vr == "OW" and one.kind == "Value" else vr
