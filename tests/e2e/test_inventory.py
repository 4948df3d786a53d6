"""A compliance officer writes down what the practice has and how images move: by form, by file, and on the map."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, expect

from tests.e2e.conftest import Person, Portal, arrive, captured
from tests.e2e.story import look, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]

OFFICER = "compliance"
FILE = """number,name,type_id,site,room,owner,operating_system,os_support_end_date,shared_login,ephi,encryption_at_rest
L-1,CBCT in room 2,AT-CBCT,Lakeside,2,Dr. Rivera,Windows 10 IoT,2026-10-14,no,stored,no
L-2,Capture PC,AT-CAPWS,Lakeside,2,Lee,Windows 7,2020-01-14,yes,stored,no
L-3,Legacy image server,AT-IMGSRV,Lakeside,Cellar,,Windows Server 2012,2023-10-10,no,stored,no
L-4,Portal archive,AT-CLOUDPACS,Lakeside,,Dr. Rivera,,,no,stored,yes
L-5,Front desk,AT-FRONTWS,Harbour branch,Reception,Kim,Windows 11,2027-10-12,no,transient,yes
L-6,Backup box,AT-NAS,Harbour branch,Cellar,Lee,,,no,stored,yes
"""
FLOWS = [
    ("CBCT in room 2", "Legacy image server", "DICOM C-STORE without TLS", "CBCT volumes", "No"),
    ("Capture PC", "Legacy image server", "Image files on a Windows share", "Bitewings", "No"),
    ("Legacy image server", "Portal archive", "DICOMweb (STOW, QIDO, WADO) over HTTPS", "All images", "Yes"),
    ("Portal archive", "Dr. Chen, endodontist", "Share link to referrer or patient", "Volumes and reports", "Yes"),
    ("Legacy image server", "Dr. Chen, endodontist", "Export to USB or disc", "Volumes on sticks", "No"),
    ("Portal archive", "Backup box", "Backup or replication", "Everything", "Yes"),
]


@pytest.fixture
def officer(portal: Portal, browser: Browser) -> Person:
    person = arrive(browser)
    sign_in(portal, person, OFFICER)
    return person


@pytest.mark.req("RA-01")
@pytest.mark.req("RA-09")
@pytest.mark.req("RA-10")
def test_an_inventory_becomes_a_map(portal: Portal, officer: Person, tmp_path: Path) -> None:
    page = officer.page
    page.goto(f"{portal.base}/compliance/assets/")
    expect(page.get_by_role("heading", name="The inventory is empty")).to_be_visible()
    look(officer, "inventory-empty")

    import_file(portal, officer, tmp_path)
    edit_one(portal, officer)
    write_flows(portal, officer)
    arrange(portal, officer)
    look_at_the_rest(portal, officer)
    assert officer.problems == []


def import_file(portal: Portal, officer: Person, folder: Path) -> None:
    """Import a list after seeing what it would do."""
    page = officer.page
    (folder / "list.csv").write_text(FILE)
    page.goto(f"{portal.base}/compliance/assets/import/")
    page.get_by_label("Inventory as CSV or JSON").set_input_files(folder / "list.csv")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import all of it")).to_be_visible()
    look(officer, "inventory-plan")
    page.get_by_role("button", name="Import all of it").click()
    expect(page.get_by_text("6 assets were imported.")).to_be_visible()
    look(officer, "inventory-list")
    page.get_by_label("Search").fill("backup")
    expect(page.get_by_role("link", name="CBCT in room 2")).to_be_hidden()
    expect(page.get_by_role("link", name="Backup box")).to_be_visible()


def edit_one(portal: Portal, officer: Person) -> None:
    """Change an asset, confirm another, give it a photo."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/assets/")
    page.get_by_role("link", name="Capture PC").click()
    page.get_by_role("link", name="Edit").click()
    look(officer, "inventory-form")
    page.get_by_label("Operating system").fill("Windows 11 Pro")
    page.get_by_label("Security updates end").fill("2027-10-12")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The change is saved.")).to_be_visible()
    page.get_by_role("button", name="Confirm as it is").click()
    page.get_by_label("Photo (JPEG").set_input_files(
        {"name": "sticker.png", "mimeType": "image/png", "buffer": captured(page.screenshot)}
    )
    page.get_by_label("What it shows").fill("Front with the sticker")
    page.get_by_role("button", name="Add the photo").click()
    expect(page.get_by_role("img", name="Front with the sticker")).to_be_visible()
    look(officer, "inventory-asset")


