"""The pages of the inventory, as people use them."""

import datetime as dt
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Tenant
from common.actor import Actor
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.assets import photos, services
from compliance.models import Asset, AssetPhoto
from tests.factories.browsers import browser_of, enter_as
from tests.factories.inventory import JPEG, add_asset, get_asset, make_assets
from tests.factories.queries import questions

pytestmark = pytest.mark.django_db
# Session, person, roles, settings and the like of every page are read besides.
MAX_QUERIES = 12


@pytest.fixture
def browser(officer: Actor) -> Client:
    """Return the browser of the compliance officer."""
    return browser_of(officer)


def _text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # answers of the test client


def _form(**changes: object) -> dict[str, object]:
    """Return what the form of an asset sends."""
    return {
        "name": "Capture PC",
        "type_id": "AT-CAPWS",
        "status": "in_use",
        "criticality": "high",
        "encryption_at_rest": "no",
        "encryption_in_transit": "unknown",
        "shared_login": "yes",
        "endpoint_protection": "unknown",
        "ephi": "stored",
        **changes,
    }


def _only_asset(tenant: Tenant) -> Asset:
    with tenant_scope(tenant.id):
        row: Asset = Asset.objects.get()
    return row


# --- list -------------------------------------------------------------------------------------------------------------


def test_an_empty_inventory_says_where_to_begin(browser: Client) -> None:
    text = _text(browser.get("/compliance/assets/"))

    assert "The inventory is empty" in text
    assert "/compliance/devices/" in text


def test_the_list_shows_an_asset_with_what_stands_out(browser: Client, officer: Actor) -> None:
    add_asset(officer, "Capture PC", shared_login="yes", site="North")
    text = _text(browser.get("/compliance/assets/"))

    assert "Capture PC" in text
    assert "shared log-in" in text
    assert "<strong>1</strong> Shared log-in" in text


def test_a_search_that_finds_nothing_leads_back(browser: Client, officer: Actor) -> None:
    add_asset(officer, "Capture PC")
    text = _text(browser.get("/compliance/assets/?text=tomograph"))

    assert "No asset matches" in text
    assert "Capture PC" not in text


def test_a_fragment_is_the_results_alone(browser: Client, officer: Actor) -> None:
    add_asset(officer, "Capture PC")
    text = _text(browser.get("/compliance/assets/?text=capture", headers={"HX-Request": "true"}))

    assert "Capture PC" in text
    assert "<html" not in text


def test_the_second_page_goes_on_where_the_first_ends(browser: Client, tenant: Tenant) -> None:
    make_assets(tenant.id, 40)
    first = browser.get("/compliance/assets/")
    rows = first.context["page"].rows
    second = browser.get(f"/compliance/assets/?{first.context['page'].next_query}").context["page"]

    assert [len(rows), len(second.rows)] == [25, 15]
    assert second.rows[0].name > rows[-1].name
    assert second.next_query == ""


@pytest.mark.parametrize("query", ["cursor=nonsense", "sort=evil", "concern=none", "site=Nowhere"])
def test_a_question_that_makes_no_sense_is_answered_without_a_fault(browser: Client, query: str) -> None:
    assert browser.get(f"/compliance/assets/?{query}").status_code == 422


