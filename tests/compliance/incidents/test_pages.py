"""An incident from discovery over its assessment and notices to its end."""

import datetime as dt
import io
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from accounts.models import Tenant
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import BreachAssessment, BreachNotice, Incident
from tests.factories.browsers import browser_of, enter_as
from tests.factories.sharing import share

pytestmark = pytest.mark.django_db


def report(**changes: str) -> dict[str, str]:
    return {
        "title": "Laptop stolen from a car",
        "kind": "lost_device",
        "description": "A laptop with images was taken.",
        "discovered_date": today().isoformat(),
        **changes,
    }


def factors(conclusion: str, level: str = "medium", **changes: str) -> dict[str, str]:
    given = {f"level_{number}": level for number in "1234"} | {f"words_{number}": "As we know" for number in "1234"}
    return {**given, "conclusion": conclusion, "reasons": "The disk was not encrypted", **changes}


def text_of(web: Client, path: str) -> str:
    return " ".join(web.get(path).content.decode().split())


def notice(kind: str, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "sent_date": today().isoformat(), "method": "Letter", "recipients": 3, **changes}


@pytest.fixture
def web(officer: Actor) -> Client:
    return browser_of(officer)


@pytest.fixture
def path(web: Client) -> str:
    return str(web.post("/compliance/incidents/report/", report())["Location"])


@pytest.mark.req("X-17")
def test_from_discovery_to_notices_within_sixty_days(officer: Actor, web: Client, path: str) -> None:
    page = text_of(web, path)
    assert "presumed to be a breach" in page
    assert "60 days left" in page
    edit = {**report(), "is_unsecured": "yes", "affected": "Ohio 3\nWest Virginia 2", "contact": "Call 555-0100"}
    web.post(f"{path}edit/", edit)
    web.post(f"{path}assess/", factors("breach"))
    assert web.post(f"{path}close/", {"note": "Done"}).status_code == 422

    with time_machine.travel(now() + dt.timedelta(days=50), tick=True):
        assert "10 days left" in text_of(browser_of(officer), "/compliance/incidents/")
    with time_machine.travel(now() + dt.timedelta(days=61), tick=True):
        assert "1 days late" in text_of(browser_of(officer), path)
    web.post(f"{path}notices/", notice("individuals", letter="Dear patient"))
    web.post(f"{path}notices/", notice("hhs"))
    assert web.post(f"{path}close/", {"note": "Disks are encrypted now"}).status_code == 302

    page = text_of(web, path)
    assert "Disks are encrypted now" in page
    assert "West Virginia: whether its own law asks for more, or earlier, is unknown to the portal." in page
    assert web.post(f"{path}edit/", edit).status_code == 422
    assert web.post(f"{path}reopen/", {"note": "Another stick turned up"}).status_code == 302


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (factors("low_probability", words_3=""), "This field is required"),
        (factors("low_probability", level="high"), "contradicts a low probability"),
        (factors("exception"), "An exception is named"),
        (factors("breach", exception="(1)(i)"), "An exception is named"),
        (factors("breach", reasons=""), "This field is required"),
    ],
)
def test_an_assessment_without_its_grounds_is_refused(
    web: Client, path: str, given: dict[str, str], words: str
) -> None:
    answer = web.post(f"{path}assess/", given)

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_later_assessment_follows_the_first(officer: Actor, web: Client, path: str) -> None:
    web.post(f"{path}assess/", factors("breach"))
    web.post(f"{path}assess/", factors("low_probability", level="low"))

    with tenant_scope(officer.tenant_id):
        assert BreachAssessment.objects.count() == 2
        assert Incident.objects.get().conclusion == "low_probability"
    assert "No notice is owed" in text_of(web, path)


@pytest.mark.parametrize(
    "changes",
    [{"discovered_date": "2099-01-01"}, {"occurred_date": "2099-01-01"}, {"discovered_date": ""}],
)
def test_days_that_cannot_be_are_refused(web: Client, changes: dict[str, str]) -> None:
    assert web.post("/compliance/incidents/report/", report(**changes)).status_code == 422


def test_a_notice_before_discovery_or_in_the_future_is_refused(web: Client, path: str) -> None:
    assert web.post(f"{path}notices/", notice("hhs", sent_date="2020-01-01")).status_code == 422
    assert web.post(f"{path}notices/", notice("hhs", sent_date="2099-01-01")).status_code == 422


def test_places_need_numbers(web: Client, path: str) -> None:
    answer = web.post(f"{path}edit/", {**report(), "is_unsecured": "no", "affected": "Ohio many"})

    assert answer.status_code == 422
    assert "Write a place and a number in each line." in answer.content.decode()


@pytest.mark.parametrize("kind", ["individuals", "media", "hhs"])
def test_letters_are_tagged_documents(web: Client, path: str, kind: str) -> None:
    made = web.get(f"{path}letters/{kind}/").content
    reader = PdfReader(io.BytesIO(made))
    text = "\n".join(page.extract_text() for page in reader.pages)

    assert "A laptop with images was taken." in text
    assert "45 CFR 164.40" in text
    assert b"pdfuaid" in made


@pytest.mark.req("X-17")
def test_who_was_exposed_is_found_and_sent_as_list_and_document(tenant: Tenant, web: Client, path: str) -> None:
    link = share(tenant, studies=2)
    web.post(f"{path}exposure/", {"kind": "link", "subject": str(link.link_id)})
    (found,) = set(re.findall(r"/compliance/exposures/[0-9a-f-]+/", text_of(web, path)))

    assert "Could have been opened, and was not" in text_of(web, found)
    lines = web.get(f"{found}list.csv").content.decode().splitlines()
    assert len(lines) == 3
    assert web.get(f"{found}report.pdf").content.startswith(b"%PDF")


def test_everybody_of_the_practice_may_report_and_only_officers_go_on(tenant: Tenant, officer: Actor) -> None:
    technician = enter_as(tenant, "technician")

    assert technician.post("/compliance/incidents/report/", report()).status_code == 302
    with tenant_scope(officer.tenant_id):
        row = Incident.objects.get()
    assert technician.get(f"/compliance/incidents/{row.id}/").status_code == 403
    auditor = enter_as(tenant, "auditor")
    assert auditor.get(f"/compliance/incidents/{row.id}/").status_code == 200
    assert auditor.post(f"/compliance/incidents/{row.id}/assess/", factors("breach")).status_code == 403


def test_the_log_asks_no_more_with_many_incidents(officer: Actor, web: Client) -> None:
    for number in range(8):
        path = web.post("/compliance/incidents/report/", report(title=f"Case {number}"))["Location"]
        web.post(f"{path}notices/", notice("individuals"))
    with CaptureQueriesContext(connection) as queries:
        assert web.get("/compliance/incidents/").status_code == 200

    assert len(queries) < 12
    with tenant_scope(officer.tenant_id):
        assert BreachNotice.objects.count() == 8
