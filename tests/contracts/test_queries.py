"""No list page takes more than twelve queries, asked for the first time by a process that remembers nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import selectors, services
from accounts.models import Directory, Tenant
from common.actor import Actor
from common.scope import tenant_scope
from tests.factories.browsers import browser_of
from tests.factories.cast import make_actor, make_tenant
from tests.factories.queries import questions
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db

MAX_QUERIES = 12
STUDIES = 8
LISTS = {
    "pacs:worklist": "owner",
    "pacs:conflicts": "owner",
    "pacs:quarantine": "owner",
    "pacs:bin": "owner",
    "pacs:upload": "technician",
    "pacs:figures": "owner",
    "pacs:emergencies": "compliance_officer",
    "audit:log": "compliance_officer",
    "accounts:people": "owner",
    "accounts:sites": "owner",
    "accounts:referrers": "owner",
    "accounts:tokens": "owner",
    "accounts:account": "dentist",
    "compliance:analyses": "compliance_officer",
    "compliance:assigned": "compliance_officer",
}


@pytest.fixture
def busy() -> Tenant:
    """A tenant with some studies: what a page asks for each row would show."""
    tenant = make_tenant()
    for number in range(STUDIES):
        make_study(tenant.id, f"study {number}", 1)
    return tenant


def count(client: Client, path: str, data: dict[str, str] | None = None) -> int:
    """Ask as the first request after a start would."""
    selectors.forget()
    with questions() as asked:
        answer = client.post(path, data) if data else client.get(path)
    assert answer.status_code == 200
    return len(asked)


def place_elsewhere(actor: Actor) -> None:
    """Let a person work for a second tenant."""
    other = make_tenant()
    Directory.objects.create(credential_id=actor.id, tenant_id=other.id)


@pytest.mark.parametrize(("name", "role"), LISTS.items(), ids=list(LISTS))
def test_a_cold_list_page_takes_at_most_twelve_queries(busy: Tenant, name: str, role: str) -> None:
    client = browser_of(make_actor(busy, role))

    assert count(client, reverse(name)) <= MAX_QUERIES


@pytest.mark.parametrize("data", [{"number": "P7"}, {"name": "s", "status": "unreported"}], ids=["number", "name"])
def test_a_cold_search_takes_at_most_twelve_queries(busy: Tenant, data: dict[str, str]) -> None:
    client = browser_of(make_actor(busy, "owner"))

    assert count(client, "/studies/", data) <= MAX_QUERIES


def test_a_person_of_several_tenants_takes_at_most_twelve(busy: Tenant) -> None:
    actor = make_actor(busy, "owner")
    place_elsewhere(actor)

    assert count(browser_of(actor), "/studies/", {"number": "P7"}) <= MAX_QUERIES


def test_a_person_who_was_let_go_is_offered_that_tenant_no_more(busy: Tenant) -> None:
    owner, actor = make_actor(busy, "owner"), make_actor(busy, "dentist")
    place_elsewhere(actor)
    here = selectors.other_tenants(user_id=actor.id, tenant_id=busy.id)
    with tenant_scope(busy.id):
        services.deactivate_member(actor=owner, user_id=actor.id)

    there = selectors.other_tenants(user_id=actor.id, tenant_id=here[0].id)

    assert [place.id for place in there] == []
