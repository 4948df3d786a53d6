"""What likelihood and impact the portal suggests, and why; a person decides (`suggested_rating` of the method)."""

from dataclasses import dataclass
from typing import Final

LOWEST, HIGHEST = 1, 5
HIGH: Final = 4
# From so many patients on a breach is told to the media and to the authority at once.
MANY_PATIENTS: Final = 500
# A good answer makes the event less likely; one below that leaves the default of the pack.
ANSWER_SHIFT: Final = {0.0: -2, 0.25: -1}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a suggestion is made from.

    `gap` is the gap of the answer from 0 to 1, None where no question was asked; `probe` is what the measurements of
    the question say together: "pass", "fail" or nothing.
    """

    likelihood: int
    impact: int
    gap: float | None = None
    probe: str = ""
    patients: int = 0
    is_central_archive: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    likelihood: int
    impact: int


def suggest(basis: Basis) -> Suggestion:
    """Suggest a rating of a risk."""
    return Suggestion(likelihood=_likelihood(basis), impact=_impact(basis))


def _likelihood(basis: Basis) -> int:
    level = basis.likelihood + (ANSWER_SHIFT.get(basis.gap, 0) if basis.gap is not None else 0)
    # A measurement that passes is believed only beside an answer that is at least half good.
    if basis.probe == "pass" and basis.gap is not None and basis.gap <= 0.5:
        level -= 1
    if basis.probe == "fail":
        level += 1
    return min(max(level, LOWEST), HIGHEST)


def _impact(basis: Basis) -> int:
    if basis.is_central_archive:
        return HIGHEST
    return max(basis.impact, HIGH) if basis.patients >= MANY_PATIENTS else basis.impact
