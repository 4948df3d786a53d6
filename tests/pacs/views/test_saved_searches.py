"""Searches that are kept: for oneself or for everybody in the centre, never with a patient in them."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.models import SavedSearch
from tests.factories.rows import make_row

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]


def save(client: Client, **fields: str) -> str:
    return client.post("/studies/searches/", {"title": "Mine", "modality": "PX", **fields}).headers.get("Location", "")


def chips(client: Client) -> list[str]:
    page = client.get("/studies/").content.decode()
    return re.findall(r'href="/studies/\?saved=[^"]+"\s*>\s*([^<]+?)\s*<', page)


def test_a_kept_search_narrows_the_list(tenant: Tenant, enter: Enter) -> None:
    make_row(tenant.id, name="Film^F", modalities="PX")
    make_row(tenant.id, name="Volume^V", modalities="CT")
    client = enter("technician")
    page = client.get(save(client)).content.decode()

    assert "Film, F" in page
    assert "Volume, V" not in page


def test_a_search_of_ones_own_is_seen_by_oneself(enter: Enter) -> None:
    client, other = enter("technician"), enter("dentist")
    save(client)

    assert (chips(client), chips(other)) == (["Mine"], [])


def test_a_shared_search_is_seen_by_everybody_in_the_centre_alone(enter: Enter, stranger: Client) -> None:
    save(enter("technician"), is_shared="on")

    assert (chips(enter("dentist")), chips(stranger)) == (["Mine"], [])


def test_keeping_under_the_same_name_replaces(tenant: Tenant, enter: Enter) -> None:
    client = enter("technician")
    save(client)
    save(client, modality="CT")
    with tenant_scope(tenant.id):
        assert list(SavedSearch.objects.values_list("criteria", flat=True)) == [{"modality": "CT"}]


@pytest.mark.req("PA-03")
def test_the_name_and_number_of_a_patient_are_not_kept(tenant: Tenant, enter: Enter) -> None:
    save(enter("technician"), name="Secret", number="PID-9", status="held")
    with tenant_scope(tenant.id):
        assert SavedSearch.objects.get().criteria == {"modality": "PX", "status": "held"}


@pytest.mark.parametrize("fields", [{"modality": ""}, {"modality": "", "name": "Secret"}, {"title": ""}], ids=str)
def test_what_cannot_be_kept_is_refused(enter: Enter, fields: dict[str, str]) -> None:
    answer = enter("technician").post("/studies/searches/", {"title": "Mine", "modality": "PX", **fields})

    assert answer.status_code == 400


def test_dates_come_back_as_dates(tenant: Tenant, enter: Enter) -> None:
    client = enter("technician")
    page = client.get(save(client, since="2026-01-02")).content.decode()

    assert 'value="2026-01-02"' in page


@pytest.mark.req("PA-06")
def test_a_search_of_somebody_else_is_not_removed(tenant: Tenant, enter: Enter) -> None:
    save(enter("technician"), is_shared="on")
    with tenant_scope(tenant.id):
        search_id = SavedSearch.objects.get().id

    assert enter("dentist").post(f"/studies/searches/{search_id}/delete/").status_code == 404
    assert enter("owner").post(f"/studies/searches/{search_id}/delete/").status_code == 302


@pytest.mark.req("PA-06")
def test_a_search_that_is_not_shared_is_absent_for_others(tenant: Tenant, enter: Enter) -> None:
    save(enter("technician"))
    with tenant_scope(tenant.id):
        search_id = SavedSearch.objects.get().id

    assert enter("owner").get(f"/studies/?saved={search_id}").status_code == 404
