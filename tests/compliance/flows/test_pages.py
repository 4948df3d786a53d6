"""The pages of map, flows and parties."""

import json
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Tenant
from common.actor import Actor
from common.scope import tenant_scope
from compliance.flows import services
from compliance.models import Asset, DataFlow, Party
from tests.factories.browsers import browser_of, enter_as
from tests.factories.inventory import add_asset, make_assets

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(officer: Actor) -> Client:
    """Return the browser of the compliance officer."""
    return browser_of(officer)


@pytest.fixture
def ends(officer: Actor) -> tuple[str, str]:
    """Return the keys of a CBCT unit and of an archive."""
    first, second = (add_asset(officer, name, kind) for name, kind in (("CBCT", "AT-CBCT"), ("Archive", "AT-PACS")))
    return f"asset:{first}", f"asset:{second}"


def _form(source: str, target: str, **changes: object) -> dict[str, object]:
    return {
        "source": source,
        "target": target,
        "channel_id": "EF-CSTORE",
        "ephi": "stored",
        "encryption": "no",
        "access_log": "unknown",
        **changes,
    }


def _text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def _only_flow(tenant: Tenant) -> DataFlow:
    with tenant_scope(tenant.id):
        row: DataFlow = DataFlow.objects.get()
    return row


def test_an_empty_map_says_how_to_begin(browser: Client) -> None:
    assert "Follow one image" in _text(browser.get("/compliance/flows/"))


@pytest.mark.req("RA-10")
def test_a_flow_is_added_changed_and_ended_with_forms_alone(
    browser: Client, tenant: Tenant, ends: tuple[str, str]
) -> None:
    form = browser.get(f"/compliance/flows/new/?source={ends[0]}").context["form"]
    assert form["source"].value() == ends[0]
    browser.post("/compliance/flows/new/", _form(*ends, request_id=form["request_id"].value()))
    flow = _only_flow(tenant)
    assert "CBCT" in _text(browser.get("/compliance/flows/"))

    page = _text(browser.get(f"/compliance/flows/{flow.id}/"))
    assert "inside modality VLAN only" in page
    assert "exposed PACS, DICOM port" in page
    browser.post(f"/compliance/flows/{flow.id}/", _form(*ends, encryption="yes", label="CBCT volumes"))
    assert (_only_flow(tenant).encryption, _only_flow(tenant).label) == ("yes", "CBCT volumes")

    browser.post(f"/compliance/flows/{flow.id}/end/")
    assert "It takes place again" in _text(browser.get("/compliance/flows/"))
    browser.post(f"/compliance/flows/{flow.id}/resume/")
    assert _only_flow(tenant).ended_date is None


def test_a_party_is_added_and_can_be_chosen(browser: Client, tenant: Tenant) -> None:
    browser.post("/compliance/parties/new/", {"name": "Aligner lab", "kind": "laboratory"})
    with tenant_scope(tenant.id):
        party = Party.objects.get()
    assert f"party:{party.id}" in _text(browser.get("/compliance/flows/new/"))

    browser.post(f"/compliance/parties/{party.id}/", {"name": "Aligner lab", "kind": "vendor"})
    assert "Vendor or service" in _text(browser.get(f"/compliance/parties/{party.id}/"))


def test_a_refused_flow_is_shown_with_its_reason(browser: Client, ends: tuple[str, str]) -> None:
    response = browser.post("/compliance/flows/new/", _form(ends[0], ends[0]))

    assert response.status_code == 422
    assert "A flow leads from one place to another." in _text(response)


def test_the_table_numbers_flows_as_the_map_does(browser: Client, officer: Actor, ends: tuple[str, str]) -> None:
    services.add_flow(actor=officer, source=ends[0], target=ends[1], values={"channel_id": "EF-CSTORE"})
    services.add_flow(actor=officer, source=ends[1], target=ends[0], values={"channel_id": "EF-MWL"})
    rows = browser.get("/compliance/flows/").context["page"].rows
    data = browser.get("/compliance/flows/map.json").json()

    assert {flow["id"]: flow["number"] for flow in data["flows"]} == {str(row.id): row.number for row in rows}


def test_the_drawing_of_an_earlier_day_is_served(browser: Client, officer: Actor, ends: tuple[str, str]) -> None:
    services.add_flow(actor=officer, source=ends[0], target=ends[1], values={"channel_id": "EF-CSTORE"})
    response = browser.get("/compliance/flows/map.svg?as_of=2020-01-01")

    assert response["Content-Type"] == "image/svg+xml"
    assert "As of 2020-01-01" in _text(response)
    assert "No flow is recorded." in _text(response)


def test_the_map_of_the_last_day_of_the_calendar_is_that_of_today(
    browser: Client, officer: Actor, ends: tuple[str, str]
) -> None:
    services.add_flow(actor=officer, source=ends[0], target=ends[1], values={"channel_id": "EF-CSTORE"})
    response = browser.get("/compliance/flows/?as_of=9999-12-31")

    assert response.status_code == 200
    assert len(response.context["page"].rows) == 1


def test_places_are_saved_from_the_map(browser: Client, tenant: Tenant, ends: tuple[str, str]) -> None:
    body = json.dumps({ends[0]: [120, 40]})
    response = browser.post("/compliance/flows/places", body, content_type="application/json")

    assert response.status_code == 204
    with tenant_scope(tenant.id):
        assert Asset.objects.get(id=UUID(ends[0].partition(":")[2])).map_x == 120


@pytest.mark.parametrize("body", ["", "[]", '{"asset:x": 3}', '{"asset:x": ["a", 1]}', "not json"])
def test_places_that_make_no_sense_are_refused(browser: Client, body: str) -> None:
    response = browser.post("/compliance/flows/places", body, content_type="application/json")

    assert response.status_code in {400, 404} or not json.loads(body)


def test_an_auditor_reads_a_flow_and_changes_none(tenant: Tenant, officer: Actor, ends: tuple[str, str]) -> None:
    flow_id = services.add_flow(actor=officer, source=ends[0], target=ends[1], values={"channel_id": "EF-CSTORE"})
    auditor = enter_as(tenant, "auditor")

    assert auditor.get(f"/compliance/flows/{flow_id}/").status_code == 200
    assert auditor.post(f"/compliance/flows/{flow_id}/", _form(*ends)).status_code == 403
    assert auditor.post(f"/compliance/flows/{flow_id}/end/").status_code == 403
    assert auditor.post("/compliance/flows/places", "{}", content_type="application/json").status_code == 403


def test_a_map_of_500_assets_and_100_flows_costs_no_more_queries(
    browser: Client, tenant: Tenant, officer: Actor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_assets(tenant.id, 500)
    with tenant_scope(tenant.id):
        ids = list(Asset.objects.values_list("id", flat=True))
        DataFlow.objects.bulk_create(
            DataFlow(tenant_id=tenant.id, source_asset_id=source, target_asset_id=target, channel_id="EF-SMB")
            for source, target in zip(ids[:100], ids[100:200], strict=True)
        )
    browser.get("/compliance/flows/")

    with django_assert_max_num_queries(12):
        browser.get("/compliance/flows/")


def test_the_page_of_an_asset_lists_its_flows(browser: Client, officer: Actor, ends: tuple[str, str]) -> None:
    values = {"channel_id": "EF-USBOUT"}
    flow_id = services.add_flow(actor=officer, source=ends[0], target=ends[1], values=values)
    text = _text(browser.get(f"/compliance/assets/{ends[1].partition(':')[2]}/"))

    assert f"/compliance/flows/{flow_id}/" in text
    assert "leaves the practice" in text
