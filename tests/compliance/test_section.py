"""The tabs of the section: those that somebody may open, with the present one marked."""

import html
import re
from collections.abc import Iterator, Sequence

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import Tenant
from common.ids import uuid7
from compliance import section, urls
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def _marked(browser: Client, path: str) -> list[list[str]]:
    """Return which links of each row of tabs are marked: first the groups, then the pages of the present one."""
    text = browser.get(path).content.decode()
    rows = [part.partition("</nav>")[0] for part in text.split('class="tab-row')[1:3]]
    marks = [re.findall(r'aria-current="(?:page|true)"[^>]*>([^<]+)<', row) for row in rows]
    return [[html.unescape(label).strip() for label in row] for row in marks]


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/compliance/assets/", [["Systems"], ["Inventory"]]),
        ("/compliance/assets/new/", [["Systems"], ["Inventory"]]),
        ("/compliance/devices/", [["Systems"], ["Devices seen"]]),
        ("/compliance/flows/", [["Systems"], ["Data flows"]]),
        ("/compliance/parties/new/", [["Systems"], ["Data flows"]]),
        ("/compliance/packs/", [["Analysis"], ["Frameworks"]]),
        ("/compliance/training/", [["Policies"], ["All policies"]]),
        ("/compliance/policies/mine/", [["Policies"], ["My policies"]]),
        ("/compliance/disclosures/", [["Work"], ["Requests"]]),
        ("/compliance/retention/holds/", [["Retention"]]),
    ],
)
def test_one_tab_is_marked_on_every_page_below_it(tenant: Tenant, path: str, marked: list[list[str]]) -> None:
    assert _marked(enter_as(tenant, "compliance_officer"), path) == marked


def test_the_register_of_an_analysis_belongs_to_the_risks() -> None:
    found = [section.current(f"/compliance/analysis/{uuid7()}/{page}") for page in ("risks/", "gates/")]

    assert [str(tab.label) for tab in found if tab] == ["Risks", "Risk analysis"]


def test_every_address_of_the_section_belongs_to_a_tab() -> None:
    paths = {f"/compliance/{pattern.pattern}" for pattern in _patterns(urls.urlpatterns)} - {"/compliance/"}
    # Read by calendar programs, not by people.
    lost = {path for path in paths if section.current(path) is None and not path.endswith(".ics")}

    assert len(paths) > 100
    assert lost == set()


def _patterns(found: Sequence[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns)
        else:
            yield one


@pytest.mark.parametrize(
    ("role", "first"),
    [("compliance_officer", "/compliance/analysis/"), ("technician", "/compliance/analysis/assigned/")],
)
def test_the_front_door_leads_to_the_first_page_of_a_role(tenant: Tenant, role: str, first: str) -> None:
    answer = enter_as(tenant, role).get("/compliance/")

    assert (answer.status_code, answer["Location"]) == (302, first)


def test_a_stranger_at_the_front_door_signs_in_first(client: Client) -> None:
    answer = client.get("/compliance/")

    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/")


def test_the_pages_of_a_technician_lie_in_two_groups(tenant: Tenant) -> None:
    text = enter_as(tenant, "technician").get("/compliance/policies/mine/").content.decode()
    row = text.partition('class="tab-row')[2].partition("</nav>")[0]

    assert re.findall(r">([^<>]*\w)</a>", row) == ["Analysis", "Policies"]


@pytest.mark.parametrize(("role", "is_shown"), [("auditor", True), ("owner", True), ("dentist", False)])
def test_the_section_stands_in_the_navigation_of_who_may_read_it(tenant: Tenant, role: str, is_shown: bool) -> None:
    text = enter_as(tenant, role).get("/studies/").content.decode()

    assert ('href="/compliance/"' in text) is is_shown


def test_the_navigation_marks_the_section_on_each_of_its_pages(tenant: Tenant) -> None:
    text = enter_as(tenant, "compliance_officer").get("/compliance/assets/").content.decode()
    row = text.partition('class="topnav"')[2].partition("</nav>")[0]

    assert re.findall(r'aria-current="(page|true)"\s*>([^<]+)<', row) == [("true", "Compliance")]
