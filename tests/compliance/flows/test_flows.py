"""Parties and flows: written down, changed, ended; and the map of any day."""

import datetime as dt
from uuid import UUID

import pytest
import time_machine

from accounts.models import Tenant
from common.actor import Actor
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from compliance import history
from compliance.assets import services as assets
from compliance.errors import FlowNotFoundError, InventoryConflictError, InventoryRefusedError
from compliance.events import FlowChanged
from compliance.flows import selectors, services
from compliance.models import DataFlow, Party
from tests.factories.cast import make_actor, make_tenant
from tests.factories.inventory import add_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def cbct(officer: Actor) -> str:
    """Return the key of a CBCT unit."""
    return f"asset:{add_asset(officer, 'CBCT', 'AT-CBCT', ephi='stored')}"


@pytest.fixture
def archive(officer: Actor) -> str:
    """Return the key of an archive."""
    return f"asset:{add_asset(officer, 'Archive', 'AT-CLOUDPACS', ephi='stored')}"


@pytest.fixture
def specialist(officer: Actor) -> str:
    """Return the key of a referring practice."""
    return f"party:{add_party(officer)}"


def add_party(actor: Actor, name: str = "Dr. Chen, endodontist", kind: str = "referrer") -> UUID:
    return services.add_party(actor=actor, values={"name": name, "kind": kind})


def connect(actor: Actor, source: str, target: str, channel_id: str = "EF-CSTORE", **values: object) -> UUID:
    return services.add_flow(actor=actor, source=source, target=target, values={"channel_id": channel_id, **values})


def _at(day: str) -> time_machine.travel:
    return time_machine.travel(dt.datetime.fromisoformat(f"{day}T09:00+00:00"), tick=False)


# --- writing down -----------------------------------------------------------------------------------------------------


@pytest.mark.req("RA-01")
@pytest.mark.req("RA-10")
def test_every_hop_from_the_sensor_to_the_specialist_is_on_the_map(
    officer: Actor, cbct: str, archive: str, specialist: str
) -> None:
    connect(officer, cbct, archive, "EF-CSTORE", label="CBCT volumes", encryption="no", ephi="transient")
    connect(officer, archive, specialist, "EF-LINK", encryption="yes")
    with tenant_scope(officer.tenant_id):
        found = [(flow.source.name, flow.channel_name, flow.target.name) for flow in selectors.list_flows()]

    assert found == [
        ("Archive", "Share link to referrer or patient", "Dr. Chen, endodontist"),
        ("CBCT", "DICOM C-STORE without TLS", "Archive"),
    ]


@pytest.mark.req("RA-05")
@pytest.mark.req("RA-06")
@pytest.mark.req("RA-07")
@pytest.mark.parametrize("channel_id", ["EF-USBOUT", "EF-EMAILPLAIN", "EF-CHAT", "EF-REMOTE"])
def test_sticks_mail_chat_and_remote_support_are_flows_that_leave_the_practice(
    officer: Actor, archive: str, specialist: str, channel_id: str
) -> None:
    connect(officer, archive, specialist, channel_id)
    with tenant_scope(officer.tenant_id):
        (flow,) = selectors.list_flows()

    assert flow.discloses


def test_a_flow_knows_the_assets_at_its_ends(officer: Actor, cbct: str, archive: str, specialist: str) -> None:
    connect(officer, cbct, archive)
    connect(officer, archive, specialist, "EF-LINK")
    archive_id = UUID(archive.partition(":")[2])
    with tenant_scope(officer.tenant_id):
        assert [(flow.source_name, flow.target_name) for flow in selectors.flows_of_asset(archive_id)] == [
            ("CBCT", "Archive"),
            ("Archive", "Dr. Chen, endodontist"),
        ]
        assert (archive_id,) in [flow.asset_ids for flow in selectors.list_flows()]


def test_the_same_request_again_is_the_same_flow(officer: Actor, cbct: str, archive: str) -> None:
    request_id = uuid7()
    first, second = (
        services.add_flow(
            actor=officer, source=cbct, target=archive, values={"channel_id": "EF-CSTORE"}, request_id=request_id
        )
        for _ in range(2)
    )

    assert first == second


def test_a_party_is_known_by_its_name(officer: Actor) -> None:
    assert add_party(officer) == add_party(officer)


