"""`python -m tooling.bench.retention [STUDIES]`: what falls due among many studies, beside only reading their rows.

Both are done in one process after another on the same rows: the ratio says what the rules themselves cost.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.factories.portal import Portal
from tooling.bench.targets import ROOT

JSON: Final = ROOT / "build" / "bench-retention.json"
STUDIES: Final = 100_000
# What a figure must not be above: times of reading the rows, MB more than before, queries for 500 patients.
LIMITS: Final = (("forecast_to_rows", 4.0), ("compare_to_rows", 6.0), ("forecast_mb", 64.0), ("queries_a_page", 10.0))


def main() -> int:
    """Measure, print, write the raw figures; the exit status says whether a limit was missed."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    with tempfile.TemporaryDirectory(prefix="bitewing-bench-") as folder:
        portal = Portal(Path(folder))
        portal.prepare()
        slug = portal.create_tenant("bench")
        # Two processes: the second has no memory of what the first wrote.
        _run(portal, f"fill({slug!r}, {studies})")
        figures = json.loads(_run(portal, f"print(measure({slug!r}))").splitlines()[-1])
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(figures, indent=1))
    for name, value in figures.items():
        print(f"{name:20} {value:14,.4g}")
    missed = [name for name, limit in LIMITS if figures[name] > limit]
    print(f"over the limit: {', '.join(missed) or 'none'}")
    return int(bool(missed))


def _run(portal: Portal, call: str) -> str:
    return portal.manage("shell", "--verbosity=0", "--command", f"from tooling.bench.simulating import *; {call}")


if __name__ == "__main__":
    sys.exit(main())
