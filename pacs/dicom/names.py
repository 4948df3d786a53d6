"""Names of persons (PS3.5 6.2.1): what a human reads, and what a search compares."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Self

_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")

# Letters that do not decompose into a base and an accent, as people without them on the keyboard type them.
_FOLDED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in up to three groups, each ``Family^Given^Middle^Prefix^Suffix``.

    Attributes
    ----------
    alphabetic, ideographic, phonetic
        Component groups; empty if absent. Some devices (i-CAT) fill the last one alone: ``==Family^Given``.
    """

    alphabetic: str = ""
    ideographic: str = ""
    phonetic: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the form of PS3.5: groups divided by ``=``."""
        groups = [group.strip() for group in text.split("=")[:3]]
        return cls(*groups)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read a value of the DICOM JSON model (PS3.18 F.2.2); anything that is no name is an empty one."""
        if not isinstance(value, dict):
            return cls()
        groups = (value.get(group) for group in _GROUPS)
        return cls(*(group.strip() if isinstance(group, str) else "" for group in groups))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are filled, in the order of the standard."""
        return tuple(group for group in (self.alphabetic, self.ideographic, self.phonetic) if group.strip("^ "))

    def __str__(self) -> str:
        """Write the form of PS3.5."""
        return f"{self.alphabetic}={self.ideographic}={self.phonetic}".rstrip("=")

    @property
    def display(self) -> str:
        """The name for a list or a heading: ``"Dr. Doe, Jane Ann, Jr."``, the first filled group of the name."""
        return _display(self.groups[0]) if self.groups else ""

    @property
    def search_tokens(self) -> tuple[str, ...]:
        """The folded words of all groups, each once, in order: what a search by prefix looks for."""
        return tuple(dict.fromkeys(token for group in self.groups for token in fold(group).split()))


def fold(text: str) -> str:
    """Fold a name, or what somebody types to find it: lower case, no accents, no punctuation.

    Letters of other scripts keep their identity; half and full width forms are the same.
    """
    # A capital may show only once a sign is taken apart (ℌ, ᴬ), as in toNFKC_Casefold of Unicode (3.13).
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_FOLDED)
    # Marks are accents in Latin, Greek and Cyrillic, points in Hebrew and Arabic; in Japanese they tell か from が.
    bare = "".join(char for char in decomposed if not unicodedata.combining(char) or char in "\u3099\u309a")
    words = "".join(char if char.isalnum() or char in "\u3099\u309a" else " " for char in bare)
    return unicodedata.normalize("NFC", " ".join(words.split()))


def _display(group: str) -> str:
    family, given, middle, prefix, suffix = ([part.strip() for part in group.split("^")] + [""] * 5)[:5]
    first = " ".join(part for part in (prefix, family) if part)
    second = " ".join(part for part in (given, middle) if part)
    return ", ".join(part for part in (first, second, suffix) if part)
