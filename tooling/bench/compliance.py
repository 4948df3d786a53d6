"""`python -m tooling.bench.compliance`: pages of a practice after five years, beside those of a new one.

Both are tenants of one portal; each page is asked for in turn, so that what else the machine does hits both alike.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx

from tests.factories.portal import Portal, portal
from tooling.bench.targets import ROOT

JSON: Final = ROOT / "build" / "bench-compliance.json"
# A page of a full practice may take so many times as long.
LIMIT: Final = 2.0
TIMES: Final = 15
PAGES: Final = (
    "/compliance/analysis/",
    "/compliance/risks/",
    "/compliance/assets/",
    "/compliance/evidence/",
    "/compliance/evidence/measurement/?id=P-IDLE",
    "/compliance/tasks/",
    "/compliance/tasks/?view=list",
    "/compliance/decisions/",
    "/compliance/documents/",
)


def main() -> int:
    """Measure, print a table, write the raw figures; the exit status says whether a page is over the limit."""
    with (
        tempfile.TemporaryDirectory(prefix="bitewing-bench-") as folder,
        portal(Path(folder), with_worker=False) as running,
    ):
        sessions = {slug: _prepare(running, slug, is_full=slug == "full") for slug in ("empty", "full")}
        figures = {page: _measure(running, sessions, page) for page in PAGES}
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(figures, indent=1))
    print(f"{'page':48} {'empty':>9} {'full':>9} {'ratio':>6}   (ms, median of {TIMES}; limit {LIMIT})")
    for page, one in figures.items():
        print(
            f"{page:48} {one['empty']:9.1f} {one['full']:9.1f} {one['ratio']:6.2f}{'  over' * (one['ratio'] >= LIMIT)}"
        )
    return int(any(one["ratio"] >= LIMIT for one in figures.values()))


def _prepare(running: Portal, slug: str, *, is_full: bool) -> str:
    """Make a practice and its owner; return the session."""
    running.create_tenant(slug)
    session = running.sign_in(slug, "owner")
    code = f"from tooling.bench.filling import prepare; prepare({slug!r}, is_full={is_full})"
    running.manage("shell", "--verbosity=0", "--command", code)
    return session


def _measure(running: Portal, sessions: dict[str, str], page: str) -> dict[str, float]:
    took: dict[str, list[float]] = {slug: [] for slug in sessions}
    clients = {slug: running.client(cookies={"bitewing": session}) for slug, session in sessions.items()}
    for _ in range(TIMES + 1):
        for slug, client in clients.items():
            took[slug].append(_ask(client, page))
    # The first answer of each fills caches.
    medians = {slug: statistics.median(values[1:]) for slug, values in took.items()}
    return {**medians, "ratio": medians["full"] / medians["empty"]}


def _ask(client: httpx.Client, page: str) -> float:
    response = client.get(page, follow_redirects=True)
    response.raise_for_status()
    return response.elapsed.total_seconds() * 1e3


if __name__ == "__main__":
    sys.exit(main())
