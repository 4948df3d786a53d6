"""The Native DICOM Model (PS3.19 A.1) as XML, from the DICOM JSON model (PS3.18 F)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from pacs.dicom.dictionary import creator_key, is_private, keyword_of

NAMESPACE: Final = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
_START: Final = f'<?xml version="1.0" encoding="UTF-8"?>\n<NativeDicomModel xmlns="{NAMESPACE}" xml:space="preserve">'
_END: Final = "</NativeDicomModel>\n"
# Characters that XML 1.0 cannot hold, not even as references (section 2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A parser turns an end of line of other systems into its own (section 2.11).
_ESCAPED: Final = {"\r": "&#13;"}
GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
COMPONENTS: Final = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
# What the JSON model writes as text, as XML Schema has it.
_NO_NUMBERS: Final = {"inf": "INF", "-inf": "-INF"}


def write_xml(attributes: Mapping[str, Any]) -> bytes:
    """Write a data set as a document of the Native DICOM Model, in UTF-8.

    Parameters
    ----------
    attributes
        As the DICOM JSON model; addresses of its bulk data are repeated as they are.

    Notes
    -----
    Characters that XML cannot hold become U+FFFD.
    """
    return "".join([_START, *_data_set(attributes), _END]).encode("utf-8")


def _data_set(attributes: Mapping[str, Any]) -> Iterator[str]:
    for tag in sorted(attributes):
        yield _start_of(attributes, tag)
        yield from _content(attributes[tag])
        yield "</DicomAttribute>"


def _start_of(attributes: Mapping[str, Any], tag: str) -> str:
    names = {"tag": tag, "vr": attributes[tag]["vr"]}
    number = int(tag, 16)
    if is_private(number):
        # The creator of a block names itself by no other.
        creator = (attributes.get(creator_key(number), {}).get("Value") or [""])[0] if number & 0xFF00 else ""
        names |= {"privateCreator": creator} if isinstance(creator, str) and creator else {}
    elif keyword := keyword_of(tag):
        names["keyword"] = keyword
    return f"<DicomAttribute {' '.join(f'{name}={quoteattr(_text(value))}' for name, value in names.items())}>"


def _content(attribute: Mapping[str, Any]) -> Iterator[str]:
    if "BulkDataURI" in attribute:
        yield f"<BulkData uri={quoteattr(attribute['BulkDataURI'])}/>"
    elif "InlineBinary" in attribute:
        yield f"<InlineBinary>{attribute['InlineBinary']}</InlineBinary>"
    else:
        for number, value in enumerate(attribute.get("Value") or [], start=1):
            yield from _value(attribute["vr"], number, value)


def _value(vr: str, number: int, value: Any) -> Iterator[str]:
    if vr == "SQ":
        yield f'<Item number="{number}">'
        yield from _data_set(value or {})
        yield "</Item>"
    elif isinstance(value, dict):
        yield f'<PersonName number="{number}">'
        yield from (_name(group, value[group]) for group in GROUPS if value.get(group))
        yield "</PersonName>"
    elif value is None:
        yield f'<Value number="{number}"/>'
    else:
        yield f'<Value number="{number}">{_escaped(_NO_NUMBERS.get(str(value), str(value)))}</Value>'


def _name(group: str, text: str) -> str:
    components = zip(COMPONENTS, text.split("^", len(COMPONENTS) - 1), strict=False)
    return f"<{group}>{''.join(f'<{tag}>{_escaped(part)}</{tag}>' for tag, part in components if part)}</{group}>"


def _escaped(text: str) -> str:
    return escape(_text(text), _ESCAPED)


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
