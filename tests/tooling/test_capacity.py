"""How the simulation of a group derives its demand, finds its limit and writes down what it found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pacs.dicom.scan import Scanner
from tooling.bench.capacity import report, year
from tooling.bench.capacity.busy_hour import Step
from tooling.bench.capacity.demand import Demand
from tooling.bench.capacity.films import make_films
from tooling.bench.capacity.limit import climb, misses
from tooling.bench.capacity.observed import Spread
from tooling.bench.capacity.schedule import ARRIVALS, Kind, plan
from tooling.bench.capacity.simulation import Found, Settings
from tooling.bench.capacity.sizes import Sizes
from tooling.bench.processes import Usage
from tooling.bench.studies import relabelled

AT_REST = Spread(60, 0.002, 0.004)
FAST = Spread(10, 0.005, 0.009)
KEPT_UP = Step(
    times=4.0,
    seconds=60.0,
    answered_in_s=61.0,
    offered={Kind.FILM: 50, Kind.CBCT: 6},
    answered={Kind.FILM: 50, Kind.CBCT: 6},
    ready={Kind.FILM: 50, Kind.CBCT: 6},
    spreads=dict.fromkeys((*Kind, "frame", "film_lag", "cbct_lag"), FAST),
    server_share=0.5,
    client_share=0.2,
    others_share=0.1,
    failures=(),
)
FOUND = Found(
    settings=Settings(),
    asked_ms={"QIDO by date": (1.0, 2.0, 3.0)},
    qido_at_rest=AT_REST,
    filled=Sizes(4e6, 3e9, 0.0),
    adds={Kind.FILM: Sizes(12.0, 2e4, 5e6), Kind.CBCT: Sizes(2000.0, 2e6, 2e8)},
    slices=400,
    steps=[(KEPT_UP, []), (replace(KEPT_UP, times=8.0), ["a film was viewable after 9.0 s (p95)"])],
    usage=Usage(wall_s=100.0, others_s=20.0),
)
RUN = report.Run("2026-11-29 18:00 UTC", "0123456789ab", {"cores": 2}, FOUND)


@pytest.mark.req("AI-21")
@pytest.mark.parametrize(("sites", "least", "most"), [(1, 8_000, 13_000), (20, 160_000, 260_000), (50, 5e5, 5e5)])
def test_a_group_makes_as_many_films_a_year_as_the_requirement_says(sites: int, least: float, most: float) -> None:
    assert least <= Demand(sites).films_a_year <= most


@pytest.mark.req("AI-21")
def test_the_busiest_hour_follows_from_the_year() -> None:
    demand = Demand(50)

    assert 30 <= demand.films_a_site_and_day <= 50
    assert (demand.cbcts_a_year, demand.films_an_hour, demand.cbcts_an_hour) == (60_000, 750, 90)
    assert (demand.openings_an_hour, demand.frames_an_hour) == (1_680, 73_500)


@pytest.mark.req("AI-21")
def test_a_year_has_as_many_cbcts_to_films_as_a_site() -> None:
    numbers = range(1, Settings().studies + 1)
    cbcts = [number for number in numbers if year.is_cbct(number)]

    assert (len(numbers), len(cbcts)) == (560_000, 60_000)
    assert sum(map(year.has_slices, cbcts)) == 800


def test_what_is_due_is_drawn_beforehand_and_the_same_each_time() -> None:
    first, second = (plan(Demand(50), times=4, seconds=60, seed=7) for _ in range(2))

    assert first == second == sorted(first, key=lambda event: event.due_s)
    assert [sum(event.kind is kind for event in first) for kind in ARRIVALS] == [50, 6]
    assert {event.hand < 50 for event in first if event.kind in ARRIVALS} == {True}
    assert {event.hand < 50 for event in first if event.kind not in ARRIVALS} == {False}


def test_a_film_is_an_object_with_the_pixels_of_its_size() -> None:
    for film, pixels in zip(make_films(), (2560 * 1280, 1536 * 1024), strict=True):
        (one,) = relabelled(film, 7).slices
        scanner = Scanner()
        scanner.feed(one.head + bytes(one.pixels))
        scan = scanner.finish()

        assert scan.pixel is not None
        assert (scan.pixel.length, scan.head.sop_instance_uid) == (2 * pixels, one.sop_instance_uid)


def test_a_spread_names_values_that_were_measured() -> None:
    assert Spread.of([3.0, 1.0, 2.0, 4.0]) == Spread(4, 2.0, 4.0)
    assert Spread.of([]) == Spread(0, None, None)


@pytest.mark.req("AI-21")
def test_the_climb_ends_at_the_first_step_that_misses_something() -> None:
    played: list[float] = []

    def play(times: float) -> Step:
        played.append(times)
        return replace(KEPT_UP, times=times)

    steps = climb([1, 2, 4, 8], play, lambda step: ["too late"] if step.times >= 2 else [])

    assert played == [1, 2]
    assert [(step.times, missed) for step, missed in steps] == [(1, []), (2, ["too late"])]


def test_a_step_within_the_budget_misses_nothing() -> None:
    assert misses(KEPT_UP, AT_REST) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda step: replace(step, failures=("film: broke off",)), "film: broke off"),
        (lambda step: replace(step, ready={Kind.FILM: 49, Kind.CBCT: 6}), "49 of 50 films became ready"),
        (lambda step: replace(step, answered_in_s=80.0), "films were answered at 75% of the rate offered"),
        (
            lambda step: replace(step, spreads=step.spreads | {"cbct_lag": Spread(6, 1.0, 6.5)}),
            "a cbct was viewable after 6.5 s (p95)",
        ),
        (
            lambda step: replace(step, spreads=step.spreads | {Kind.SEARCH: Spread(9, 0.008, 0.009)}),
            "a search took 4.0 times as long as at rest (p50)",
        ),
    ],
)
def test_what_a_step_misses_is_said(change: Callable[[Step], Step], said: str) -> None:
    assert misses(change(KEPT_UP), AT_REST)[0] == said


def test_headroom_is_what_was_kept_up_to_the_demand_of_a_group() -> None:
    assert report.headrooms(FOUND) == {20: 10.0, 50: 4.0}
    assert report.headrooms(replace(FOUND, steps=FOUND.steps[1:])) == {20: 0.0, 50: 0.0}


def test_bytes_of_a_year_are_those_of_its_images() -> None:
    page = "\n".join(report.lines(RUN))

    assert "| 50 sites in a year | 14.5 TB | 130 GB | 126,000,000 |" in page
    assert "Other processes took 10% of the machine." in page
    assert "8 times was too much: a film was viewable after 9.0 s (p95)." in page


def test_figures_are_written_between_what_people_wrote() -> None:
    once = report.written(f"# Above\n\n{report.BEGIN}\nold\n{report.END}\n\nBelow\n", RUN)

    assert once.startswith(f"# Above\n\n{report.BEGIN}\n\nMeasured 2026-11-29")
    assert once.endswith(f"\n{report.END}\n\nBelow\n")
    assert "old" not in once
    assert report.written(once, RUN) == once