def test_two_parties_do_not_get_one_name(officer: Actor) -> None:
    add_party(officer, "Lab A")
    other = add_party(officer, "Lab B")

    with pytest.raises(InventoryConflictError, match="another one of this name"):
        services.change_party(actor=officer, party_id=other, values={"name": "Lab A", "kind": "laboratory"})


@pytest.mark.parametrize("key", ["asset:nonsense", "planet:01900000-0000-7000-8000-000000000000", ""])
def test_a_flow_to_nothing_is_refused(officer: Actor, cbct: str, key: str) -> None:
    with pytest.raises(FlowNotFoundError):
        connect(officer, cbct, key)


def test_a_flow_to_an_asset_of_another_tenant_is_refused(officer: Actor, cbct: str) -> None:
    foreign = add_asset(make_actor(make_tenant(), "owner"))

    with pytest.raises(FlowNotFoundError):
        connect(officer, cbct, f"asset:{foreign}")


def test_a_flow_by_an_unknown_channel_or_in_a_circle_is_refused(officer: Actor, cbct: str, archive: str) -> None:
    with pytest.raises(InventoryRefusedError, match="There is no channel EF-PIGEON"):
        connect(officer, cbct, archive, "EF-PIGEON")
    with pytest.raises(InventoryRefusedError, match="from one place to another"):
        connect(officer, cbct, cbct)


