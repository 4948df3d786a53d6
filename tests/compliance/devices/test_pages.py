"""The pages about devices seen, and about the packs."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Tenant
from common.actor import Actor
from common.scope import tenant_scope
from compliance.models import Asset, DeviceSighting, PackChoice
from compliance.packs import selectors as packs
from compliance.packs import services as pack_services
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor
from tests.factories.inventory import add_asset
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db
CBCT: dict[str, Any] = {"Manufacturer": "Planmeca", "ManufacturerModelName": "Viso G7", "StationName": "CBCT-ROOM-2"}


@pytest.fixture
def browser(officer: Actor) -> Client:
    """Return the browser of the compliance officer."""
    return browser_of(officer)


@pytest.fixture
def seen(tenant: Tenant) -> DeviceSighting:
    """Store a study of a device that nobody knows."""
    make_study(tenant.id, "one", 1, prepared=True, **CBCT)
    with tenant_scope(tenant.id):
        row: DeviceSighting = DeviceSighting.objects.get()
    return row


def _text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def _asset(tenant: Tenant) -> Asset:
    with tenant_scope(tenant.id):
        row: Asset = Asset.objects.get()
    return row


@pytest.mark.req("X-03")
def test_an_unseen_device_waits_for_a_decision(browser: Client, seen: DeviceSighting) -> None:
    text = _text(browser.get("/compliance/devices/"))

    assert seen.label in text
    assert "Cone-beam CT unit with acquisition console" in text


def test_a_device_is_adopted_with_the_form(browser: Client, tenant: Tenant, seen: DeviceSighting) -> None:
    form = browser.get(f"/compliance/devices/{seen.id}/").context["form"]
    assert form["type_id"].value() == "AT-CBCT"
    sent = {"asset": "", "type_id": "AT-CBCT", "name": "CBCT, room 2", "site": "North"}
    first, second = (browser.post(f"/compliance/devices/{seen.id}/", sent) for _ in range(2))
    asset = _asset(tenant)

    assert (asset.name, asset.model) == ("CBCT, room 2", "Viso G7")
    assert first["Location"] == second["Location"] == f"/compliance/assets/{asset.id}/"


def test_a_device_is_said_to_be_an_asset_that_is_there(browser: Client, officer: Actor, seen: DeviceSighting) -> None:
    asset_id = add_asset(officer, "CBCT")
    browser.post(f"/compliance/devices/{seen.id}/", {"asset": str(asset_id)})

    assert _asset_of(officer, seen) == asset_id


def _asset_of(actor: Actor, seen: DeviceSighting) -> object:
    with tenant_scope(actor.tenant_id):
        return DeviceSighting.objects.get(id=seen.id).asset_id


def test_a_dismissed_device_is_listed_with_its_reason(browser: Client, seen: DeviceSighting) -> None:
    assert browser.post(f"/compliance/devices/{seen.id}/dismiss/", {"reason": ""}).status_code == 400
    browser.post(f"/compliance/devices/{seen.id}/dismiss/", {"reason": "Imported once."})
    text = _text(browser.get("/compliance/devices/"))
    assert "Imported once." in text
    assert "Nothing is waiting" in text

    browser.post(f"/compliance/devices/{seen.id}/reconsider/")
    assert "Nothing is waiting" not in _text(browser.get("/compliance/devices/"))


def test_looking_again_says_how_many_wait(browser: Client, seen: DeviceSighting) -> None:
    assert "1 device waits for a decision." in _text(browser.post("/compliance/devices/look", follow=True))


@pytest.mark.parametrize("path", ["", "dismiss/", "reconsider/"])
def test_an_auditor_decides_nothing(tenant: Tenant, seen: DeviceSighting, path: str) -> None:
    sent = {"asset": "", "type_id": "AT-CBCT", "name": "x", "reason": "x"}
    response = enter_as(tenant, "auditor").post(f"/compliance/devices/{seen.id}/{path}", sent)

    assert response.status_code == 403


# --- packs ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("RA-16")
def test_the_proposed_rule_is_off_labelled_and_switched_on_by_a_person(browser: Client, tenant: Tenant) -> None:
    text = _text(browser.get("/compliance/packs/"))
    assert "proposed, not law" in text
    assert "What is proposed" not in text

    browser.post("/compliance/packs/choose", {"pack": "hipaa-nprm-2025", "to": "on"})
    assert "What is proposed" in _text(browser.get("/compliance/packs/"))
    browser.post("/compliance/packs/choose", {"pack": "hipaa-nprm-2025", "to": "off"})
    with tenant_scope(tenant.id):
        assert "hipaa-nprm-2025" not in dict(packs.active_choice())


def test_a_pack_is_switched_for_one_tenant_alone(officer: Actor) -> None:
    other = make_actor(_other(), "owner")
    pack_services.choose_pack(actor=officer, pack_id="hipaa-nprm-2025", is_active=True)

    with tenant_scope(other.tenant_id):
        assert packs.active_choice() == (("dental-imaging", 1), ("hipaa", 1))


def _other() -> Tenant:
    from tests.factories.cast import make_tenant

    return make_tenant()


def test_switching_twice_is_switching_once(officer: Actor) -> None:
    for _ in range(2):
        pack_services.choose_pack(actor=officer, pack_id="hipaa-nprm-2025", is_active=True)

    with tenant_scope(officer.tenant_id):
        assert PackChoice.objects.count() == 1


def test_a_pack_that_another_builds_on_stays_on(browser: Client) -> None:
    response = browser.post("/compliance/packs/choose", {"pack": "dental-imaging", "to": "off"})

    assert response.status_code == 409
    assert "Switch off hipaa first" in _text(response)


@pytest.mark.parametrize("pack", ["", "none", "../hipaa"])
def test_a_pack_that_is_not_there_is_absent(browser: Client, pack: str) -> None:
    assert browser.post("/compliance/packs/choose", {"pack": pack, "to": "on"}).status_code == 404


def test_the_page_lists_what_no_question_leads_to(browser: Client) -> None:
    assert "164.314(a)(2)(ii)" in _text(browser.get("/compliance/packs/"))


def test_an_auditor_switches_nothing(tenant: Tenant) -> None:
    auditor = enter_as(tenant, "auditor")

    assert auditor.post("/compliance/packs/choose", {"pack": "hipaa", "to": "off"}).status_code == 403
