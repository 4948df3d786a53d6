"""The inventory: every change is checked, written into the history, audited and announced."""

import datetime as dt
from uuid import UUID

import pytest
import time_machine

from accounts.models import Tenant
from audit import selectors as audit
from common.actor import Actor
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from compliance import history
from compliance.assets import selectors, services
from compliance.errors import AssetNotFoundError, InventoryConflictError, InventoryRefusedError
from compliance.events import AssetChanged
from compliance.models import Asset, InventoryChange
from outbox import services as outbox
from tests.factories.cast import make_actor, make_tenant
from tests.factories.inventory import add_asset, get_asset

pytestmark = pytest.mark.django_db
VALUES = {"name": "Capture PC", "type_id": "AT-CAPWS"}


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[AssetChanged]:
    """Collect what is announced."""
    found: list[AssetChanged] = []
    monkeypatch.setattr("outbox.services.publish", found.append)
    return found


def _changes(tenant: Tenant, asset_id: UUID) -> list[InventoryChange]:
    with tenant_scope(tenant.id):
        return history.list_changes(noun="asset", subject_id=asset_id)


@pytest.mark.req("RA-09")
def test_an_asset_stands_in_the_inventory_with_a_number_of_its_own(tenant: Tenant, officer: Actor) -> None:
    first, second = add_asset(officer), add_asset(officer)

    assert get_asset(tenant.id, first).number == "A-0001"
    assert get_asset(tenant.id, second).number == "A-0002"


@pytest.mark.req("RA-03")
@pytest.mark.req("RA-11")
def test_shared_log_ins_old_systems_and_encryption_are_kept_for_each_asset(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(
        officer,
        operating_system="Windows 7",
        os_support_end_date=dt.date(2020, 1, 14),
        shared_login="yes",
        encryption_at_rest="no",
        encryption_in_transit="partly",
        ephi="stored",
        ephi_volume_patients=4200,
    )
    asset = get_asset(tenant.id, asset_id)

    assert (asset.operating_system, asset.os_support_end_date) == ("Windows 7", dt.date(2020, 1, 14))
    assert (asset.shared_login, asset.encryption_at_rest, asset.encryption_in_transit) == ("yes", "no", "partly")
    assert asset.ephi_volume_patients == 4200


def test_the_same_request_again_is_the_same_asset(tenant: Tenant, officer: Actor) -> None:
    request_id = uuid7()
    first = services.add_asset(actor=officer, values=VALUES, request_id=request_id)
    again = services.add_asset(actor=officer, values=VALUES, request_id=request_id)

    assert again == first
    with tenant_scope(tenant.id):
        assert Asset.objects.count() == 1


def test_two_tenants_may_send_the_same_request(officer: Actor) -> None:
    request_id = uuid7()
    other = make_actor(make_tenant(), "owner")
    first = services.add_asset(actor=officer, values=VALUES, request_id=request_id)

    assert services.add_asset(actor=other, values=VALUES, request_id=request_id) != first


def test_a_number_is_given_once(officer: Actor) -> None:
    add_asset(officer, number="PC-7")

    with pytest.raises(InventoryConflictError, match="another asset with the number PC-7"):
        add_asset(officer, number="PC-7")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type_id": "AT-NOTHING"}, "There is no type of assets AT-NOTHING"),
        ({"colour": "green"}, "There is no colour in the inventory"),
        ({"status": "disposed"}, "An asset is disposed of with date and method"),
        ({"shared_login": "maybe"}, "Several people share one log-in: Value 'maybe' is not a valid choice"),
        ({"name": "x" * 121}, "Name: Ensure this value has at most 120 characters"),
    ],
)
def test_what_the_inventory_cannot_hold_is_refused_in_words(
    officer: Actor, values: dict[str, str], message: str
) -> None:
    with pytest.raises(InventoryRefusedError, match=message):
        services.add_asset(actor=officer, values={**VALUES, **values})


def test_a_change_is_written_with_old_and_new_value(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer, owner="Dr. Rivera")
    services.change_asset(actor=officer, asset_id=asset_id, values={"owner": "Dr. Okafor"})
    newest = _changes(tenant, asset_id)[0]

    assert newest.verb == "changed"
    assert newest.fields == {"owner": ["Dr. Rivera", "Dr. Okafor"]}
    assert newest.actor_id == officer.id


def test_a_change_that_changes_nothing_leaves_no_trace(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer, owner="Dr. Rivera")
    services.change_asset(actor=officer, asset_id=asset_id, values={"owner": "Dr. Rivera"})

    assert [change.verb for change in _changes(tenant, asset_id)] == ["created"]


def test_nobody_overwrites_what_another_wrote_meanwhile(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer)
    seen_at = get_asset(tenant.id, asset_id).updated_at
    services.change_asset(actor=officer, asset_id=asset_id, values={"room": "2"}, seen_at=seen_at)

    with pytest.raises(InventoryConflictError, match="Somebody else changed this asset"):
        services.change_asset(actor=officer, asset_id=asset_id, values={"room": "3"}, seen_at=seen_at)
    assert get_asset(tenant.id, asset_id).room == "2"