def write_flows(portal: Portal, officer: Person) -> None:
    """Write down every hop with forms and keyboard alone."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/flows/")
    look(officer, "inventory-map-empty")
    page.goto(f"{portal.base}/compliance/parties/new/")
    page.get_by_label("Name").fill("Dr. Chen, endodontist")
    page.get_by_label("Kind").select_option("Referring practice")
    page.get_by_role("button", name="Save").click()
    for source, target, channel, label, encrypted in FLOWS:
        page.goto(f"{portal.base}/compliance/flows/new/")
        for field, value in (("From", source), ("To", target)):
            options = page.get_by_label(field, exact=True)
            key = options.locator("option").filter(has_text=value).get_attribute("value")
            options.select_option(key)
        page.get_by_label("By way of").select_option(channel)
        page.get_by_label("What is sent").fill(label)
        page.get_by_label("Encrypted on the way").select_option(encrypted)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The flow stands on the map.")).to_be_visible()


def arrange(portal: Portal, officer: Person) -> None:
    """Drag a box on the map; it is there again after the page was left."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/flows/")
    expect(page.locator("flow-map[data-is-drawn]")).to_be_visible()
    look(officer, "inventory-map")
    desk = page.locator(".flow-map-desk").bounding_box()
    assert desk is not None
    before = nodes(portal, officer)
    x, y = place_on_screen(before, desk, "Portal archive")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 90, steps=8)
    page.mouse.up()
    expect(page.get_by_text("Arrangement saved.")).to_be_visible()
    after = nodes(portal, officer)

    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"Portal archive"}
    officer.shoot("inventory-map-arranged")
    page.goto(f"{portal.base}/compliance/flows/")
    assert nodes(portal, officer) == after
    page.emulate_media(media="print")
    expect(page.locator(".flow-map-paper img")).to_be_visible()
    expect(page.locator(".flow-map-desk")).to_be_hidden()
    officer.shoot("inventory-map-print", full_page=True)
    page.emulate_media(media="screen")


def nodes(portal: Portal, officer: Person) -> dict[str, tuple[float, float]]:
    """Return where everything stands, by name."""
    answer = officer.context.request.get(f"{portal.base}/compliance/flows/map.json")
    return {node["name"]: (node["x"], node["y"]) for node in json.loads(answer.text())["nodes"]}


def place_on_screen(places: dict[str, tuple[float, float]], desk: FloatRect, name: str) -> tuple[float, float]:
    """Return where a box is drawn when all of the map is shown (see `flow-map.ts`)."""
    width, height, padding = 190, 60, 24
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    left, right = min(xs) - width / 2, max(xs) + width / 2
    top, bottom = min(ys) - height / 2, max(ys) + height / 2
    zoom = min((desk["width"] - 2 * padding) / (right - left), (desk["height"] - 2 * padding) / (bottom - top), 2.5)
    x, y = places[name]
    return (
        desk["x"] + desk["width"] / 2 + (x - (left + right) / 2) * zoom,
        desk["y"] + desk["height"] / 2 + (y - (top + bottom) / 2) * zoom,
    )


def look_at_the_rest(portal: Portal, officer: Person) -> None:
    """Devices, frameworks, a flow, a disposal."""
    page = officer.page
    page.goto(f"{portal.base}/compliance/flows/")
    page.get_by_role("link", name="Legacy image server → Dr. Chen").click()
    look(officer, "inventory-flow")
    page.goto(f"{portal.base}/compliance/packs/")
    look(officer, "inventory-packs")
    page.goto(f"{portal.base}/compliance/devices/")
    page.get_by_role("button", name="Look again").click()
    look(officer, "inventory-devices")
    page.get_by_role("link", name="Decide about").first.click()
    look(officer, "inventory-device")
    page.goto(f"{portal.base}/compliance/assets/")
    page.get_by_role("link", name="Legacy image server").click()
    page.get_by_role("link", name="Dispose of").click()
    look(officer, "inventory-dispose")
