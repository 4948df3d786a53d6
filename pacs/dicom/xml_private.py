"""Private elements of the Native DICOM Model, which names their creators, and their blocks (PS3.5 7.8.1)."""

from collections.abc import Iterator
from typing import Final

from pacs.dicom.dictionary import creator_key, is_private
from pacs.dicom.errors import MalformedError
from pacs.dicom.xml_document import DataSet, XmlAttribute

_BLOCKS: Final = range(0x10, 0x100)


class PrivateBlocks:
    """Which block of a group belongs to which creator, in one data set.

    Parameters
    ----------
    found
        The attributes of the data set. Those of some writers have the tag of a block, those of others the block left
        out: these get the block of their creator, or a free one.

    Attributes
    ----------
    creators
        Every creator by the key of the element that reserves its block.

    Raises
    ------
    MalformedError
        If an attribute names another creator than its block has, or no block is free.
    """

    def __init__(self, found: DataSet) -> None:
        self.creators: dict[str, str] = {}
        self._blocks: dict[tuple[int, str], int] = {}
        self._free: dict[int, Iterator[int]] = {}
        private = [one for one in found if is_private(one.tag)]
        for one in private:
            if not one.creator and one.tag & 0xFFFF in _BLOCKS:
                self._reserve(one.tag >> 16, one.tag & 0xFF, _text(one))
        for one in private:
            if one.creator and one.tag & 0xFF00:
                self._confirm(one)
        for one in private:
            if _lacks_block(one) and (one.tag >> 16, one.creator) not in self._blocks:
                self._reserve(one.tag >> 16, self._next_free(one), one.creator)

    def tag_of(self, one: XmlAttribute) -> int:
        """Return the tag of an attribute in this data set."""
        return one.tag | self._blocks[one.tag >> 16, one.creator] << 8 if _lacks_block(one) else one.tag

    def _reserve(self, group: int, block: int, creator: str) -> None:
        self.creators.setdefault(f"{group:04X}{block:04X}", creator)
        self._blocks.setdefault((group, creator), block)

    def _confirm(self, one: XmlAttribute) -> None:
        if self.creators.get(creator_key(one.tag), one.creator) != one.creator:
            raise MalformedError("is in the block of another private creator than it names", tag=one.tag)
        self._reserve(one.tag >> 16, one.tag >> 8 & 0xFF, one.creator)

    def _next_free(self, one: XmlAttribute) -> int:
        group = one.tag >> 16
        for block in self._free.setdefault(group, iter(_BLOCKS)):
            if f"{group:04X}{block:04X}" not in self.creators:
                return block
        raise MalformedError("has a private creator for which no block is free", tag=one.tag)


def _lacks_block(one: XmlAttribute) -> bool:
    return bool(is_private(one.tag) and one.creator and not one.tag & 0xFF00)


def _text(one: XmlAttribute) -> str:
    value = one.values.get(1) if one.kind == "Value" else None
    return value.strip() if isinstance(value, str) else ""
