"""Whether a series of films is what was ordered (BR-39): a full-mouth survey, a set of bitewings, one film of a kind.

The numbers are those that practices count by; a centre that counts otherwise orders under another name.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Procedure:
    """What an order asks for: the least number of films of each kind."""

    key: str
    pattern: str
    wanted: tuple[tuple[str, int], ...]


# In the order in which they are tried: the first that fits an order's words.
PROCEDURES: Final = (
    Procedure("fmx", r"\bfmx\b|full.?mouth|\bcms\b|r(ö|oe)ntgenstatus", (("periapical", 14), ("bitewing", 4))),
    Procedure("four-bitewings", r"\b4\s*bw|four bite|4 bite", (("bitewing", 4),)),
    Procedure("bitewings", r"bite.?wing|bissfl|\bbwx?\b", (("bitewing", 2),)),
    Procedure("panoramic", r"panoram|\bopg\b|\bpano\b|\bpan\b", (("panoramic", 1),)),
    Procedure("cephalometric", r"ceph|fernr", (("cephalometric", 1),)),
    Procedure("cbct", r"\bcbct\b|\bdvt\b|cone.?beam", (("cbct", 1),)),
    Procedure("periapical", r"periapi|zahnfilm|\bpa\b", (("periapical", 1),)),
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """What an order asked for, and what of it is missing."""

    procedure: str
    wanted: dict[str, int]
    found: dict[str, int]

    @property
    def missing(self) -> dict[str, int]:
        """How many films of each kind are missing."""
        gaps = {kind: count - self.found.get(kind, 0) for kind, count in self.wanted.items()}
        return {kind: gap for kind, gap in gaps.items() if gap > 0}

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def check(ordered: str, kinds: Iterable[str]) -> Completeness | None:
    """Compare the kinds of the films of a study with the words of its order; None where the order says nothing."""
    text = ordered.lower()
    procedure = next((entry for entry in PROCEDURES if re.search(entry.pattern, text)), None)
    if procedure is None:
        return None
    counts = Counter(kind for kind in kinds if kind)
    return Completeness(procedure.key, dict(procedure.wanted), {kind: counts[kind] for kind, _ in procedure.wanted})
