"""Reading the DICOM JSON model (PS3.18 F) without spelling tags."""

from typing import Any

from pacs.dicom.dictionary import keyword_of, tag_of

__all__ = [
    "Attributes",
    "bulk_uris",
    "get_items",
    "get_number",
    "get_numbers",
    "get_str",
    "get_strings",
    "keyword_of",
    "tag_of",
]

Attributes = dict[str, Any]


def get_values(attributes: Attributes, keyword: str) -> list[Any]:
    """Give the values of an attribute as the model holds them; empty if it is absent or has none."""
    attribute = attributes.get(tag_of(keyword))
    return attribute.get("Value") or [] if attribute else []


def get_strings(attributes: Attributes, keyword: str) -> list[str]:
    """Give the values of an attribute as text; names in the form of PS3.5 6.2.1, absent values as empty text."""
    return [_text(value) for value in get_values(attributes, keyword)]


def get_str(attributes: Attributes, keyword: str) -> str:
    """Give the first value of an attribute as text; empty if there is none."""
    attribute = attributes.get(tag_of(keyword))
    values = attribute.get("Value") if attribute else None
    return _text(values[0]) if values else ""


def get_numbers(attributes: Attributes, keyword: str) -> list[float]:
    """Give the values of an attribute as numbers; empty unless all of them are."""
    values = get_values(attributes, keyword)
    return [float(value) for value in values] if all(isinstance(value, (int, float)) for value in values) else []


def get_number(attributes: Attributes, keyword: str) -> float | None:
    """Give the first value of an attribute as a number; None if there is none."""
    values = get_values(attributes, keyword)
    return float(values[0]) if values and isinstance(values[0], (int, float)) else None


def get_items(attributes: Attributes, keyword: str) -> list[Attributes]:
    """Give the items of a sequence; empty if it is absent or no sequence."""
    return [item for item in get_values(attributes, keyword) if isinstance(item, dict)]


def bulk_uris(attributes: Attributes) -> list[str]:
    """List the Bulk Data URIs of a data set and its sequences, in the order of their tags."""
    found = []
    for _, attribute in sorted(attributes.items()):
        if "BulkDataURI" in attribute:
            found.append(attribute["BulkDataURI"])
        elif attribute.get("vr") == "SQ":
            found += [uri for item in attribute.get("Value") or [] for uri in bulk_uris(item or {})]
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, dict):
        groups = (value.get("Alphabetic", ""), value.get("Ideographic", ""), value.get("Phonetic", ""))
        return "=".join(groups).rstrip("=")
    return str(value)