@pytest.mark.req("RA-13")
def test_changes_of_flows_are_announced(
    officer: Actor, cbct: str, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[FlowChanged] = []
    monkeypatch.setattr("outbox.services.publish", announced.append)
    flow_id = connect(officer, cbct, archive)
    values = {"channel_id": "EF-DICOMTLS"}
    services.change_flow(actor=officer, flow_id=flow_id, source=cbct, target=archive, values=values)
    services.change_flow(actor=officer, flow_id=flow_id, source=cbct, target=archive, values=values)
    services.end_flow(actor=officer, flow_id=flow_id)
    services.end_flow(actor=officer, flow_id=flow_id)

    assert [event.reason for event in announced] == ["added", "changed", "ended"]


def test_a_flow_is_confirmed_once_a_day(tenant: Tenant, officer: Actor, cbct: str, archive: str) -> None:
    flow_id = connect(officer, cbct, archive)
    services.verify_flow(actor=officer, flow_id=flow_id)
    services.verify_flow(actor=officer, flow_id=flow_id)
    with tenant_scope(tenant.id):
        verbs = [change.verb for change in history.list_changes(noun="flow", subject_id=flow_id)]
        assert selectors.get_flow(flow_id).verified_by == "Person"

    assert verbs == ["verified", "created"]


@pytest.mark.parametrize("role", ["auditor", "administrator", "dentist"])
def test_who_may_not_write_changes_no_flow(tenant: Tenant, officer: Actor, cbct: str, archive: str, role: str) -> None:
    flow_id, other = connect(officer, cbct, archive), make_actor(tenant, role)

    with pytest.raises(ForbiddenError):
        connect(other, cbct, archive)
    with pytest.raises(ForbiddenError):
        services.end_flow(actor=other, flow_id=flow_id)
    with pytest.raises(ForbiddenError):
        services.place_nodes(actor=other, places={cbct: (1.0, 2.0)})
    with pytest.raises(ForbiddenError):
        add_party(other, "New")
    with tenant_scope(tenant.id):
        assert DataFlow.objects.get().ended_date is None
        assert Party.objects.count() == 0


# --- the map of a day -------------------------------------------------------------------------------------------------


def test_an_asset_with_data_and_without_a_flow_is_not_on_the_map_yet(officer: Actor, cbct: str, archive: str) -> None:
    add_asset(officer, "Switch", "AT-SWITCH", ephi="none")
    add_asset(officer, "Old laptop", "AT-LAPTOP", ephi="stored")
    connect(officer, cbct, archive)
    with tenant_scope(officer.tenant_id):
        found = selectors.get_map()

    assert [node.name for node in found.nodes] == ["Archive", "CBCT"]
    assert [node.name for node in found.apart] == ["Old laptop"]


@pytest.mark.req("RA-15")
def test_the_map_of_an_earlier_day_shows_what_flowed_then(tenant: Tenant) -> None:
    with _at("2026-03-01"):
        officer = make_actor(tenant, "compliance_officer")
        old = f"asset:{add_asset(officer, 'Old server', 'AT-IMGSRV', ephi='stored')}"
        unit = f"asset:{add_asset(officer, 'CBCT', 'AT-CBCT', ephi='stored')}"
        first = connect(officer, unit, old, "EF-SMB", encryption="no")
    with _at("2026-06-01"):
        archive = f"asset:{add_asset(officer, 'Archive', 'AT-CLOUDPACS', ephi='stored')}"
        connect(officer, unit, archive, "EF-DICOMTLS", encryption="yes")
        services.end_flow(actor=officer, flow_id=first)
        asset_id = UUID(old.partition(":")[2])
        assets.dispose_asset(actor=officer, asset_id=asset_id, date=dt.date(2026, 6, 1), method="destroyed")
    with _at("2026-09-01"), tenant_scope(tenant.id):
        spring, summer = selectors.get_map(dt.date(2026, 3, 1)), selectors.get_map(dt.date(2026, 6, 1))
        winter = selectors.get_map(dt.date(2026, 2, 28))

    assert [(flow.source.name, flow.target.name) for flow in spring.flows] == [("CBCT", "Old server")]
    assert [(flow.source.name, flow.target.name) for flow in summer.flows] == [("CBCT", "Archive")]
    assert (winter.flows, winter.nodes) == ((), ())


def test_an_earlier_day_has_the_names_of_that_day(tenant: Tenant) -> None:
    with _at("2026-03-01"):
        officer = make_actor(tenant, "compliance_officer")
        asset_id = add_asset(officer, "Server", "AT-PACS", owner="Lee")
    with _at("2026-03-02"):
        assets.change_asset(actor=officer, asset_id=asset_id, values={"name": "Archive", "owner": "Kim"})
    with _at("2026-03-03"):
        assets.change_asset(actor=officer, asset_id=asset_id, values={"owner": "Okafor"})
        with tenant_scope(tenant.id):
            facts = [selectors.inventory_as_of(dt.date(2026, 3, day)).assets[asset_id] for day in (1, 2, 3)]

    assert [(fact["name"], fact["owner"]) for fact in facts] == [
        ("Server", "Lee"),
        ("Archive", "Kim"),
        ("Archive", "Okafor"),
    ]


def test_a_flow_taken_up_again_is_on_the_map_again(officer: Actor, cbct: str, archive: str) -> None:
    flow_id = connect(officer, cbct, archive)
    services.end_flow(actor=officer, flow_id=flow_id)
    with tenant_scope(officer.tenant_id):
        assert selectors.list_flows() == []
        assert [flow.id for flow in selectors.list_ended()] == [flow_id]
    services.resume_flow(actor=officer, flow_id=flow_id)
    with tenant_scope(officer.tenant_id):
        assert len(selectors.list_flows()) == 1


# --- places on the drawing --------------------------------------------------------------------------------------------


def test_places_are_kept_and_leave_no_history(tenant: Tenant, officer: Actor, cbct: str, specialist: str) -> None:
    connect(officer, cbct, specialist, "EF-LINK")
    services.place_nodes(actor=officer, places={cbct: (10.0, 20.0), specialist: (-30.5, 4.0)})
    with tenant_scope(tenant.id):
        found = {node.key: (node.x, node.y) for node in selectors.get_map().nodes}
        changes = history.list_changes(noun="asset", subject_id=UUID(cbct.partition(":")[2]))

    assert found == {cbct: (10.0, 20.0), specialist: (-30.5, 4.0)}
    assert [change.verb for change in changes] == ["created"]


@pytest.mark.parametrize("place", [(float("nan"), 0.0), (float("inf"), 0.0), (0.0, 1e9)])
def test_a_place_beyond_the_paper_is_refused(officer: Actor, cbct: str, place: tuple[float, float]) -> None:
    with pytest.raises(InventoryRefusedError, match="A place on the map"):
        services.place_nodes(actor=officer, places={cbct: place})


def test_a_place_of_another_tenant_is_absent(officer: Actor) -> None:
    foreign = add_asset(make_actor(make_tenant(), "owner"))

    with pytest.raises(FlowNotFoundError):
        services.place_nodes(actor=officer, places={f"asset:{foreign}": (1.0, 2.0)})
