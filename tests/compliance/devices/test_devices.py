"""Devices that left their traces: proposed once, adopted or dismissed by a person, announced when they are new."""

import datetime as dt
from typing import Any

import pytest

from accounts import services as accounts
from accounts.models import SignIn, Tenant
from common.actor import Actor, system_actor
from common.clock import now
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance import handlers
from compliance.devices import selectors, services
from compliance.errors import (
    AssetNotFoundError,
    InventoryConflictError,
    InventoryRefusedError,
    SightingNotFoundError,
)
from compliance.events import AssetChanged, DeviceSeen
from compliance.models import Asset, DeviceSighting
from config.wiring import handlers as wiring
from outbox import services as outbox
from outbox.events import Event
from outbox.models import OutboxMessage
from pacs.events import SeriesReceived
from tests.factories.cast import make_actor, make_member, make_tenant
from tests.factories.inventory import add_asset, get_asset
from tests.factories.studies import make_study

pytestmark = pytest.mark.django_db
CBCT: dict[str, Any] = {
    "Manufacturer": "Planmeca",
    "ManufacturerModelName": "Viso G7",
    "StationName": "CBCT-ROOM-2",
    "InstitutionName": "North Imaging",
    "DeviceSerialNumber": "SN-4711",
    "SoftwareVersions": "5.4.1",
}


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what is announced about devices."""
    found: list[Any] = []
    publish = outbox.publish

    def note(event: Event, **options: float) -> None:
        found.extend([event] if isinstance(event, DeviceSeen | AssetChanged) else [])
        publish(event, **options)

    monkeypatch.setattr(outbox, "publish", note)
    return found


def _sightings(tenant: Tenant, **narrow: Any) -> list[DeviceSighting]:
    with tenant_scope(tenant.id):
        return list(DeviceSighting.objects.filter(**narrow).order_by("id"))


def _seen(tenant: Tenant, seed: str = "one", **elements: Any) -> DeviceSighting:
    """Store a study of a device, deliver what was announced, and return what was written down."""
    make_study(tenant.id, seed, 1, prepared=True, **{**CBCT, **elements})
    return _sightings(tenant, kind="modality")[-1]


# --- seeing -----------------------------------------------------------------------------------------------------------


def test_a_stored_series_reaches_the_handler() -> None:
    assert handlers.see_device in wiring()[SeriesReceived]


@pytest.mark.req("X-03")
@pytest.mark.req("RA-13")
def test_a_study_of_an_unseen_device_proposes_the_device(tenant: Tenant) -> None:
    seen = _seen(tenant)

    assert (seen.state, seen.label) == ("proposed", "Planmeca Viso G7 (CBCT-ROOM-2)")
    assert seen.suggested_type_id == "AT-CBCT"
    assert seen.facts == {
        "vendor": "Planmeca",
        "model": "Viso G7",
        "serial": "SN-4711",
        "hostname": "CBCT-ROOM-2",
        "site": "North Imaging",
        "modality": "CT",
        "software_versions": ["5.4.1"],
    }


@pytest.mark.req("X-03")
def test_an_unseen_device_is_announced_once(tenant: Tenant, announced: list[Any]) -> None:
    study = make_study(tenant.id, "one", 1, **CBCT)
    with tenant_scope(tenant.id):
        series_id = study.series.get().id
    for _ in range(2):
        services.see_series(tenant_id=tenant.id, series_id=series_id)
    (seen,) = _sightings(tenant)

    assert announced == [DeviceSeen(tenant_id=tenant.id, sighting_id=seen.id, kind="modality")]


def test_the_same_device_is_recognised_whatever_case_and_spaces_it_is_written_with(tenant: Tenant) -> None:
    _seen(tenant)
    _seen(tenant, "two", Manufacturer="PLANMECA ", ManufacturerModelName="Viso  G7")

    assert len(_sightings(tenant, kind="modality")) == 1


def test_two_devices_of_a_model_are_told_apart_by_their_serial_numbers(tenant: Tenant) -> None:
    _seen(tenant)
    _seen(tenant, "two", DeviceSerialNumber="SN-4712")

    assert len(_sightings(tenant, kind="modality")) == 2


def test_a_series_that_names_no_device_is_no_device(tenant: Tenant) -> None:
    make_study(tenant.id, "anonymous", 1, prepared=True)

    assert _sightings(tenant) == []


@pytest.mark.parametrize(
    ("elements", "type_id"),
    [
        ({"Modality": "PX", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1"}, "AT-PAN"),
        ({"Modality": "IO", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.3"}, "AT-IOS-SENSOR"),
        ({"Modality": "OT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "AT-CAPWS"),
    ],
)
def test_the_type_is_suggested_by_what_the_device_makes(tenant: Tenant, elements: dict[str, Any], type_id: str) -> None:
    assert _seen(tenant, **elements).suggested_type_id == type_id


def test_a_device_that_is_busy_is_not_written_with_every_series(tenant: Tenant) -> None:
    _seen(tenant)
    lately = _age(tenant, dt.timedelta(minutes=30))

    assert lately == _seen(tenant, "two").last_seen_at


def test_a_device_that_sends_again_after_an_hour_is_seen_anew(tenant: Tenant) -> None:
    _seen(tenant)
    earlier = _age(tenant, dt.timedelta(minutes=70))

    assert _seen(tenant, "two").last_seen_at > earlier


def _age(tenant: Tenant, by: dt.timedelta) -> dt.datetime:
    """Let a device have been seen so long ago. The clock stays: an object store refuses requests from another day."""
    seen_at = now() - by
    with tenant_scope(tenant.id):
        DeviceSighting.objects.update(last_seen_at=seen_at)
    return seen_at


@pytest.mark.req("RA-13")
def test_new_software_on_a_device_of_the_inventory_is_announced_once(
    tenant: Tenant, officer: Actor, announced: list[Any]
) -> None:
    seen = _see_now(tenant, "one")
    asset_id = services.adopt_as_new(actor=officer, sighting_id=seen.id, type_id="AT-CBCT", name="CBCT")
    announced.clear()
    for seed in ("two", "three"):
        _see_now(tenant, seed, SoftwareVersions="6.0.0")

    assert announced == [AssetChanged(tenant_id=tenant.id, asset_id=asset_id, reason="software")]
    assert _sightings(tenant)[0].facts["software_versions"] == ["5.4.1", "6.0.0"]


def _see_now(tenant: Tenant, seed: str, **elements: Any) -> DeviceSighting:
    study = make_study(tenant.id, seed, 1, **{**CBCT, **elements})
    with tenant_scope(tenant.id):
        series_id = study.series.get().id
    services.see_series(tenant_id=tenant.id, series_id=series_id)
    return _sightings(tenant)[0]


# --- looking around ---------------------------------------------------------------------------------------------------


def test_looking_around_finds_devices_of_studies_that_were_there_before(tenant: Tenant, officer: Actor) -> None:
    make_study(tenant.id, "old", 1, **CBCT)
    assert _sightings(tenant) == []

    assert services.request_look(actor=officer) == 1
    assert [seen.label for seen in _sightings(tenant)] == ["Planmeca Viso G7 (CBCT-ROOM-2)"]


def test_a_token_is_proposed_as_a_credential_and_one_that_sends_as_a_sender(tenant: Tenant, officer: Actor) -> None:
    accounts.create_token(actor=system_actor(tenant.id), name="Reporting script", scopes=["dicomweb.read"])
    services.look_around(tenant_id=tenant.id)
    (seen,) = _sightings(tenant, kind="token")

    assert (seen.label, seen.suggested_type_id) == ("Reporting script", "AT-APIKEY")
    assert seen.facts["scopes"] == "dicomweb.read"


def test_browsers_of_staff_are_proposed_and_those_of_strangers_are_not(tenant: Tenant) -> None:
    stranger = make_member(make_tenant(), "owner")
    SignIn.objects.create(user=make_member(tenant, "dentist"), session_key="a", device="Firefox · Windows")
    SignIn.objects.create(user=make_member(tenant, "owner"), session_key="b", device="Safari · iPhone")
    SignIn.objects.create(user=stranger, session_key="c", device="Opera · Linux")
    services.look_around(tenant_id=tenant.id)

    assert {(seen.label, seen.suggested_type_id) for seen in _sightings(tenant, kind="browser")} == {
        ("Firefox · Windows", "AT-VIEWWS"),
        ("Safari · iPhone", "AT-MOBILE"),
    }


def test_looking_twice_finds_everything_once(tenant: Tenant, officer: Actor) -> None:
    make_study(tenant.id, "old", 1, **CBCT)
    accounts.create_token(actor=system_actor(tenant.id), name="Script", scopes=["dicomweb.read"])
    first = services.request_look(actor=officer)

    assert services.request_look(actor=officer) == first


def test_the_clock_looks_around_in_every_tenant(tenant: Tenant) -> None:
    make_study(tenant.id, "old", 1, **CBCT)
    services.look_everywhere()

    assert len(_sightings(tenant)) == 1


# --- deciding ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("RA-09")
def test_an_adopted_device_stands_in_the_inventory_with_what_is_known_of_it(tenant: Tenant, officer: Actor) -> None:
    seen = _seen(tenant)
    asset_id = services.adopt_as_new(
        actor=officer, sighting_id=seen.id, type_id="AT-CBCT", name="CBCT, room 2", site="North"
    )
    asset = get_asset(tenant.id, asset_id)

    assert (asset.name, asset.vendor, asset.model, asset.serial) == ("CBCT, room 2", "Planmeca", "Viso G7", "SN-4711")
    assert (asset.site, asset.software_version, asset.ephi, asset.criticality) == ("North", "5.4.1", "stored", "high")
    assert _sightings(tenant)[0].asset_id == asset_id


def test_adopting_twice_is_adopting_once(tenant: Tenant, officer: Actor) -> None:
    seen = _seen(tenant)
    first, second = (
        services.adopt_as_new(actor=officer, sighting_id=seen.id, type_id="AT-CBCT", name="CBCT") for _ in range(2)
    )

    assert first == second
    with tenant_scope(tenant.id):
        assert Asset.objects.count() == 1


def test_a_device_may_be_an_asset_that_is_there(tenant: Tenant, officer: Actor) -> None:
    seen, asset_id = _seen(tenant), add_asset(officer, "CBCT", "AT-CBCT")
    services.adopt_as_known(actor=officer, sighting_id=seen.id, asset_id=asset_id)

    assert [(row.state, row.asset_id) for row in _sightings(tenant)] == [("adopted", asset_id)]


def test_a_device_is_no_asset_that_was_disposed_of(tenant: Tenant, officer: Actor) -> None:
    from compliance.assets import services as assets

    seen, asset_id = _seen(tenant), add_asset(officer)
    assets.dispose_asset(actor=officer, asset_id=asset_id, date=dt.date(2026, 3, 1), method="wiped")

    with pytest.raises(InventoryConflictError, match="the device still sends"):
        services.adopt_as_known(actor=officer, sighting_id=seen.id, asset_id=asset_id)


def test_a_device_is_no_asset_of_another_tenant(tenant: Tenant, officer: Actor) -> None:
    foreign = add_asset(make_actor(make_tenant(), "owner"))

    with pytest.raises(AssetNotFoundError):
        services.adopt_as_known(actor=officer, sighting_id=_seen(tenant).id, asset_id=foreign)


def test_dismissing_needs_a_reason_and_stays_when_the_device_sends_again(tenant: Tenant, officer: Actor) -> None:
    seen = _seen(tenant)
    with pytest.raises(InventoryRefusedError, match="Say why"):
        services.dismiss(actor=officer, sighting_id=seen.id, reason="  ")
    services.dismiss(actor=officer, sighting_id=seen.id, reason="Of another centre.")
    again = _seen(tenant, "two")

    assert (again.id, again.state, again.reason) == (seen.id, "dismissed", "Of another centre.")
    with tenant_scope(tenant.id):
        assert selectors.count_proposed() == 0


def test_a_decision_is_taken_again(tenant: Tenant, officer: Actor) -> None:
    seen = _seen(tenant)
    services.dismiss(actor=officer, sighting_id=seen.id, reason="Of another centre.")
    services.reconsider(actor=officer, sighting_id=seen.id)

    assert [(row.state, row.reason) for row in _sightings(tenant)] == [("proposed", "")]


@pytest.mark.parametrize("role", ["auditor", "administrator", "technician"])
def test_who_may_not_write_decides_nothing(tenant: Tenant, role: str) -> None:
    seen, actor = _seen(tenant), make_actor(tenant, role)

    with pytest.raises(ForbiddenError):
        services.adopt_as_new(actor=actor, sighting_id=seen.id, type_id="AT-CBCT", name="CBCT")
    with pytest.raises(ForbiddenError):
        services.dismiss(actor=actor, sighting_id=seen.id, reason="x")
    with pytest.raises(ForbiddenError):
        services.request_look(actor=actor)


def test_a_device_of_another_tenant_is_absent(officer: Actor) -> None:
    foreign = _seen(make_tenant())

    with pytest.raises(SightingNotFoundError):
        services.dismiss(actor=officer, sighting_id=foreign.id, reason="x")


def test_what_is_announced_is_queued_for_delivery(tenant: Tenant) -> None:
    study = make_study(tenant.id, "one", 1, **CBCT)
    with tenant_scope(tenant.id):
        series_id = study.series.get().id
    services.see_series(tenant_id=tenant.id, series_id=series_id)

    with tenant_scope(tenant.id):
        topics = set(OutboxMessage.objects.values_list("topic", flat=True))
    expected = {f"compliance.device-seen>{one.__module__}.{one.__name__}" for one in wiring().get(DeviceSeen, [])}
    assert expected <= topics
