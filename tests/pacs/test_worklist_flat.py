"""A page of the worklist, or of a search by DICOMweb, costs the same among ten thousand studies and a hundred thousand.

What it costs is counted in steps of the database's own machine (SQLite), which no busy processor changes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from accounts import services as accounts
from common.actor import system_actor
from tests.factories.browsers import browser_of
from tests.factories.cast import make_actor, make_tenant
from tests.factories.memory import remember_long
from tests.pacs.many import NEIGHBOURS, add_studies

pytestmark = [
    pytest.mark.xdist_group("many"),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="steps are counted by SQLite"),
]

SIZES = (1_000, 10_000, 100_000)
MAX_QUERIES = 12
# What a thousand matches cost. Looking through the 50,000 studies of the busy tenant takes more than 450,000.
CEILING = 150_000
EVERY = 20
WORKLIST: dict[str, dict[str, str]] = {
    "the newest": {},
    "by name": {"sort": "patient_name"},
    "by date": {"sort": "-study_date"},
    "a patient id": {"number": "P77"},
    "an accession number": {"number": "ACC501"},
    "a number that many begin with": {"number": "p"},
    "a number of nobody": {"number": "ZZZ"},
    "a family name": {"name": "smithac"},
    "a first letter": {"name": "s"},
    "a given name that all have": {"name": "petra"},
    "two parts of a name": {"name": "smith petra"},
    "without a report": {"status": "unreported"},
    "without a report, by name": {"status": "unreported", "sort": "patient_name"},
    "without a report, by date": {"status": "unreported", "sort": "study_date"},
    "a draft": {"status": "draft"},
    "signed": {"status": "signed"},
    "preparing": {"status": "preparing"},
    "shared": {"status": "shared"},
    "shared, by name": {"status": "shared", "sort": "patient_name"},
    "held": {"status": "held"},
    "a common modality": {"modality": "CT"},
    "a rare modality": {"modality": "OPT"},
    "a modality of nothing": {"modality": "DOC"},
    "one day": {"since": "2010-05-05", "until": "2010-05-05"},
    "since a day": {"since": "2005-01-01"},
    "since a day, by name": {"since": "2005-01-01", "sort": "patient_name"},
    "mine": {"reader": "me"},
    "several things": {"name": "meyer", "modality": "CT", "status": "signed", "since": "2003-01-01"},
}
QIDO = {
    "QIDO: a page": "limit=101",
    "QIDO: a study": "StudyInstanceUID=2.25.77",
    "QIDO: a patient id": "PatientID=P77",
    "QIDO: an accession number": "AccessionNumber=ACC77",
    "QIDO: a family name": "PatientName=smithac*&limit=25",
    "QIDO: a name that many have": "PatientName=smith*&limit=25",
    "QIDO: a day": "StudyDate=20100505&limit=25",
    "QIDO: days": "StudyDate=20050101-20201231&limit=25",
    "QIDO: a modality": "ModalitiesInStudy=CT&limit=25",
}
# To whom studies in doubt are not shown.
OF_A_DENTIST = ["the newest", "by name", "by date", "a given name that all have", "signed"]
QUESTIONS = [*WORKLIST, *QIDO, *(f"a dentist: {name}" for name in OF_A_DENTIST)]


@dataclass
class Cost:
    """What one question costs at each size, in steps; and its queries, where there is most to look through."""

    steps: dict[int, int] = field(default_factory=dict)
    queries: int = 0


@contextmanager
def counting() -> Iterator[list[int]]:
    """Count the steps of the database's machine, twenty at a time."""
    ticks = [0]

    def tick() -> int:
        ticks[0] += EVERY
        return 0

    connection.connection.set_progress_handler(tick, EVERY)
    try:
        yield ticks
    finally:
        connection.connection.set_progress_handler(None, 0)


def ask(client: Client, data: dict[str, str]) -> Any:
    return client.post("/studies/", data)


def search(client: Client, query: str) -> Any:
    return client.get(f"/dicom-web/studies?{query}")


@pytest.fixture(scope="module")
def costs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Cost]]:
    """Ask everything at each size, in one transaction that leaves nothing behind."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        remember_long(patch)
        patch.setattr("accounts.resolve.SEEN_EVERY_S", 3600)
        with connection.cursor() as cursor:
            # All of it lies in memory until it is taken back.
            cursor.execute("PRAGMA cache_size = -400000")
            yield _measure()
            cursor.execute("PRAGMA cache_size = -2000")
        transaction.set_rollback(True)


def _measure() -> dict[str, Cost]:
    busy, neighbours = make_tenant(), [make_tenant() for _ in range(NEIGHBOURS)]
    member = browser_of(make_actor(busy, "owner"))
    token = accounts.create_token(actor=system_actor(busy.id), name="t", scopes=["dicomweb.read"])
    program = Client(headers={"Authorization": f"Bearer {token}"})
    dentist = browser_of(make_actor(busy, "dentist"))
    questions: dict[str, Callable[[], Any]] = {
        **{name: partial(ask, member, data) for name, data in WORKLIST.items()},
        **{f"a dentist: {name}": partial(ask, dentist, WORKLIST[name]) for name in OF_A_DENTIST},
        **{name: partial(search, program, query) for name, query in QIDO.items()},
    }
    found = {name: Cost() for name in questions}
    before = 0
    for size in SIZES:
        half, each = (size - before) // 2, (size - before) // 2 // NEIGHBOURS
        add_studies(busy, before + 1, before + half)
        for number, tenant in enumerate(neighbours):
            first = before + half + number * each
            add_studies(tenant, first + 1, first + each)
        if not before:
            _remember(questions.values())
        before = size
        for name, question in questions.items():
            _ask(found[name], size, question)
    return found


def _remember(questions: Iterable[Callable[[], Any]]) -> None:
    """Let the process remember what it does not ask again."""
    for question in questions:
        question()


def _ask(cost: Cost, size: int, question: Callable[[], Any]) -> None:
    with counting() as steps, CaptureQueriesContext(connection) as queries:
        answer = question()
    assert answer.status_code == 200
    cost.steps[size], cost.queries = steps[0], len(queries)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_page_costs_no_more_among_ten_times_as_many_studies(costs: dict[str, Cost], name: str) -> None:
    steps = costs[name].steps

    assert max(steps.values()) < CEILING


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_page_asks_more_than_twelve_questions(costs: dict[str, Cost], name: str) -> None:
    assert costs[name].queries <= MAX_QUERIES
