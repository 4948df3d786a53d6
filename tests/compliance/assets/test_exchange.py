"""The inventory as a file: out and in again without a difference; wrong rows are named before anything happens."""

import csv
import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Tenant
from common.actor import Actor
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.assets import exchange, fields, importing, selectors, services
from compliance.assets.importing import Verdict
from compliance.errors import InventoryRefusedError
from compliance.models import Asset
from tests.factories.cast import make_actor, make_tenant
from tests.factories.inventory import add_asset

HEAD = "number,name,type_id"


@pytest.fixture
def filled(officer: Actor) -> Actor:
    """Fill an inventory with what files have trouble with."""
    add_asset(
        officer, '=HYPERLINK("x")', "AT-CBCT", notes='Two lines,\nwith "quotes"; and ünï¢ode', owner="'apostrophe",
        os_support_end_date="2027-10-14", ephi="stored", ephi_volume_patients=12, network_zone="modality",
    )  # fmt: skip
    add_asset(officer, "-5 degrees", "AT-NAS", number="X-1", vendor="+1 @home")
    gone = add_asset(officer, "Old server", "AT-PACS")
    services.dispose_asset(actor=officer, asset_id=gone, date="2026-03-01", method="destroyed", certificate="C-1")  # type: ignore[arg-type]  # a date as text, as files have it
    return officer


def _assets(actor: Actor) -> list[Asset]:
    with tenant_scope(actor.tenant_id):
        return [*selectors.list_assets(sort="number"), *selectors.list_disposed()]


def _rows(actor: Actor) -> list[dict[str, str]]:
    return [exchange.row_of(asset) for asset in _assets(actor)]


@pytest.mark.django_db
@pytest.mark.req("RA-09")
@pytest.mark.parametrize("name", ["csv", "json"])
def test_an_export_read_into_an_empty_inventory_is_the_same_inventory(filled: Actor, name: str) -> None:
    assets = _assets(filled)
    text = exchange.write_csv(assets) if name == "csv" else exchange.write_json(assets).decode()
    other = make_actor(make_tenant(), "owner")
    importing.import_assets(actor=other, text=text, request_id=uuid7())

    assert _rows(other) == _rows(filled)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["csv", "json"])
def test_an_export_read_into_its_own_inventory_changes_nothing(filled: Actor, name: str) -> None:
    assets = _assets(filled)
    text = exchange.write_csv(assets) if name == "csv" else exchange.write_json(assets).decode()
    plan = importing.plan_import(actor=filled, text=text)

    assert [row.verdict for row in plan.rows] == [Verdict.SAME] * 3


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n")), max_size=8))
def test_any_text_survives_a_csv_file(texts: list[str]) -> None:
    cells = {name: text.strip() for name, text in zip(fields.COLUMNS, texts, strict=False)}
    row = {name: cells.get(name, "") for name in fields.COLUMNS}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fields.COLUMNS)
    writer.writeheader()
    writer.writerow({name: exchange._guarded(text) for name, text in row.items()})

    assert exchange.read(out.getvalue()) == [row]


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InventoryRefusedError):
        assert exchange.read(text)


@pytest.mark.django_db
def test_no_cell_of_a_csv_file_begins_a_formula(filled: Actor) -> None:
    cells = [cell for line in csv.reader(io.StringIO(exchange.write_csv(_assets(filled)))) for cell in line]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_spreadsheet_with_semicolons_is_read() -> None:
    assert exchange.read("\ufeffname;type_id\nServer, big;AT-PACS\n") == [{"name": "Server, big", "type_id": "AT-PACS"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no rows"),
        (HEAD + "\n", "holds no rows"),
        ("name,colour\nPC,green\n", "There is no column colour. Known are: name, number"),
        (HEAD + "\nA,B\n", "Line 2 has not as many cells as the header"),
        ('{"format": "bitewing-inventory", "version": 9, "assets": []}', "Expected the format bitewing-inventory"),
        ('{"assets": ', "not well-formed JSON"),
        (HEAD + "\nA\0,B,C\n", "NUL"),
        ('{"format": "bitewing-inventory", "version": 1, "assets": [{"name": "a\\u0000"}]}', "NUL"),
        ("[1, 2]", "Expected a list of assets"),
        ("name\n" + "x\n" * 5001, "5001 rows, more than 5000"),
        ("x" * (1024 * 1024 + 1), "longer than 1 MB"),
    ],
)
def test_a_file_that_is_none_is_refused_with_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(InventoryRefusedError, match=message):
        exchange.read(text)


