"""Read every address without an id, and every search that aims at somebody else's."""

from collections.abc import Iterator

from django.test import Client

from tests.isolation.matrix import FORM
from tests.isolation.routes import without_ids
from tests.isolation.world import Victim, leaks
from tests.pacs.dicomweb.requests import content_of

# They end the session: last.
_ENDS = ("end", "sign_out", "switch_tenant")


def leaks_in_lists(client: Client, victim: Victim) -> dict[str, list[str]]:
    """Name what each page shows of the victim."""
    found = {}
    for path in _paths():
        for method in ("GET", "POST"):
            asked = {**FORM, "tenant": str(victim.tenant.id)}
            text = _text(client, method, path, {} if method == "GET" else asked)
            found[f"{method} {path}"] = leaks(text, victim.secrets, str(asked))
    return {question: leaked for question, leaked in found.items() if leaked}


def _paths() -> list[str]:
    routes = sorted(without_ids(), key=lambda route: route.name in _ENDS)
    return ["/" + route.template for route in routes]


def leaks_in_searches(client: Client, victim: Victim) -> dict[str, list[str]]:
    """Name what each search finds of the victim, less what was searched for."""
    asked = [*_dicomweb(victim), *_pages(victim)]
    found = {str(question): leaks(_text(client, *question), victim.secrets, str(question)) for question in asked}
    return {question: leaked for question, leaked in found.items() if leaked}


Question = tuple[str, str, dict[str, str]]


def _dicomweb(victim: Victim) -> Iterator[Question]:
    study, series = victim.study.study_instance_uid, victim.ids["series"][0]
    queries = (
        "includefield=all",
        "PatientName=Zyx*&fuzzymatching=true",
        "PatientID=CANARY-PID",
        f"StudyInstanceUID={study}",
        f"SeriesInstanceUID={series}",
        "limit=1000&offset=0",
    )
    for level in ("studies", "series", "instances"):
        for query in queries:
            yield "GET", f"/dicom-web/{level}?{query}", {}


def _pages(victim: Victim) -> Iterator[Question]:
    study, refusal = str(victim.study.id), str(next(iter(victim.ids["refusal_id"])))
    yield "POST", "/studies/", {"name": "zyxwvut"}
    yield "POST", "/studies/", {"number": "CANARY-PID"}
    yield "POST", "/studies/", {"number": "CANARYACC"}
    yield "POST", "/studies/", {"cursor": study}
    yield "GET", "/studies/bin/", {"cursor": str(victim.binned.id)}
    yield "GET", "/quarantine/", {"cursor": refusal}
    for filtered in ({"study": study}, {"actor": str(victim.link.sender.id)}, {"cursor": study}):
        yield "POST", "/audit/", filtered
        yield "POST", "/audit/export/", filtered


def _text(client: Client, method: str, path: str, data: dict[str, str]) -> str:
    response = client.get(path, data) if method == "GET" else client.post(path, data)
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{headers}\n{content_of(response).decode('latin-1')}"


def seen_by(client: Client, victim: Victim, path: str) -> list[str]:
    """Name what somebody sees of the victim at one address."""
    return leaks(_text(client, "GET", path, {}), victim.secrets, "")