@pytest.mark.req("RA-13")
@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        ({"operating_system": "Windows 11"}, ["software"]),
        ({"remote_access_tool": "RMM"}, ["vendor"]),
        ({"site": "North"}, ["site"]),
        ({"ephi": "none"}, ["data"]),
        ({"software_version": "5.2", "site": "North"}, ["software", "site"]),
        ({"notes": "Under the desk."}, ["changed"]),
    ],
)
def test_a_change_announces_why_an_analysis_may_have_to_look_again(
    officer: Actor, announced: list[AssetChanged], values: dict[str, str], reasons: list[str]
) -> None:
    asset_id = add_asset(officer, ephi="stored")
    announced.clear()
    services.change_asset(actor=officer, asset_id=asset_id, values=values)

    assert [(event.asset_id, event.reason) for event in announced] == [(asset_id, reason) for reason in reasons]


def test_adding_and_disposing_are_announced(officer: Actor, announced: list[AssetChanged]) -> None:
    asset_id = add_asset(officer)
    services.dispose_asset(actor=officer, asset_id=asset_id, date=dt.date(2026, 3, 1), method="destroyed")

    assert [event.reason for event in announced] == ["added", "disposed"]


def test_what_is_announced_names_ids_only(officer: Actor) -> None:
    event = AssetChanged(tenant_id=officer.tenant_id, asset_id=uuid7(), reason="added")

    assert set(event.payload()) == {"tenant_id", "asset_id", "reason"}


# --- disposal ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("RA-25")
def test_what_is_disposed_of_leaves_the_list_and_keeps_its_record(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer)
    services.dispose_asset(
        actor=officer, asset_id=asset_id, date=dt.date(2026, 3, 1), method="destroyed", certificate="C-99"
    )
    with tenant_scope(tenant.id):
        assert selectors.list_assets() == []
        assert selectors.list_refs() == []
        kept = selectors.get_asset(asset_id)
    assert (kept.status, kept.disposal_date, kept.disposal_certificate) == ("disposed", dt.date(2026, 3, 1), "C-99")


def test_disposing_twice_is_disposing_once(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer)
    for _ in range(2):
        services.dispose_asset(actor=officer, asset_id=asset_id, date=dt.date(2026, 3, 1), method="wiped")

    assert [change.verb for change in _changes(tenant, asset_id)] == ["disposed", "created"]


def test_what_is_disposed_of_is_not_changed_any_more(officer: Actor) -> None:
    asset_id = add_asset(officer)
    services.dispose_asset(actor=officer, asset_id=asset_id, date=dt.date(2026, 3, 1), method="wiped")

    with pytest.raises(InventoryConflictError, match="Take it back into the inventory first"):
        services.change_asset(actor=officer, asset_id=asset_id, values={"room": "2"})


def test_a_disposal_entered_by_mistake_is_taken_back(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer)
    services.dispose_asset(actor=officer, asset_id=asset_id, date=dt.date(2026, 3, 1), method="wiped")
    services.recall_asset(actor=officer, asset_id=asset_id)
    asset = get_asset(tenant.id, asset_id)

    assert (asset.status, asset.disposal_date, asset.disposal_method) == ("stored", None, "")


# --- confirming, rights, tenants --------------------------------------------------------------------------------------


def test_confirming_is_dated_and_named(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer)
    with time_machine.travel(dt.datetime(2026, 10, 2, 9, tzinfo=dt.UTC), tick=False):
        services.verify_asset(actor=officer, asset_id=asset_id)
        services.verify_asset(actor=officer, asset_id=asset_id)
    asset = get_asset(tenant.id, asset_id)

    assert (asset.verified_at, asset.verified_by) == (dt.datetime(2026, 10, 2, 9, tzinfo=dt.UTC), "Person")
    assert [change.verb for change in _changes(tenant, asset_id)] == ["verified", "created"]


@pytest.mark.parametrize("role", ["administrator", "auditor", "dentist", "technician"])
def test_who_may_not_write_changes_nothing(tenant: Tenant, officer: Actor, role: str) -> None:
    asset_id = add_asset(officer, room="1")
    other = make_actor(tenant, role)

    with pytest.raises(ForbiddenError):
        services.change_asset(actor=other, asset_id=asset_id, values={"room": "2"})
    with pytest.raises(ForbiddenError):
        services.add_asset(actor=other, values=VALUES)
    assert get_asset(tenant.id, asset_id).room == "1"


def test_an_asset_of_another_tenant_is_absent(officer: Actor) -> None:
    asset_id = add_asset(make_actor(make_tenant(), "owner"))

    with pytest.raises(AssetNotFoundError):
        services.change_asset(actor=officer, asset_id=asset_id, values={"room": "2"})


def test_every_change_is_in_the_audit_log_without_its_values(tenant: Tenant, officer: Actor) -> None:
    asset_id = add_asset(officer)
    services.change_asset(actor=officer, asset_id=asset_id, values={"owner": "Dr. Okafor"})
    with tenant_scope(tenant.id):
        entries = audit.list_events(audit.Filter(actor_id=officer.id))

    assert [(entry.action, entry.subject_id) for entry in entries] == [
        ("asset.changed", asset_id),
        ("asset.created", asset_id),
    ]
    assert entries[0].detail == {"fields": ["owner"]}


def test_what_was_announced_is_delivered(officer: Actor) -> None:
    add_asset(officer)

    outbox.drain([officer.tenant_id])
