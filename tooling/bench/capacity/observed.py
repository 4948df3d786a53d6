"""What was seen of a step while it ran, by many threads."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Self

from tooling.bench.checks import WrongAnswerError
from tooling.bench.client import AnswerError

# What ends a question without the answer that was wanted: beyond its limit a server breaks off, or refuses.
LOST = (AnswerError, OSError, WrongAnswerError)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of some durations in seconds; nothing where there were none."""

    count: int
    p50_s: float | None
    p95_s: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Take the nearest ranks: each figure is one that was measured."""
        ranked = sorted(values)
        if not ranked:
            return cls(0, None, None)
        return cls(len(ranked), *(ranked[ceil(len(ranked) * share) - 1] for share in (0.5, 0.95)))


@dataclass
class Observed:
    """Durations by what took them, when it ended, and what went wrong.

    Adding to a list is one step of the interpreter: threads need no lock.
    """

    took_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ended_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    def spread(self, name: str) -> Spread:
        return Spread.of(self.took_s[name])
