"""The data dictionary (PS3.6): tags, keywords and value representations."""

from functools import cache, lru_cache

from pydicom.datadict import (
    dictionary_VR,
    keyword_for_tag,
    private_dictionary_VR,
    tag_for_keyword,
)

# Value representations that depend on other attributes of the data set (PS3.5 A.1, PS3.6 6).
AMBIGUOUS_VRS = frozenset({"US or SS", "OB or OW", "US or OW", "US or SS or OW"})


@cache
def _public_vr(tag: int) -> str | None:
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return None
    return None if vr == "NONE" else str(vr)


def vr_of(tag: int, creator: str = "") -> str | None:
    """Look up the value representation of an element.

    Parameters
    ----------
    tag
        ``0xGGGGEEEE``.
    creator
        For private elements: the private creator of their block (PS3.5 7.8.1).

    Returns
    -------
    str or None
        Possibly one of `AMBIGUOUS_VRS`; None where the dictionary does not know the element.
    """
    if not is_private(tag):
        return _public_vr(tag)
    if 0x10 <= tag & 0xFFFF <= 0xFF:
        return "LO"  # private creators (PS3.5 7.8.1)
    return _private_vr(tag, creator) if creator else None


def is_private(tag: int) -> bool:
    """Tell whether a tag is of an odd group."""
    return bool(tag & 0x0001_0000)


def creator_key(tag: int) -> str:
    """Give the key of the private creator that reserves the block of a private element (PS3.5 7.8.1)."""
    return f"{tag >> 16:04X}{tag >> 8 & 0xFF:04X}"


@lru_cache(maxsize=8192)
def _private_vr(tag: int, creator: str) -> str | None:
    try:
        vr = private_dictionary_VR(tag, creator)
    except KeyError:
        return None
    return str(vr) if len(vr) == 2 else None


def tag_of(keyword: str) -> str:
    """Give the tag of a keyword, as eight hexadecimal digits: the key of the DICOM JSON model.

    Raises
    ------
    KeyError
        If the dictionary has no such keyword: a mistake in the program.
    """
    key = _tags.get(keyword)
    if key is None:
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise KeyError(keyword)
        key = _tags[keyword] = f"{tag:08X}"
    return key


_tags: dict[str, str] = {}


def keyword_of(key: str) -> str:
    """Give the keyword of a tag in the form of the DICOM JSON model; empty for private and unknown ones."""
    return keyword_for_tag(int(key, 16))
