"""The run as a table of ratios, as JSON, and as docs/benchmarks.md."""

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tooling.bench.metrics import ANCHOR_LIMITS, METRICS, Metric
from tooling.bench.processes import Usage
from tooling.bench.targets import LIMIT, OURS, PEER

# Beyond, strangers took so much of the machine that figures say little.
_NOISY = 0.2

_METHOD = """\
The work is a synthetic CBCT of 400 slices of 512 x 512 x 16 bit (210 MB) and 1,000 studies of one small slice, on
loopback. Our portal runs as in production, `serve` with two workers and `worker`, with login, tenants, audit and
encryption on; PostgreSQL commits durably and is asked by its socket. Beside it, phase by phase in the same run:
Debian's Orthanc with stock settings (SQLite, no encryption, no login), and the machine's limit: a bare granian
application that sends the same bytes from files and writes what it gets to fsynced files. The client writes to and
reads from plain sockets. Every answer that is timed is checked, large ones after the clock has stopped: pixels of each
frame, SHA-256 of each file of a series or ZIP, UIDs, counts.

Figures are medians. Ratios say how many times as good ours is: above 1 is better than the other. `/ 1.13` is against
Orthanc 1.13 as measured on another machine, carried here by this machine's limits: by fsynced files for storing
volumes, by SHA-256 for the rest; it is an estimate, to which C-STORE is not held (decision 0101). C-STORE is sent by
dcmtk's `storescu` from memory. More than 1,000 studies are measured by `tooling.bench.flat`.

The viewer is opened in a fresh headless Chromium each time: on a desktop of 1440 x 900 over loopback, and on a phone of
390 x 844 at 20 Mbit/s and 50 ms (Chromium's own throttling). No graphics processor is here: WebGL is drawn in software
by the cores that serve, so that a desktop's figures move with them. The viewer marks in the browser's timeline that it
has drawn; then forty slices are turned, and the planes count as answering when the device has drawn the new ones. What
it has drawn is read back and compared with the volume: within one of 255 grey levels, and at full resolution down to
the noise of that very slice. A phone may load half the resolution at most, and single slices. Beside it OHIF reads from
the installed Orthanc through a small proxy, on a desktop; its pictures count as soon as there are any, its volume with
the last frame's arrival. In the column `/ 1.13` the viewer stands against OHIF as measured elsewhere (7.6 s, 30 s, and
16 s on a phone), which is carried by SHA-256 too, but for the phone, where the line decides."""


@dataclass(frozen=True)
class Run:
    """All that was measured.

    Attributes
    ----------
    figures
        By target and metric, one value a repeat.
    usage
        By target and phase.
    limits
        Of the machine, MB/s.
    """

    at: str
    commit: str
    machine: Mapping[str, str | int | float]
    titles: Mapping[str, str]
    limits: Mapping[str, float]
    figures: Mapping[str, Mapping[str, list[float]]]
    usage: Mapping[str, Mapping[str, Usage]]

    def median(self, target: str, metric: str) -> float | None:
        values = self.figures.get(target, {}).get(metric)
        return statistics.median(values) if values else None

    def ratio(self, metric: Metric, ours: str, other: str) -> float | None:
        """Return how many times as good one target is as another, where both have the figure."""
        one, two = self.median(ours, metric.name), self.median(other, metric.name)
        return metric.ratio(one, two) if one and two else None

    def anchored(self, metric: Metric, ours: str) -> float | None:
        """Return how many times as good a target is as Orthanc 1.13, carried to this machine by its limits."""
        one, anchor = self.median(ours, metric.name), metric.anchor_here(self.limits)
        return metric.ratio(one, anchor) if one and anchor else None

    def others_share(self) -> float:
        """Return the share of the machine that strangers took, over all phases."""
        used = [usage for phases in self.usage.values() for usage in phases.values()]
        total = Usage(wall_s=sum(u.wall_s for u in used), others_s=sum(u.others_s for u in used))
        return total.others_share


def as_json(run: Run) -> dict[str, Any]:
    """Return the run as plain values."""
    return {
        "at": run.at,
        "commit": run.commit,
        "machine": dict(run.machine),
        "others_share": run.others_share(),
        "limits_mb_per_s": dict(run.limits),
        "targets": {
            name: {
                "title": title,
                "figures": {
                    metric.name: {"unit": metric.unit, "median": run.median(name, metric.name), "values": values}
                    for metric in METRICS
                    if (values := run.figures[name].get(metric.name))
                },
                "usage": {phase: asdict(usage) for phase, usage in run.usage[name].items()},
            }
            for name, title in run.titles.items()
        },
        "ratios": {metric.name: _ratios(run, metric) for metric in METRICS},
        "under": list(shortfalls(run)),
    }


