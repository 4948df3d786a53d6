"""The same addresses, asked by their own tenant, each request in transactions of its own as in a deployment.

Tests usually run inside one transaction, in which PostgreSQL remembers a tenant for longer than the portal does: what
reads a row outside of its scope is found here only.
"""

from collections.abc import Iterator

import pytest

from pacs.dicomweb import access
from tests.isolation.matrix import faults, unread
from tests.isolation.routes import with_ids, without_ids
from tests.isolation.world import Victim, client_of, make_victim

pytestmark = pytest.mark.django_db(transaction=True)

# Not read, but written to; or of the demo only.
NOT_PAGES = {
    "studies/{study_id}/delete/": 404,
    "studies/{study_id}/restore/": 404,
    "s/{link_id}/open": 404,
    "s/{link_id}/resend": 404,
    "s/{link_id}/code": 404,
    "shares/{link_id}/revoke/": 404,
    "demo/sign-in/{key}/": 404,
}
# An owner does not write reports.
OF_OTHERS = {"studies/{study_id}/report/": 403}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    access.forget()
    yield
    access.forget()


@pytest.fixture
def home() -> Victim:
    return make_victim()


def test_an_owner_reads_everything_of_the_tenant(home: Victim) -> None:
    assert unread(client_of("owner", home.tenant, home.study), with_ids(), home) == {**NOT_PAGES, **OF_OTHERS}


@pytest.mark.parametrize("who", ["owner", "radiologist", "token", "guest"])
def test_no_question_about_ones_own_is_answered_by_a_server_error(home: Victim, who: str) -> None:
    assert faults(client_of(who, home.tenant, home.study), with_ids(), home) == {}


def test_no_page_without_an_id_is_answered_by_a_server_error(home: Victim) -> None:
    # It has no worker.
    pages = [route for route in without_ids() if route.template != "readyz"]

    assert faults(client_of("owner", home.tenant, home.study), pages, home) == {}
