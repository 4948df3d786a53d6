"""The whole simulation: an empty tenant, a year of rows, busy hours, and what an image adds to the disk."""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx

from tooling.bench.capacity.busy_hour import BusyHour, Step, Stock
from tooling.bench.capacity.demand import Demand
from tooling.bench.capacity.inside import Inside
from tooling.bench.capacity.limit import climb, misses
from tooling.bench.capacity.observed import Spread
from tooling.bench.capacity.readers import qido_at_rest
from tooling.bench.capacity.schedule import Kind
from tooling.bench.capacity.sizes import Sizes
from tooling.bench.flat import least_ms, questions
from tooling.bench.processes import Usage, watched
from tooling.bench.targets import Target

# An empty tenant answers with nothing: what a page costs is first known with so many studies.
FEW = 1_000


@dataclass(frozen=True)
class Settings:
    """How much is simulated; by default all of it.

    Attributes
    ----------
    share
        Of the year's rows.
    levels
        Multiples of the busiest hour, in order.
    films, cbcts
        How many are stored first, to see what one adds.
    """

    sites: int = 50
    share: float = 1.0
    seconds: float = 60.0
    levels: tuple[float, ...] = (1, 2, 4, 6, 8, 12, 16, 24, 32)
    films: int = 24
    cbcts: int = 2

    @property
    def demand(self) -> Demand:
        return Demand(self.sites)

    @property
    def studies(self) -> int:
        return round(self.share * (self.demand.films_a_year + self.demand.cbcts_a_year))


@dataclass(frozen=True)
class Found:
    """What was measured.

    Attributes
    ----------
    asked_ms
        By question, of the tenant empty, with a few studies, and full.
    qido_at_rest
        With a few studies.
    filled
        What the year's rows added, as far as they were written.
    adds
        What one study of a kind adds.
    slices
        Of a CBCT.
    steps
        Each with what it missed.
    """

    settings: Settings
    asked_ms: Mapping[str, tuple[float, float, float]]
    qido_at_rest: Spread
    filled: Sizes
    adds: Mapping[Kind, Sizes]
    slices: int
    steps: list[tuple[Step, list[str]]]
    usage: Usage

    @property
    def kept_up(self) -> Step | None:
        """The busiest step that missed nothing."""
        return next((step for step, missed in reversed(self.steps) if not missed), None)


def simulate(target: Target, settings: Settings, stock: Stock) -> Found:
    """Simulate a group on a portal that is empty."""
    inside, hour, usage = Inside(target), BusyHour(target, settings.demand, stock), Usage()
    with watched(target.pids, usage):
        before = inside.add_sites(settings.sites)
        empty = _ask(target)
        inside.fill(1, min(FEW, settings.studies), settings.studies)
        few, at_rest = _ask(target), qido_at_rest(target)
        _say(f"writing {settings.studies:,} studies")
        inside.fill(FEW + 1, settings.studies, settings.studies)
        full, year = _ask(target), inside.sizes()
        _say("storing samples")
        adds = _adds(hour, inside, year, settings)
        steps = climb(settings.levels, _telling(hour, settings.seconds), lambda step: misses(step, at_rest))
    asked = {name: (empty[name], few[name], full[name]) for name in full}
    slices = len(stock.cbct.slices)
    return Found(settings, asked, at_rest, year.per(before, 1), adds, slices, steps, usage)


def _ask(target: Target) -> dict[str, float]:
    """Return the least milliseconds of each question."""
    assert target.session is not None
    token = target.headers["Authorization"].removeprefix("Bearer ")
    with ExitStack() as stack:

        def client(**options: Any) -> httpx.Client:
            address = f"http://127.0.0.1:{target.port}"
            return stack.enter_context(httpx.Client(base_url=address, timeout=60, **options))

        return {name: least_ms(ask) for name, ask in questions(client, token, target.session()).items()}


def _adds(hour: BusyHour, inside: Inside, before: Sizes, settings: Settings) -> dict[Kind, Sizes]:
    adds = {}
    for kind, count in ((Kind.FILM, settings.films), (Kind.CBCT, settings.cbcts)):
        hour.store(kind, count)
        after = inside.sizes()
        adds[kind] = after.per(before, count)
        before = after
    return adds


def _telling(hour: BusyHour, seconds: float) -> Callable[[float], Step]:
    def play(times: float) -> Step:
        _say(f"{times:g} times the busiest hour")
        return hour.play(times, seconds)

    return play


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
