"""`python -m tooling.bench.flat`: what a page of the worklist and a search cost as studies grow a hundredfold.

On the embedded SQLite default, over the real web server: twenty tenants, of which the busy one has half of the studies.
Prints the best of thirty, and how many times as long each takes among 100,000 studies as among 1,000; JSON to
build/bench-flat.json.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.factories.portal import Portal, portal
from tooling.bench.targets import ROOT

SIZES = (1_000, 10_000, 100_000)
TENANTS, REPEATS = 20, 30
Question = Callable[[], httpx.Response]
JSON = ROOT / "build" / "bench-flat.json"
_FILL = """
from accounts import selectors
from tests.pacs.many import add_studies
for slug, first, last in {parts!r}:
    add_studies(selectors.get_tenant(slug=slug), first, last)
"""
PAGES: dict[str, dict[str, str]] = {
    "worklist, the newest": {},
    "worklist, by name": {"sort": "patient_name"},
    "worklist, a family name": {"name": "smithac"},
    "worklist, a first letter": {"name": "s"},
    "worklist, a patient id": {"number": "P77"},
    "worklist, without a report": {"status": "unreported"},
    "worklist, signed, by name": {"status": "signed", "sort": "patient_name"},
    "worklist, a rare modality": {"modality": "OPT"},
    "worklist, days": {"since": "2005-01-01", "until": "2015-12-31"},
}
SEARCHES = {
    "QIDO by StudyInstanceUID": "StudyInstanceUID=2.25.77",
    "QIDO by PatientID": "PatientID=P77",
    "QIDO by name": "PatientName=smith*&limit=25",
    "QIDO by date": "StudyDate=20050101-20201231&limit=25",
    "QIDO by modality": "ModalitiesInStudy=CT&limit=25",
    "QIDO, a page of 101": "limit=101",
}


def main() -> int:
    """Run from the command line."""
    with tempfile.TemporaryDirectory(dir=_build()) as folder, portal(Path(folder), with_worker=False) as running:
        figures = measure(running)
    ratios = {name: values[SIZES[-1]] / values[SIZES[0]] for name, values in figures.items()}
    JSON.write_text(json.dumps({"unit": "ms", "best": figures, "ratios": ratios}, indent=1))
    print(f"{'':32}{'':>2}" + "".join(f"{size:>12,}" for size in SIZES) + "    times as long")
    for name, values in figures.items():
        print(f"{name:32}  " + "".join(f"{values[size]:>9.1f} ms" for size in SIZES) + f"{ratios[name]:>12.2f}")
    return 0


def _build() -> Path:
    JSON.parent.mkdir(exist_ok=True)
    return JSON.parent


def measure(running: Portal) -> dict[str, dict[int, float]]:
    """Return the least milliseconds of each question at each size: what strangers on the machine add is left out."""
    slugs = [running.create_tenant(f"Centre {number}") for number in range(TENANTS)]
    token = running.create_token(slugs[0], "dicomweb.read")
    session = running.sign_in(slugs[0], "owner")
    found: dict[str, dict[int, float]] = {name: {} for name in (*PAGES, *SEARCHES)}
    before = 0
    for size in SIZES:
        parts = list(_parts(slugs, before, size))
        running.manage("shell", "--verbosity=0", "--command", _FILL.format(parts=parts))
        before = size
        for name, ask in questions(running.client, token, session).items():
            found[name][size] = least_ms(ask)
        print(f"{size:,} studies measured", file=sys.stderr, flush=True)
    return found


def _parts(slugs: list[str], before: int, size: int) -> list[tuple[str, int, int]]:
    """Give the first tenant half of the new studies, and the others as many each."""
    half = (size - before) // 2
    each = half // (len(slugs) - 1)
    others = [
        (slug, before + half + number * each + 1, before + half + (number + 1) * each)
        for number, slug in enumerate(slugs[1:])
    ]
    return [(slugs[0], before + 1, before + half), *others]


def questions(client: Callable[..., httpx.Client], token: str, session: str) -> dict[str, Question]:
    """Return what is asked, by its title: pages as a member who has signed in, searches as a program."""
    member = client(cookies={"bitewing": session})
    member.get("/studies/")
    member.headers.update({"X-CSRFToken": member.cookies["bitewing-csrf"], "HX-Request": "true"})
    program = client(headers={"Authorization": f"Bearer {token}"})
    pages = {name: (lambda data=data: member.post("/studies/", data=data)) for name, data in PAGES.items()}
    searches = {
        name: (lambda query=query: program.get(f"/dicom-web/studies?{query}")) for name, query in SEARCHES.items()
    }
    return {**pages, **searches}


def least_ms(ask: Question) -> float:
    """Return the milliseconds of the fastest of many answers."""
    return min(_timed(ask) for _ in range(REPEATS))


def _timed(ask: Question) -> float:
    began = time.perf_counter()
    ask().raise_for_status()
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    sys.exit(main())
