"""The page of webhooks."""

import pytest

from accounts.models import Tenant
from common import outgoing
from common.scope import tenant_scope
from pacs.changes import selectors
from pacs.changes.models import Hook
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-32")]
PAGE = "/webhooks/"
URL = "https://program.example/hook"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def hook(tenant: Tenant) -> Hook:
    with tenant_scope(tenant.id):
        (row,) = selectors.list_hooks()
    return row


def test_an_administrator_adds_a_webhook_and_sees_it(tenant: Tenant) -> None:
    client = enter_as(tenant, "administrator")

    page = client.post(PAGE, {"url": URL}, follow=True).content.decode()

    assert URL in page
    assert "whpk_" in page


def test_an_address_that_is_refused_stays_in_the_form(tenant: Tenant) -> None:
    answer = enter_as(tenant, "owner").post(PAGE, {"url": "http://program.example/"})

    assert answer.status_code == 422
    assert "http://program.example/" in answer.content.decode()
    assert "https://host/path" in answer.content.decode()


def test_a_webhook_is_turned_off_and_on_and_removed(tenant: Tenant) -> None:
    client = enter_as(tenant, "owner")
    client.post(PAGE, {"url": URL})
    found = hook(tenant)
    states = []

    for _ in range(2):
        client.post(f"{PAGE}{found.id}/switch/")
        states.append(hook(tenant).is_on)
    client.post(f"{PAGE}{found.id}/remove/")

    assert states == [False, True]
    assert URL not in client.get(PAGE).content.decode()


def test_a_test_that_was_not_taken_says_why(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    client = enter_as(tenant, "owner")
    client.post(PAGE, {"url": URL})
    monkeypatch.setattr(outgoing, "_resolved", lambda *_: "127.0.0.1")

    page = client.post(f"{PAGE}{hook(tenant).id}/test/", follow=True).content.decode()

    assert "No answer" in page


def test_others_do_not_see_the_page(tenant: Tenant) -> None:
    enter_as(tenant, "owner").post(PAGE, {"url": URL})
    technician = enter_as(tenant, "technician")

    answers = [technician.get(PAGE)] + [
        technician.post(f"{PAGE}{hook(tenant).id}/{what}/") for what in ("switch", "test", "remove")
    ]

    assert [answer.status_code for answer in answers] == [403] * 4


def test_a_webhook_of_another_centre_is_not_there(tenant: Tenant) -> None:
    enter_as(tenant, "owner").post(PAGE, {"url": URL})
    stranger = enter_as(make_tenant(), "owner")

    answers = [stranger.post(f"{PAGE}{hook(tenant).id}/{what}/") for what in ("switch", "test", "remove")]

    assert [answer.status_code for answer in answers] == [404] * 3