def _ratios(run: Run, metric: Metric) -> dict[str, float | None]:
    found = {}
    for ours in OURS:
        found[f"{ours}/{LIMIT}"] = run.ratio(metric, ours, LIMIT)
        found[f"{ours}/{PEER}"] = run.ratio(metric, ours, PEER)
        found[f"{ours}/orthanc-1.13"] = run.anchored(metric, ours)
    return found


def shortfalls(run: Run) -> Iterator[str]:
    """Say what is under the 'must' of the budgets, and by how much."""
    for metric in METRICS:
        for ours in OURS:
            yield from _shortfalls(run, metric, ours)


def _shortfalls(run: Run, metric: Metric, ours: str) -> Iterator[str]:
    what = f"{metric.title}, {run.titles.get(ours, ours)}"
    value = run.median(ours, metric.name)
    if value is not None and metric.must_reach is not None and value > metric.must_reach:
        yield f"{what}: {_figure(value)} {metric.unit}, at most {_figure(metric.must_reach)} {metric.unit} is asked"
    for ratio, peer in (
        (run.ratio(metric, ours, PEER), run.titles.get(PEER, "")),
        (run.anchored(metric, ours) if metric.is_held_to_anchor else None, "1.13"),
    ):
        if metric.must is not None and ratio is not None and ratio < metric.must:
            against = peer if peer != "1.13" else "Orthanc 1.13 carried here"
            yield f"{what}: {ratio:.2f} x {against}; {metric.must:g} x is asked"


def table(run: Run) -> Iterator[str]:
    """Return the table in Markdown: figures, and how many times as good ours is."""
    columns = [name for name in (LIMIT, PEER, *OURS) if name in run.titles]
    ratios = [(ours, other) for ours in OURS for other in (LIMIT, PEER) if {ours, other} <= set(columns)]
    heads = [run.titles[name] for name in columns]
    heads += [f"{_short(ours)} / {'limit' if other == LIMIT else 'Orthanc'}" for ours, other in ratios]
    heads += [f"{_short(ours)} / 1.13" for ours in OURS if ours in columns] + ["must"]
    yield _row(["phase", "unit", *heads])
    yield _row(["---", "---", *(["---:"] * len(heads))])
    for metric in METRICS:
        cells = [_figure(run.median(name, metric.name)) for name in columns]
        cells += [_times(run.ratio(metric, ours, other)) for ours, other in ratios]
        cells += [_times(run.anchored(metric, ours)) for ours in OURS if ours in columns]
        yield _row([metric.title, metric.unit, *cells, _must(metric)])


def _must(metric: Metric) -> str:
    if metric.must_reach is not None:
        return f"<= {metric.must_reach:g} {metric.unit}"
    return f"{metric.must:g} x" if metric.must is not None else ""


def _short(ours: str) -> str:
    return {"sqlite": "SQLite", "postgres": "PostgreSQL"}[ours]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 10 else f"{value:.2f}"


def noise(run: Run) -> str:
    """Say how much of the machine strangers took, and whether the figures can be quoted."""
    share = run.others_share()
    advice = " That is too much to quote absolute figures; ratios were taken in turn." if share > _NOISY else ""
    return f"Other processes took {share:.0%} of the machine.{advice}"


def document(run: Run) -> str:
    """Return docs/benchmarks.md."""
    under = list(shortfalls(run)) or ["Nothing."]
    limits = ", ".join(f"{name.replace('_', ' ')} {value:,.0f}" for name, value in run.limits.items())
    anchors = ", ".join(f"{scale.value.replace('_', ' ')} {value:,.0f}" for scale, value in ANCHOR_LIMITS.items())
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in run.machine.items())
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `.venv/bin/python -m tooling.bench --write-docs`. Do not edit.",
            "",
            f"Measured {run.at} at commit {run.commit} on: {machine}. {noise(run)}",
            "",
            *_METHOD.splitlines(),
            "",
            *table(run),
            "",
            f"Limits of one thread here, MB/s: {limits}. Where 1.13 was measured: {anchors}.",
            "",
            "## Under the 'must'",
            "",
            *(f"- {line}" for line in under),
            "",
        ]
    )