# --- the plan ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_plan_says_row_by_row_what_would_happen_and_does_nothing(tenant: Tenant, officer: Actor) -> None:
    add_asset(officer, "Capture PC", number="PC-1", room="1")
    add_asset(officer, "Server", "AT-PACS", number="PC-2", room="1")
    text = f"{HEAD},room\nPC-1,Capture PC,AT-CAPWS,2\nPC-2,Server,AT-PACS,1\nPC-3,New one,AT-NAS,3\n"
    plan = importing.plan_import(actor=officer, text=text)

    assert [row.verdict for row in plan.rows] == [Verdict.CHANGE, Verdict.SAME, Verdict.ADD]
    assert plan.rows[0].changes == (("room", "1", "2"),)
    with tenant_scope(tenant.id):
        assert Asset.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "errors"),
    [
        ("PC-1,,AT-CAPWS,,", {"name"}),
        ("PC-1,PC,,,", {"type_id"}),
        ("PC-1,PC,AT-NONE,,", {"type_id"}),
        ("PC-1,PC,AT-CAPWS,lost,", {"status"}),
        ("PC-1,PC,AT-CAPWS,,2026-13-40", {"os_support_end_date"}),
        ("PC-1,PC,AT-CAPWS,disposed,", {"disposal_date", "disposal_method"}),
    ],
)
def test_a_wrong_row_is_refused_with_its_column(officer: Actor, line: str, errors: set[str]) -> None:
    text = f"{HEAD},status,os_support_end_date\n{line}\n"
    (row,) = importing.plan_import(actor=officer, text=text).rows

    assert row.verdict is Verdict.REFUSE
    assert {column for column, _text in row.errors} == errors


@pytest.mark.django_db
def test_a_number_that_stands_twice_is_refused(officer: Actor) -> None:
    text = f"{HEAD}\nPC-1,One,AT-CAPWS\nPC-1,Other,AT-CAPWS\n"
    plan = importing.plan_import(actor=officer, text=text)

    assert [row.verdict for row in plan.rows] == [Verdict.ADD, Verdict.REFUSE]


@pytest.mark.django_db
def test_one_wrong_row_keeps_all_of_them_out(tenant: Tenant, officer: Actor) -> None:
    text = f"{HEAD}\nPC-1,One,AT-CAPWS\nPC-2,Other,AT-NONE\n"

    with pytest.raises(InventoryRefusedError, match="nothing was imported"):
        importing.import_assets(actor=officer, text=text, request_id=uuid7())
    with tenant_scope(tenant.id):
        assert Asset.objects.count() == 0


@pytest.mark.django_db
def test_importing_twice_is_importing_once(tenant: Tenant, officer: Actor) -> None:
    text = "name,type_id\nOne,AT-CAPWS\nOther,Panoramic / cephalometric unit\n"
    request_id = uuid7()
    for _ in range(2):
        importing.import_assets(actor=officer, text=text, request_id=request_id)

    with tenant_scope(tenant.id):
        assert sorted(Asset.objects.values_list("number", "type_id")) == [("A-0001", "AT-CAPWS"), ("A-0002", "AT-PAN")]


@pytest.mark.django_db
def test_a_file_may_dispose_of_an_asset_and_take_it_back(tenant: Tenant, officer: Actor) -> None:
    add_asset(officer, "Server", "AT-PACS", number="S-1")
    gone = f"{HEAD},status,disposal_date,disposal_method\nS-1,Server,AT-PACS,disposed,2026-03-01,destroyed\n"
    importing.import_assets(actor=officer, text=gone, request_id=uuid7())
    (asset,) = _assets(officer)
    assert (asset.status, str(asset.disposal_date)) == ("disposed", "2026-03-01")

    back = f"{HEAD},status\nS-1,Server,AT-PACS,in_use\n"
    importing.import_assets(actor=officer, text=back, request_id=uuid7())
    (asset,) = _assets(officer)
    assert (asset.status, asset.disposal_date) == ("in_use", None)


@pytest.mark.django_db
def test_a_file_packed_for_a_form_says_the_same(filled: Actor) -> None:
    text = exchange.write_csv(_assets(filled))
    packed = exchange.pack(exchange.read(text))

    assert "\n" not in packed
    assert json.loads(packed)["assets"] == exchange.read(text)
    assert exchange.read(packed) == exchange.read(text)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["auditor", "administrator", "technician"])
def test_who_may_not_write_imports_nothing(tenant: Tenant, role: str) -> None:
    actor = make_actor(tenant, role)

    with pytest.raises(ForbiddenError):
        importing.plan_import(actor=actor, text=f"{HEAD}\n,One,AT-CAPWS\n")
    with pytest.raises(ForbiddenError):
        importing.import_assets(actor=actor, text=f"{HEAD}\n,One,AT-CAPWS\n", request_id=uuid7())
