"""What a book of retention rules says, as frozen values: rules, overlays, the default, and their sources."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_ID = "DEFAULT-CONSERVATIVE"


@dataclass(frozen=True, slots=True)
class MinorClock:
    """How long the record of somebody who was under age is kept.

    Parameters
    ----------
    majority_age
        Age, in whole years, from which a person is no longer a minor.
    until_age
        Age, in whole years, before which the record is not destroyed.
    """

    majority_age: int
    until_age: int


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one jurisdiction as it was found, or that none could be read (`adult_years` is None then)."""

    id: str
    jurisdiction: str
    adult_years: int | None
    minor: MinorClock | None
    from_event: str
    citation: str
    url: str
    confidence: str
    binding: str
    note: str
    destruction_notice: str
    majority_age: int

    @property
    def is_known(self) -> bool:
        """Say whether a period could be sourced."""
        return self.adult_years is not None


@dataclass(frozen=True, slots=True)
class Overlay:
    """A period that comes on top of the jurisdiction's where it applies: mostly what a payer asks for."""

    id: str
    applies_when: str
    years: int
    from_event: str
    citation: str
    url: str
    confidence: str


@dataclass(frozen=True, slots=True)
class DefaultPolicy:
    """What holds where no rule is known or none was chosen."""

    adult_years: int
    minor: MinorClock
    from_event: str
    note: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """One version of the book."""

    version: int
    compiled_date: dt.date
    notice: str
    default: DefaultPolicy
    rules: Mapping[str, Rule]
    overlays: Mapping[str, Overlay]
    gates: tuple[str, ...]
