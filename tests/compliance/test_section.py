"""The tabs of the section: those that somebody may open, with the present one marked."""

import pytest
from django.test import Client

from accounts.models import Tenant
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def _current_tabs(browser: Client, path: str) -> list[str]:
    text = browser.get(path).content.decode()
    row = text.partition('class="tab-row"')[2].partition("</nav>")[0]
    return [part.partition(">")[2].partition("<")[0].strip() for part in row.split('aria-current="page"')[1:]]


@pytest.mark.parametrize(
    ("path", "tab"),
    [
        ("/compliance/assets/", "Inventory"),
        ("/compliance/assets/new/", "Inventory"),
        ("/compliance/devices/", "Devices seen"),
        ("/compliance/flows/", "Data flows"),
        ("/compliance/packs/", "Frameworks"),
    ],
)
def test_one_tab_is_marked_on_every_page_below_it(tenant: Tenant, path: str, tab: str) -> None:
    assert _current_tabs(enter_as(tenant, "compliance_officer"), path) == [tab]


@pytest.mark.parametrize(("role", "is_shown"), [("auditor", True), ("owner", True), ("dentist", False)])
def test_the_section_stands_in_the_navigation_of_who_may_read_it(tenant: Tenant, role: str, is_shown: bool) -> None:
    text = enter_as(tenant, role).get("/studies/").content.decode()

    assert ('href="/compliance/analysis/"' in text) is is_shown
