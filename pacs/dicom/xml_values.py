"""Values of the Native DICOM Model (PS3.19 A.1) as the DICOM JSON model has them (PS3.18 F.2.3)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pacs.dicom.values import Attribute
from pacs.dicom.xml_document import XmlAttribute

# Spaces around values of the others mean nothing.
_TEXT_VRS: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
# A decimal string has 16 characters at most (PS3.5 6.2).
_DECIMAL_LENGTH: Final = 16
# As XML Schema has them, and as the JSON model does.
_NO_NUMBERS: Final = {"INF": "inf", "-INF": "-inf", "NaN": "NaN"}


def attribute_of(vr: str, one: XmlAttribute) -> Attribute:
    """Give an attribute as the JSON model has it; what is no value of its kind stays text, to be refused later."""
    if not one.values:
        return {"vr": vr}
    if one.kind == "BulkData":
        return {"vr": vr, "BulkDataURI": one.values[1]}
    if one.kind == "InlineBinary":
        text = "".join(one.values[1].split())
        return {"vr": vr, "InlineBinary": text} if text else {"vr": vr}
    return {"vr": vr, "Value": [_value(vr, value) for value in one.in_order(lambda: None)]}


def _value(vr: str, value: Any) -> Any:
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
