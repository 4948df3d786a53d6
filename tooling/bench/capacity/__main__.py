"""`python -m tooling.bench.capacity`: simulate a group, print what it came to, write build/bench-capacity.json."""

import argparse
import json
import shutil
import sys
from pathlib import Path

from common.clock import now
from tooling.bench import machine
from tooling.bench.capacity import report
from tooling.bench.capacity.busy_hour import Stock
from tooling.bench.capacity.simulation import Settings, simulate
from tooling.bench.portal import on_postgres
from tooling.bench.targets import ROOT

JSON = ROOT / "build" / "bench-capacity.json"
DOCS = ROOT / "docs" / "scaling.md"


def main() -> int:
    """Run from the command line."""
    options = _options()
    before = machine.describe()
    settings = Settings(share=options.share, seconds=options.seconds, levels=tuple(options.levels))
    scratch = options.scratch.resolve()
    with on_postgres(scratch) as target:
        found = simulate(target, settings, Stock())
    # Stays where a run fails: it holds the servers' logs.
    shutil.rmtree(scratch)
    run = report.Run(now().strftime("%Y-%m-%d %H:%M UTC"), machine.commit(), before, found)
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(report.as_json(run), indent=1))
    if options.write_docs:
        DOCS.write_text(report.written(DOCS.read_text(), run))
    print("\n".join(report.lines(run)))
    return 0


def _options() -> argparse.Namespace:
    standard = Settings()
    parser = argparse.ArgumentParser(prog="capacity", description="Simulate the busy hours of a group of sites.")
    parser.add_argument("--share", type=float, default=standard.share, help="of a year's rows, for a quick run")
    parser.add_argument("--seconds", type=float, default=standard.seconds, help="how long each step is played")
    parser.add_argument(
        "--levels", type=float, nargs="+", default=standard.levels, help="multiples of the busiest hour"
    )
    parser.add_argument("--scratch", type=Path, default=ROOT / "build" / "capacity", help="emptied; on a disk of 60 GB")
    parser.add_argument("--write-docs", action="store_true", help="also write the figures into docs/scaling.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
