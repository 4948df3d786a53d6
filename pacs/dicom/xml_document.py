"""A document of the Native DICOM Model (PS3.19 A.1) as it stands: attributes with their values by number.

What comes from outside is hostile. The parser is defusedxml's: no document type, hence no entities, nothing external.
Elements stand where the model has them or nowhere, and a budget bounds how many there are and how deep sequences go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesNSImpl

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from pacs.dicom.errors import MalformedError
from pacs.dicom.limits import Budget
from pacs.dicom.xml_model import COMPONENTS, GROUPS, NAMESPACE

_CHILDREN: Final = ("BulkData", "InlineBinary", "Item", "PersonName", "Value")
# Which element stands in which; the first is the document itself.
_HOLDS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("NativeDicomModel",),
    "NativeDicomModel": ("DicomAttribute",),
    "Item": ("DicomAttribute",),
    "DicomAttribute": _CHILDREN,
    "PersonName": GROUPS,
    **dict.fromkeys(GROUPS, COMPONENTS),
}
_TEXTS: Final = frozenset({"Value", "InlineBinary", *COMPONENTS})
_NUMBERED: Final = frozenset({"Item", "PersonName", "Value"})
# Writers of the first years left the namespace out.
_SPACES: Final = frozenset({NAMESPACE, None})
_HEX: Final = frozenset("0123456789ABCDEF")
# A private creator is a long string (PS3.5 6.2).
_CREATOR_LENGTH: Final = 64
_NUMBER_LENGTH: Final = 9

DataSet = list["XmlAttribute"]


@dataclass(slots=True)
class XmlAttribute:
    """One DicomAttribute.

    Attributes
    ----------
    tag
        ``0xGGGGEEEE``; of a private one perhaps without its block: ``0xGGGG00EE``.
    vr, creator
        Empty where the document does not say.
    kind
        The name of the elements inside; empty for an attribute without a value.
    values
        By number, from 1: texts, groups of a person's name, data sets of items, the address of bulk data.
    last
        The highest number.
    """

    tag: int
    vr: str
    creator: str
    kind: str = ""
    values: dict[int, Any] = field(default_factory=dict)
    last: int = 0

    def in_order(self, absent: Callable[[], Any]) -> list[Any]:
        """Give the values; what stands for a number that is not there is made by `absent`."""
        return [self.values[number] if number in self.values else absent() for number in range(1, self.last + 1)]


def read_document(document: bytes, budget: Budget) -> DataSet:
    """Read the attributes of a document.

    Raises
    ------
    MalformedError
        If it is no XML, has a document type, or is not of the model; the text holds no value.
    LimitExceededError
        If it has more than the budget allows.
    """
    handler = _Handler(budget)
    parser = create_parser(namespaceHandling=True, forbid_dtd=True)
    parser.setContentHandler(handler)
    try:
        parser.feed(document)
        parser.close()
    except SAXParseException as error:
        raise MalformedError(f"the document is not well-formed in line {error.getLineNumber()}") from None
    except DefusedXmlException:
        raise MalformedError("the document has a document type, which is not allowed") from None
    except (LookupError, ValueError):
        raise MalformedError("the document is in an encoding that is not read") from None
    return handler.data_set


class _Handler(ContentHandler):
    """Where in a document the parser is, and what was read."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.data_set: DataSet = []
        self._budget = budget
        self._path = [""]
        self._data_sets: list[DataSet] = []
        # The attributes around, from the outermost, with the number of the value that is being read.
        self._open: list[tuple[XmlAttribute, int]] = []
        self._groups: dict[str, str] = {}
        self._components: dict[str, str] = {}
        self._text: list[str] = []
        self._starts: Mapping[str, Callable[[AttributesNSImpl], None]] = {
            "DicomAttribute": self._start_attribute,
            **{name: partial(self._start_value, name) for name in _CHILDREN},
            **dict.fromkeys(GROUPS, lambda _: self._components.clear()),
        }
        self._ends: Mapping[str, Callable[[], None]] = {
            "NativeDicomModel": self._end_document,
            "DicomAttribute": self._end_attribute,
            "Item": lambda: self._keep(self._data_sets.pop()),
            "PersonName": lambda: self._keep(dict(self._groups) or None),
            "Value": lambda: self._keep("".join(self._text) or None),
            "InlineBinary": lambda: self._keep("".join(self._text)),
        }

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl) -> None:  # noqa: N802  SAX
        """Enter an element that the model has here."""
        space, local = name
        if space not in _SPACES or local not in _HOLDS.get(self._path[-1], ()):
            raise MalformedError("the document has an element where the Native DICOM Model has none")
        self._path.append(local)
        self._text.clear()
        if local in {"NativeDicomModel", "Item"}:
            self._budget.check_depth(len(self._data_sets))
            self._data_sets.append([])
        start = self._starts.get(local)
        if start is not None:
            start(attrs)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802  SAX
        """Leave an element."""
        local = self._path.pop()
        end = self._ends.get(local)
        if end is not None:
            end()
        elif local in COMPONENTS:
            self._components[local] = "".join(self._text)
        elif local in GROUPS and (text := _joined(self._components)):
            self._groups[local] = text

    def characters(self, content: str) -> None:
        """Take text; between elements only white space is any."""
        if self._path[-1] in _TEXTS:
            self._text.append(content)
        elif not content.isspace():
            raise MalformedError("the document has text where the Native DICOM Model has none")

    def _start_attribute(self, attrs: AttributesNSImpl) -> None:
        self._budget.count_elements(1)
        tag = _said(attrs, "tag").upper()
        if len(tag) != 8 or not _HEX.issuperset(tag):
            raise MalformedError("a tag is not one of eight hexadecimal digits")
        creator = _said(attrs, "privateCreator").strip()
        if len(creator) > _CREATOR_LENGTH:
            raise MalformedError("has a private creator that is too long", tag=int(tag, 16))
        self._open.append((XmlAttribute(int(tag, 16), _said(attrs, "vr"), creator), 0))

    def _start_value(self, kind: str, attrs: AttributesNSImpl) -> None:
        attribute, _ = self._open[-1]
        if attribute.kind not in {"", kind} or (attribute.kind and kind not in _NUMBERED):
            raise MalformedError("has values that exclude each other", tag=attribute.tag)
        attribute.kind = kind
        number = _number(attrs, attribute) if kind in _NUMBERED else 1
        if number in attribute.values:
            raise MalformedError("has two values of one number", tag=attribute.tag)
        self._open[-1] = attribute, number
        attribute.last = max(attribute.last, number)
        self._groups.clear()
        if kind == "Item":
            self._budget.count_item()
        else:
            self._budget.count_values(1)
        if kind == "BulkData":
            self._keep(_uri(attrs, attribute))

    def _keep(self, value: Any) -> None:
        attribute, number = self._open[-1]
        attribute.values[number] = value

    def _end_attribute(self) -> None:
        attribute, _ = self._open.pop()
        # Empty values may be left out, and their numbers with them.
        self._budget.count_values(attribute.last - len(attribute.values))
        self._data_sets[-1].append(attribute)

    def _end_document(self) -> None:
        self.data_set = self._data_sets.pop()


def _said(attrs: AttributesNSImpl, name: str) -> str:
    return str(attrs.get((None, name), ""))


def _number(attrs: AttributesNSImpl, attribute: XmlAttribute) -> int:
    """Return the number of a value; one that has none follows the last."""
    text = _said(attrs, "number").strip()
    if not text:
        return attribute.last + 1
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_LENGTH and int(text)):
        raise MalformedError("has a value whose number is none", tag=attribute.tag)
    return int(text)


def _uri(attrs: AttributesNSImpl, attribute: XmlAttribute) -> str:
    uri = _said(attrs, "uri")
    if not uri:
        raise MalformedError("refers to bulk data without a URI", tag=attribute.tag)
    return uri


def _joined(components: Mapping[str, str]) -> str:
    return "^".join(components.get(name, "") for name in COMPONENTS).rstrip("^")
