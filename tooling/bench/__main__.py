"""`python -m tooling.bench`: measure, print the table of ratios, write build/bench.json."""

import argparse
import json
import os
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from common.clock import now
from tooling.bench import browser, browser_upload, limits, machine, report
from tooling.bench.bare import bare
from tooling.bench.course import COURSE
from tooling.bench.orthanc import orthanc
from tooling.bench.orthanc import version as orthanc_version
from tooling.bench.phases import Phase, Work
from tooling.bench.portal import on_postgres, on_sqlite
from tooling.bench.processes import Usage, wait_until_idle, watched
from tooling.bench.targets import ROOT, Target

JSON = ROOT / "build" / "bench.json"
# A server that takes longer in a phase goes through it once: the peer's ZIP, which takes six seconds.
_SLOW_S = 5.0
_REST_S = 0.25
DOCS = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Run from the command line."""
    options = _options()
    scratch = options.scratch.resolve()
    started = time.monotonic()
    # Stays where a run fails: it holds the servers' logs.
    work = Work(repeats=options.repeats, number_of_tiny=options.tiny)
    run = measure(work, scratch, set(options.targets), _course(options.phases))
    shutil.rmtree(scratch)
    is_whole = options.phases is None
    upload = browser_upload.measure(options.repeats) if is_whole and browser.is_possible() else None
    JSON.parent.mkdir(exist_ok=True)
    figures = report.as_json(run) | ({"browser_upload": upload.as_json()} if upload else {})
    JSON.write_text(json.dumps(figures, indent=1))
    if options.write_docs:
        DOCS.write_text(report.document(run))
    print("\n".join(report.table(run)))
    print("", *(upload.lines() if upload else ["upload in the browser: not measured"]), sep="\n")
    print(f"\n{report.noise(run)}")
    print("Under the 'must':", *(list(report.shortfalls(run)) or ["nothing"]), sep="\n- ")
    _say(f"{time.monotonic() - started:.0f} s; raw figures are in {JSON.relative_to(ROOT)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure the portal beside Orthanc and the machine's limits."
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tiny", type=int, default=1000, help="how many studies to search among")
    parser.add_argument(
        "--scratch", type=Path, default=ROOT / "build" / "bench", help="emptied; on the disk to measure"
    )
    parser.add_argument("--targets", nargs="+", default=["bare", "orthanc", "sqlite", "postgres"])
    parser.add_argument(
        "--phases", nargs="+", help="only these, in their order; those that read need store_one and store_four before"
    )
    parser.add_argument("--write-docs", action="store_true", help="also write docs/benchmarks.md")
    return parser.parse_args()


def _course(names: list[str] | None) -> Sequence[Phase]:
    return COURSE if names is None else [phase for phase in COURSE if phase.name in names]


def measure(work: Work, scratch: Path, names: set[str], course: Sequence[Phase] = COURSE) -> report.Run:
    """Start all servers, measure phase by phase, each server in turn, and end them."""
    before = machine.describe()
    _say("limits of the machine")
    found = limits.measure(scratch, work.cbct)
    figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    usage: dict[str, dict[str, Usage]] = defaultdict(lambda: defaultdict(Usage))
    with ExitStack() as stack:
        targets = _start(stack, work, scratch, names)
        for phase, repeat, target in _turns(course, targets, work.repeats):
            # What a server does behind its answers, and leaves unwritten, would be taken from the next one's time.
            wait_until_idle([each.pids for each in targets], quiet_s=_REST_S)
            os.sync()
            with watched(target.pids, usage[target.name][phase.name]):
                measured = phase.measure(work, target, repeat)
            for metric, values in measured.items():
                figures[target.name][metric] += values
    for target in targets:
        peak = max(used.peak_bytes for used in usage[target.name].values())
        figures[target.name]["memory"].append(peak / 1e6)
        if "multi_frame" in figures[target.name]:
            figures[target.name]["multi_frame_memory"].append(usage[target.name]["multi_frame"].peak_bytes / 1e6)
    titles = {target.name: target.title for target in targets}
    at = now().strftime("%Y-%m-%d %H:%M UTC")
    return report.Run(at, machine.commit(), before, titles, found, figures, usage)


def _turns(course: Sequence[Phase], targets: list[Target], repeats: int) -> Iterator[tuple[Phase, int, Target]]:
    """Yield phase by phase, repeat by repeat, each server in turn: what else the machine does hits all alike."""
    for phase in course:
        started = time.monotonic()
        slow: set[str] = set()
        for repeat in range(1 if phase.is_once else repeats):
            for target in targets:
                if target.name in slow and not phase.is_repeated_always:
                    continue
                begun = time.monotonic()
                yield phase, repeat, target
                if time.monotonic() - begun > _SLOW_S:
                    slow.add(target.name)
        _say(f"{phase.name}: {time.monotonic() - started:.0f} s")


def _start(stack: ExitStack, work: Work, scratch: Path, names: set[str]) -> list[Target]:
    _say("starting the servers")
    starts: dict[str, Callable[[], AbstractContextManager[Target]]] = {
        "bare": lambda: bare(scratch, work.whole, work.queries),
        "orthanc": lambda: orthanc(scratch),
        "sqlite": lambda: on_sqlite(scratch),
        "postgres": lambda: on_postgres(scratch),
    }
    if "orthanc" in names and orthanc_version() is None:
        _say("Orthanc is not installed: no peer in this run")
        names = names - {"orthanc"}
    return [stack.enter_context(start()) for name, start in starts.items() if name in names]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
