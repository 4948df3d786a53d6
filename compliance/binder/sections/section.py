"""One item of the binder with what it says."""

from dataclasses import dataclass
from typing import Any

from compliance.binder.items import BY_KEY
from compliance.documents.record import Block


@dataclass(frozen=True, slots=True)
class Section:
    """One item with how many records it has, what lacks, and what it says."""

    key: str
    count: int
    blocks: tuple[Block, ...]
    lacks: str = ""

    def as_value(self) -> dict[str, Any]:
        """Return it as plain values, with its place and provision."""
        item = BY_KEY[self.key]
        return {
            "number": item.number,
            "key": self.key,
            "title": item.title,
            "citation": item.citation,
            "count": self.count,
            "lacks": self.lacks,
            "blocks": list(self.blocks),
        }
