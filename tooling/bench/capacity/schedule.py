"""When what is due in a busy hour: fixed before it begins, so that a slow server cannot put anything off."""

import random
from dataclasses import dataclass
from enum import StrEnum

from tooling.bench.capacity.demand import OPENINGS, Demand

# People who look for studies and open them.
READERS = 16


class Kind(StrEnum):
    """What happens."""

    FILM = "film"
    CBCT = "cbct"
    SEARCH = "qido"
    LIST = "worklist"
    OPEN_FILM = "open_film"
    OPEN_CBCT = "open_cbct"


ARRIVALS = (Kind.FILM, Kind.CBCT)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that is due.

    Attributes
    ----------
    hand
        Who does it, a site or a reader: one thing at a time.
    pick
        From 0 to 1: which of the studies that are there it is about.
    """

    due_s: float
    kind: Kind
    hand: int
    pick: float


def plan(demand: Demand, *, times: float, seconds: float, seed: int) -> list[Event]:
    """Return what is due in some seconds at a multiple of the busiest hour, at least one of each kind."""
    rng = random.Random(seed)  # noqa: S311  a simulation that can be repeated
    rates = {
        Kind.FILM: demand.films_an_hour,
        Kind.CBCT: demand.cbcts_an_hour,
        Kind.SEARCH: demand.openings_an_hour,
        Kind.LIST: demand.openings_an_hour,
        Kind.OPEN_FILM: demand.films_an_hour * OPENINGS,
        Kind.OPEN_CBCT: demand.cbcts_an_hour * OPENINGS,
    }
    events: list[Event] = []
    for kind, an_hour in rates.items():
        hands = range(demand.sites) if kind in ARRIVALS else range(demand.sites, demand.sites + READERS)
        count = max(1, round(an_hour * times * seconds / 3600))
        events += [Event(rng.uniform(0, seconds), kind, rng.choice(hands), rng.random()) for _ in range(count)]
    return sorted(events, key=lambda event: event.due_s)
