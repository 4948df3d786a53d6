"""A busy hour, played: arrivals and readers at a multiple of the peak, and what became of them."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import psutil  # type: ignore[import-untyped]  # published without types

from tooling.bench.arriving import send
from tooling.bench.capacity.demand import Demand
from tooling.bench.capacity.films import make_films
from tooling.bench.capacity.hands import play
from tooling.bench.capacity.observed import Observed, Spread
from tooling.bench.capacity.readers import FRAME, Readers
from tooling.bench.capacity.schedule import ARRIVALS, Event, Kind, plan
from tooling.bench.capacity.watch import LAG, Watch, watching
from tooling.bench.checks import WrongAnswerError
from tooling.bench.client import Connection
from tooling.bench.phases import timed
from tooling.bench.processes import Usage, wait_until_idle, watched
from tooling.bench.studies import Study, make_cbct, relabelled
from tooling.bench.targets import Target

_TIMEOUT_S, _REST_S = 120.0, 900.0


@dataclass(frozen=True)
class Step:
    """One multiple of the peak.

    Attributes
    ----------
    answered_in_s
        From the first moment until the last arrival was answered.
    offered, answered, ready
        How many studies, by kind.
    spreads
        By what is measured; arrivals, searches and openings from when they were due.
    rested_in_s
        From when all was ready until the portal had nothing to do: analyses of films come last.
    server_share, client_share, others_share
        Of all processors of the machine, from the first moment until all was ready.
    """

    times: float
    seconds: float
    answered_in_s: float
    offered: Mapping[Kind, int]
    answered: Mapping[Kind, int]
    ready: Mapping[Kind, int]
    spreads: Mapping[str, Spread]
    server_share: float
    client_share: float
    others_share: float
    failures: tuple[str, ...]
    rested_in_s: float = 0.0

    def offered_an_hour(self, kind: Kind) -> float:
        return self.offered[kind] * 3600 / self.seconds

    def achieved_an_hour(self, kind: Kind) -> float:
        """Return how many were answered in an hour, the time it took beyond the last one that was due included."""
        return self.answered[kind] * 3600 / max(self.seconds, self.answered_in_s)


@dataclass
class Stock:
    """The studies that arrive: few pictures under ever new UIDs."""

    cbct: Study = field(default_factory=make_cbct)
    films: tuple[Study, ...] = field(default_factory=make_films)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def next(self, kind: Kind) -> Study:
        number = next(self._numbers)
        return relabelled(self.cbct if kind is Kind.CBCT else self.films[number % len(self.films)], number)


class BusyHour:
    """Plays steps on one portal: who reads has studies of earlier steps too."""

    def __init__(self, target: Target, demand: Demand, stock: Stock) -> None:
        self._target, self._demand, self._stock = target, demand, stock
        self._ready: dict[Kind, list[Study]] = defaultdict(list)

    def store(self, kind: Kind, count: int) -> None:
        """Store some studies before any step, so that there is something to open; wait until they are ready."""
        watch = Watch(Observed(), self._ready)
        with watching(self._target, watch), self._target.connect() as connection:
            for _ in range(count):
                study = self._stock.next(kind)
                send(connection, self._target, study)
                watch.add(kind, study)
            watch.wait(_TIMEOUT_S)
        if watch.observed.failures:
            raise WrongAnswerError(watch.observed.failures[0])
        self._rest()

    def _rest(self) -> float:
        """Wait until the portal does nothing, and return the seconds that took."""
        return timed(lambda: wait_until_idle([self._target.pids], timeout_s=_REST_S))

    def play(self, times: float, seconds: float) -> Step:
        """Play some seconds at a multiple of the peak, and wait for all that came of them."""
        events = plan(self._demand, times=times, seconds=seconds, seed=int(times * 1000))
        arriving = {event: self._stock.next(event.kind) for event in events if event.kind in ARRIVALS}
        observed, usage = Observed(), Usage()
        watch = Watch(observed, self._ready)
        readers = Readers(self._target, observed)

        def do(connection: Connection, event: Event) -> None:
            if event in arriving:
                send(connection, self._target, arriving[event])
                watch.add(event.kind, arriving[event])
            elif event.kind is Kind.SEARCH:
                readers.search(connection)
            elif event.kind is Kind.LIST:
                readers.list_newest(connection)
            else:
                there = self._ready[Kind.FILM if event.kind is Kind.OPEN_FILM else Kind.CBCT]
                readers.open(connection, there[int(event.pick * len(there))])

        with watched(self._target.pids, usage), watching(self._target, watch):
            play(self._target, events, do, observed)
            watch.wait(_TIMEOUT_S)
        return replace(_step(times, seconds, events, observed, usage), rested_in_s=self._rest())


def _step(times: float, seconds: float, events: list[Event], observed: Observed, usage: Usage) -> Step:
    available_s = usage.wall_s * (psutil.cpu_count() or 1)
    return Step(
        times=times,
        seconds=seconds,
        answered_in_s=max((at for kind in ARRIVALS for at in observed.ended_s[kind]), default=0.0),
        offered={kind: sum(event.kind is kind for event in events) for kind in ARRIVALS},
        answered={kind: len(observed.took_s[kind]) for kind in ARRIVALS},
        ready={kind: len(observed.took_s[LAG.format(kind)]) for kind in ARRIVALS},
        spreads={name: observed.spread(name) for name in (*Kind, FRAME, *map(LAG.format, ARRIVALS))},
        server_share=usage.cpu_s / available_s,
        client_share=usage.client_cpu_s / available_s,
        others_share=usage.others_share,
        failures=tuple(observed.failures),
    )