@pytest.mark.parametrize(
    "path",
    ["/compliance/assets/", "/compliance/assets/?concern=ownerless", "/compliance/devices/", "/compliance/flows/"],
)
def test_500_assets_cost_no_more_queries_than_none(
    browser: Client, tenant: Tenant, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_assets(tenant.id, 500)
    browser.get(path)

    with django_assert_max_num_queries(MAX_QUERIES):
        browser.get(path)


def test_one_of_500_assets_with_photos_and_history_costs_no_more(
    browser: Client, tenant: Tenant, officer: Actor
) -> None:
    make_assets(tenant.id, 500)
    asset_id = add_asset(officer, "Capture PC")
    for number in range(6):
        photos.add_photo(actor=officer, asset_id=asset_id, data=JPEG + bytes([number]))
        services.change_asset(actor=officer, asset_id=asset_id, values={"room": str(number)})
    browser.get(f"/compliance/assets/{asset_id}/")

    with questions() as asked:
        browser.get(f"/compliance/assets/{asset_id}/")
    assert len(asked) <= MAX_QUERIES


# --- adding, changing, disposing --------------------------------------------------------------------------------------


def test_an_asset_is_added_with_the_form(browser: Client, tenant: Tenant) -> None:
    page = browser.get("/compliance/assets/new/?type=AT-CAPWS")
    assert page.context["form"]["ephi"].value() == "stored"
    response = browser.post("/compliance/assets/new/", _form(request_id=page.context["form"]["request_id"].value()))
    asset = _only_asset(tenant)

    assert response["Location"] == f"/compliance/assets/{asset.id}/"
    assert (asset.name, asset.shared_login, asset.number) == ("Capture PC", "yes", "A-0001")


def test_two_clicks_make_one_asset(browser: Client, tenant: Tenant) -> None:
    request_id = str(uuid7())
    first, second = (browser.post("/compliance/assets/new/", _form(request_id=request_id)) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert _only_asset(tenant).name == "Capture PC"


def test_a_wrong_field_is_shown_with_its_reason_and_everything_typed(browser: Client) -> None:
    response = browser.post("/compliance/assets/new/", _form(os_support_end_date="soon", room="Room 7"))

    assert response.status_code == 422
    assert "Enter a valid date" in _text(response)
    assert "Room 7" in _text(response)


def test_an_asset_is_changed_with_the_form(browser: Client, officer: Actor) -> None:
    asset_id = add_asset(officer, "Capture PC")
    form = browser.get(f"/compliance/assets/{asset_id}/edit/").context["form"]
    seen_at = form["seen_at"].value()
    browser.post(f"/compliance/assets/{asset_id}/edit/", _form(owner="Dr. Okafor", seen_at=seen_at))
    late = browser.post(f"/compliance/assets/{asset_id}/edit/", _form(owner="Dr. Rivera", seen_at=seen_at))

    assert late.status_code == 422
    assert "Somebody else changed this asset" in _text(late)
    assert get_asset(officer.tenant_id, asset_id).owner == "Dr. Okafor"


def test_the_page_of_an_asset_tells_its_history_in_words(browser: Client, officer: Actor) -> None:
    asset_id = add_asset(officer, "Capture PC", shared_login="yes")
    services.change_asset(actor=officer, asset_id=asset_id, values={"shared_login": "no", "type_id": "AT-LAPTOP"})
    text = _text(browser.get(f"/compliance/assets/{asset_id}/"))

    assert "Several people share one log-in: <del>Yes</del>" in text
    assert "Laptop (admin or clinician)" in text


@pytest.mark.req("RA-25")
def test_disposing_asks_first_and_is_taken_back(browser: Client, officer: Actor) -> None:
    asset_id = add_asset(officer, "Capture PC")
    page = browser.get(f"/compliance/assets/{asset_id}/dispose/")
    assert "Dispose of Capture PC" in _text(page)
    assert get_asset(officer.tenant_id, asset_id).status == "in_use"

    wrong = browser.post(f"/compliance/assets/{asset_id}/dispose/", {"disposal_date": "2026-03-01"})
    assert wrong.status_code == 422
    form = {"disposal_date": "2026-03-01", "disposal_method": "destroyed", "disposal_certificate": "C-1"}
    browser.post(f"/compliance/assets/{asset_id}/dispose/", form)
    assert get_asset(officer.tenant_id, asset_id).disposal_date == dt.date(2026, 3, 1)

    browser.post(f"/compliance/assets/{asset_id}/recall/")
    assert get_asset(officer.tenant_id, asset_id).status == "stored"


def test_confirming_is_one_button(browser: Client, officer: Actor) -> None:
    asset_id = add_asset(officer)
    browser.post(f"/compliance/assets/{asset_id}/verify/")

    assert get_asset(officer.tenant_id, asset_id).verified_by == "Person"


# --- photos -----------------------------------------------------------------------------------------------------------


def _send(browser: Client, asset_id: UUID, data: bytes) -> object:
    file = SimpleUploadedFile("sticker.jpg", data, content_type="text/html")
    return browser.post(f"/compliance/assets/{asset_id}/photos/", {"photo": file, "caption": "The sticker"})


def test_a_photo_is_shown_as_the_kind_that_it_is(browser: Client, officer: Actor) -> None:
    asset_id = add_asset(officer)
    _send(browser, asset_id, JPEG)
    with tenant_scope(officer.tenant_id):
        photo_id = AssetPhoto.objects.get().id
    response = browser.get(f"/compliance/assets/photos/{photo_id}")

    assert (response.content, response["Content-Type"]) == (JPEG, "image/jpeg")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert f"/compliance/assets/photos/{photo_id}" in _text(browser.get(f"/compliance/assets/{asset_id}/"))
    browser.post(f"/compliance/assets/photos/{photo_id}/remove/")
    assert browser.get(f"/compliance/assets/photos/{photo_id}").status_code == 404


def test_what_is_no_picture_is_refused_beside_its_field(browser: Client, officer: Actor) -> None:
    response = _send(browser, add_asset(officer), b"<svg onload='alert(1)'>")

    assert response.status_code == 422  # type: ignore[attr-defined]  # answers of the test client
    assert "cannot be kept as a photo" in _text(response)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "kind"), [("csv", "text/csv; charset=utf-8"), ("json", "application/json")])
