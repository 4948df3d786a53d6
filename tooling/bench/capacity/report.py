"""What was found as tables, as JSON, and as the generated part of docs/scaling.md."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tooling.bench.capacity.busy_hour import Step
from tooling.bench.capacity.demand import CBCTS, FILMS, Demand
from tooling.bench.capacity.observed import Spread
from tooling.bench.capacity.readers import FRAME
from tooling.bench.capacity.schedule import Kind
from tooling.bench.capacity.simulation import FEW, Found
from tooling.bench.capacity.watch import LAG
from tooling.bench.capacity.year import WITH_SLICES_EVERY
from tooling.bench.studies import SLICES

# Groups whose busiest hour the rate that was kept up is held against.
GROUPS = (20, 50)
BEGIN = "<!-- Written by `.venv/bin/python -m tooling.bench.capacity --write-docs`, up to the next such line. -->"
END = "<!-- Written by hand from here on. -->"


@dataclass(frozen=True)
class Run:
    """What was found, when and on what."""

    at: str
    commit: str
    machine: Mapping[str, str | int | float]
    found: Found


def headrooms(found: Found) -> dict[int, float]:
    """Return by sites how many times their busiest hour was kept up."""
    step = found.kept_up
    return {sites: step.times * found.settings.sites / sites if step else 0.0 for sites in GROUPS}


def as_json(run: Run) -> dict[str, Any]:
    """Return the run as plain values."""
    found = run.found
    return {
        "at": run.at,
        "commit": run.commit,
        "machine": dict(run.machine),
        "others_share": found.usage.others_share,
        "settings": asdict(found.settings),
        "headroom": {str(sites): times for sites, times in headrooms(found).items()},
        "asked_ms": {name: list(values) for name, values in found.asked_ms.items()},
        "qido_at_rest": asdict(found.qido_at_rest),
        "filled": asdict(found.filled),
        "adds": {str(kind): asdict(sizes) for kind, sizes in found.adds.items()},
        "steps": [{**asdict(step), "missed": missed} for step, missed in found.steps],
    }


def lines(run: Run) -> Iterator[str]:
    """Return the generated part in Markdown."""
    found = run.found
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in run.machine.items())
    share = found.usage.others_share
    yield f"Measured {run.at} at commit {run.commit} on: {machine}. Other processes took {share:.0%} of the machine."
    yield ""
    yield from _headroom(found)
    yield from _steps(found)
    yield from _flatness(found)
    yield from _year(found)


def _headroom(found: Found) -> Iterator[str]:
    settings, step = found.settings, found.kept_up
    yield "### Headroom"
    yield from _table(
        "group | films a year | CBCTs a year | films in the busiest hour | CBCTs in it | kept up, times that hour",
        (
            (f"{sites} sites", *map(_number, _a_year(Demand(sites))), f"{times:.2g}")
            for sites, times in headrooms(found).items()
        ),
    )
    if step is None:
        yield "Not even the first step was kept up."
        yield ""
    else:
        yield (
            f"Kept up were {_number(step.achieved_an_hour(Kind.FILM))} films and "
            f"{_number(step.achieved_an_hour(Kind.CBCT))} CBCTs an hour, while {_number(step.spreads[FRAME].count)} "
            f"frames were read in {settings.seconds:.0f} s. Steps are coarse: the limit lies between this and the next."
        )
        yield ""


def _a_year(demand: Demand) -> tuple[float, ...]:
    return demand.films_a_year, demand.cbcts_a_year, demand.films_an_hour, demand.cbcts_an_hour


def _steps(found: Found) -> Iterator[str]:
    yield f"### Busy hours of {found.settings.sites} sites, {found.settings.seconds:.0f} s each"
    yield from _table(
        "times the busiest hour | films an hour: offered, achieved | CBCTs an hour: offered, achieved"
        " | film stored, ms | CBCT stored, s | QIDO, ms | worklist, ms | frame, ms"
        " | film viewable, s | CBCT viewable, s | at rest again after, s | portal | this client | others",
        (_step(step) for step, _ in found.steps),
    )
    for step, missed in found.steps:
        if missed:
            yield f"{step.times:g} times was too much: {'; '.join(missed)}."
            yield ""


def _step(step: Step) -> tuple[str, ...]:
    spreads = step.spreads
    return (
        f"{step.times:g}",
        *(
            f"{_number(step.offered_an_hour(kind))}, {_number(step.achieved_an_hour(kind))}"
            for kind in (Kind.FILM, Kind.CBCT)
        ),
        *(
            _both(spreads[name], unit)
            for name, unit in (
                (Kind.FILM, 1e3),
                (Kind.CBCT, 1),
                (Kind.SEARCH, 1e3),
                (Kind.LIST, 1e3),
                (FRAME, 1e3),
                (LAG.format(Kind.FILM), 1),
                (LAG.format(Kind.CBCT), 1),
            )
        ),
        f"{step.rested_in_s:.0f}",
        *(f"{share:.0%}" for share in (step.server_share, step.client_share, step.others_share)),
    )


def _flatness(found: Found) -> Iterator[str]:
    few, full = min(found.settings.studies, FEW), found.settings.studies
    yield "### Questions of an empty tenant, and of a full one"
    yield from _table(
        f"question | empty, ms | {few:,} studies, ms | {full:,} studies, ms | full / {few:,} | full / empty",
        (
            (name, *(f"{value:.1f}" for value in asked), f"{asked[2] / asked[1]:.2f}", f"{asked[2] / asked[0]:.2f}")
            for name, asked in found.asked_ms.items()
        ),
    )


def _year(found: Found) -> Iterator[str]:
    film, cbct = found.adds[Kind.FILM], found.adds[Kind.CBCT]
    yield "### What images add"
    yield from _table(
        "what | objects | database | rows",
        (
            ("a film", _bytes(film.object_bytes), _bytes(film.database_bytes), f"{film.rows:.1f}"),
            (
                f"a slice of a CBCT, all {found.slices} divided",
                _bytes(cbct.object_bytes / found.slices),
                _bytes(cbct.database_bytes / found.slices),
                f"{cbct.rows / found.slices:.1f}",
            ),
            *(
                (
                    f"{sites} site{'s' if sites > 1 else ''} in a year",
                    *(
                        _bytes(sites * (FILMS * getattr(film, name) + CBCTS * getattr(cbct, name)))
                        for name in ("object_bytes", "database_bytes")
                    ),
                    _number(sites * (FILMS * film.rows + CBCTS * cbct.rows)),
                )
                for sites in (1, *GROUPS)
            ),
        ),
    )
    yield (
        f"Of a year's rows {found.settings.share:.0%} were written before, {_number(found.filled.rows)} of "
        f"{_bytes(found.filled.database_bytes)}: of each study patient, study, series and two parts of a name, of each "
        f"film its image, of one CBCT in {WITH_SLICES_EVERY} its {SLICES} slices; no keys, objects and access log."
    )


def _table(heads: str, rows: Iterator[tuple[str, ...]] | tuple[tuple[str, ...], ...]) -> Iterator[str]:
    columns = heads.count("|") + 1
    yield ""
    yield f"| {heads} |"
    yield f"| {' | '.join(['---'] + ['---:'] * (columns - 1))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _both(spread: Spread, unit: float) -> str:
    if spread.p50_s is None or spread.p95_s is None:
        return ""
    return f"{spread.p50_s * unit:,.3g}, {spread.p95_s * unit:,.3g}"


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _bytes(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def written(document: str, run: Run) -> str:
    """Return the document with this run in place of the one before; what people wrote stays."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, "", *lines(run), "", END + after])
