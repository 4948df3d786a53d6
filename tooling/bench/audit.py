"""`python -m tooling.bench.audit [EVENTS]`: the audit log beside the speed of SHA-256 (SECURITY-DESIGN part 9).

1,000,000 events by default, which takes some minutes; to write most of them is not what is measured.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.factories.portal import Portal
from tooling.bench.targets import ROOT

JSON: Final = ROOT / "build" / "bench-audit.json"
EVENTS: Final = 1_000_000
RATE, SECONDS = 2000, 10.0
# What a figure must not be above.
LIMITS: Final = (("first_access_ms", 5.0), ("frame_ms", 0.2), ("lag_p99_s", 5.0), ("memory_mb", 300.0))


def main() -> int:
    """Measure, print, write the raw figures; the exit status says whether a limit was missed."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory(prefix="bitewing-bench-") as folder:
        portal = Portal(Path(folder))
        portal.data.mkdir()
        portal.manage("migrate", "--verbosity=0")
        code = f"from tooling.bench.auditing import measure; print(measure({events}, rate={RATE}, seconds={SECONDS}))"
        figures = json.loads(portal.manage("shell", "--verbosity=0", "--command", code).splitlines()[-1])
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(figures, indent=1))
    for name, value in figures.items():
        print(f"{name:20} {value:14,.4g}")
    missed = [name for name, limit in LIMITS if figures[name] > limit]
    print(f"over the limit: {', '.join(missed) or 'none'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