def test_the_inventory_is_exported(browser: Client, officer: Actor, name: str, kind: str) -> None:
    add_asset(officer, "Capture PC")
    response = browser.get(f"/compliance/assets/export?format={name}")

    assert response["Content-Type"] == kind
    assert f".{name}" in response["Content-Disposition"]
    assert "Capture PC" in _text(response)


@pytest.mark.req("RA-09")
def test_an_import_is_shown_first_and_done_when_it_is_confirmed(browser: Client, tenant: Tenant) -> None:
    file = SimpleUploadedFile("list.csv", b'name,type_id,notes\nServer,AT-PACS,"two\nlines"\n')
    plan = browser.post("/compliance/assets/import/", {"file": file})
    assert plan.context["plan"].rows[0].verdict == "add"
    with tenant_scope(tenant.id):
        assert Asset.objects.count() == 0
    confirmed = {"text": plan.context["text"], "request_id": plan.context["request_id"], "action": "import"}
    for _ in range(2):
        browser.post("/compliance/assets/import/", confirmed)

    assert _only_asset(tenant).notes == "two\nlines"


def test_a_file_with_a_wrong_row_offers_no_import(browser: Client) -> None:
    file = SimpleUploadedFile("list.csv", b"name,type_id\nServer,AT-NONE\n")
    text = _text(browser.post("/compliance/assets/import/", {"file": file}))

    assert "There is no such type of assets." in text
    assert 'value="import"' not in text


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"\xff\xfe\x00bad", "The file is not text"), (b"colour\ngreen\n", "There is no column colour"), (b"", "empty")],
)
def test_a_file_that_is_none_is_refused_beside_its_field(browser: Client, data: bytes, message: str) -> None:
    response = browser.post("/compliance/assets/import/", {"file": SimpleUploadedFile("list.csv", data)})

    assert response.status_code == 422
    assert message in _text(response)


# --- rights -----------------------------------------------------------------------------------------------------------

READ = ["/compliance/assets/", "/compliance/assets/{id}/", "/compliance/assets/export", "/compliance/devices/"]
WRITE = ["/compliance/assets/new/", "/compliance/assets/{id}/edit/", "/compliance/assets/{id}/dispose/"]


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("path", [*READ, "/compliance/flows/", "/compliance/packs/", "/compliance/flows/map.svg"])
def test_an_auditor_reads_everything(tenant: Tenant, officer: Actor, path: str) -> None:
    asset_id = add_asset(officer)

    assert enter_as(tenant, "auditor").get(path.format(id=asset_id)).status_code == 200


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("path", [*WRITE, "/compliance/assets/import/", "/compliance/flows/new/"])
@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_who_reads_only_is_not_let_in_to_write(tenant: Tenant, officer: Actor, path: str, role: str) -> None:
    asset_id = add_asset(officer)

    assert enter_as(tenant, role).get(path.format(id=asset_id)).status_code == 403


@pytest.mark.req("PA-06")
@pytest.mark.parametrize("path", READ)
@pytest.mark.parametrize("role", ["dentist", "technician", "radiologist", "assistant"])
def test_who_has_no_part_in_compliance_reads_nothing(tenant: Tenant, officer: Actor, path: str, role: str) -> None:
    asset_id = add_asset(officer)

    assert enter_as(tenant, role).get(path.format(id=asset_id)).status_code == 403


@pytest.mark.parametrize("path", ["verify/", "recall/", "dispose/", "edit/", "photos/"])
def test_an_auditor_changes_nothing(tenant: Tenant, officer: Actor, path: str) -> None:
    asset_id = add_asset(officer)
    before = get_asset(tenant.id, asset_id).updated_at

    assert enter_as(tenant, "auditor").post(f"/compliance/assets/{asset_id}/{path}", _form()).status_code == 403
    assert get_asset(tenant.id, asset_id).updated_at == before
