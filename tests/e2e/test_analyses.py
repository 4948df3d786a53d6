"""From a network that a practice brings, over a film that arrives, to boxes that a dentist turns on and off."""

import re
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from inference.services import list_bundled
from tests.e2e import axe
from tests.e2e.conftest import Person, Portal, arrive
from tests.e2e.story import sign_in, wait_for_state, write_folder
from tests.factories.inference import make_film
from tests.factories.onnx_models import two_squares, write_network

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]

LABEL = "AI-Assisted Preliminary Findings"
LAKESIDE = "lakeside-imaging"
FILMS = 6
# Another network's findings would lie over those of the one that is looked at.
_SWITCH_OFF = """
from accounts import services as accounts
from common.actor import system_actor
from common.scope import tenant_scope
from inference import selectors, services
tenant_id = accounts.tenant_id_of_slug({slug!r})
with tenant_scope(tenant_id):
    others = [rule.id for rule in selectors.list_rules() if not rule.network.is_bundled and rule.is_on]
for rule_id in others:
    services.switch_rule(actor=system_actor(tenant_id), rule_id=rule_id, is_on=False)
"""


def test_a_network_looks_at_a_film_and_a_dentist_sees_what_it_found(
    portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    owner = arrive(browser)
    sign_in(portal, owner, "owner")
    bring_network(portal, owner, write_network(tmp_path / "network"))
    owner.context.close()
    film = make_film("e2e", pixels=np.kron(two_squares(), np.ones((8, 8), np.uint8)), PatientName="Squares^Sam")
    portal.manage("import_dicom", str(write_folder(tmp_path / "film", [film])), "--tenant", LAKESIDE)

    dentist = arrive(browser)
    sign_in(portal, dentist, "dentist")
    page = dentist.page
    page.get_by_role("link", name="Squares, Sam").first.click()
    wait_for_findings(page)
    expect(page.locator("#analysis ol.row-list > li")).to_have_count(2)
    expect(page.get_by_text("Research preview, not a diagnostic device.")).to_be_visible()
    dentist.shoot("analyses-study")
    axe.check(page)
    page.set_viewport_size({"width": 390, "height": 844})
    dentist.shoot("analyses-study-390")
    page.set_viewport_size({"width": 1440, "height": 900})
    look_at_boxes(dentist, boxes=2)
    assert dentist.problems == []
    dentist.context.close()


def bring_network(portal: Portal, owner: Person, folder: Path) -> None:
    page = owner.page
    page.goto(f"{portal.base}/networks/")
    axe.check(page)
    page.get_by_label("Files of the network").set_input_files([str(path) for path in sorted(folder.iterdir())])
    page.get_by_role("button", name="Check and keep").click()
    expect(page.get_by_role("heading", name="Finder of bright squares")).to_be_visible(timeout=90_000)
    owner.shoot("analyses-network")
    axe.check(page)
    page.goto(f"{portal.base}/networks/")
    page.get_by_text("Add a rule").click()
    page.locator("#id_network").first.select_option(label="Finder of bright squares 1.0.0")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("button", name="Switch off the rule of Finder of bright squares 1.0.0")).to_be_visible()
    owner.shoot("analyses-networks")
    for address in ("privacy", "costs"):
        page.goto(f"{portal.base}/networks/{address}/")
        axe.check(page)
        owner.shoot(f"analyses-{address}")


def wait_for_findings(page: Page) -> None:
    """Reload the study until its analysis is there; its page then asks by itself."""
    expect(page.get_by_role("heading", name=LABEL)).to_be_visible()
    for _ in range(40):
        if page.locator("#analysis ol.row-list > li").count():
            return
        page.wait_for_timeout(1500)
        page.reload()
        expect(page.get_by_role("heading", name=LABEL)).to_be_visible()


def look_at_boxes(dentist: Person, *, boxes: int | None, name: str = "analyses-viewer") -> None:
    page = dentist.page
    page.locator("a.film-link").first.click()
    wait_for_state(page, "full")
    button = page.get_by_role("button", name="Findings")
    expect(button).to_be_visible()
    expect(page.locator(".overlay rect.suggestion")).to_have_count(0)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".overlay .suggestion-label")).to_have_text(LABEL)
    expect(page.get_by_role("heading", name=LABEL)).to_be_visible()
    if boxes is not None:
        expect(page.locator(".overlay rect.suggestion")).to_have_count(boxes)
    page.wait_for_timeout(300)
    dentist.shoot(name)
    axe.check(page)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".overlay .suggestion-label")).to_have_text(LABEL)
    page.wait_for_timeout(300)
    dentist.shoot(f"{name}-390")
    axe.check(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("f")
    expect(page.locator(".overlay .suggestion-label")).to_have_count(0)


@pytest.mark.skipif(not list_bundled(), reason="no network comes with the portal yet")
@pytest.mark.req("AI-03")
def test_the_bundled_network_looks_at_real_panoramics(
    portal: Portal, browser: Browser, tmp_path: Path, data_folder: Path
) -> None:
    portal.manage("shell", "--verbosity=0", "--command", _SWITCH_OFF.format(slug=LAKESIDE))
    pictures = sorted((data_folder / "panoramic").glob("**/*.jpg"))[:FILMS]
    if not pictures:
        pytest.skip("no panoramics in the test data")
    films = [
        make_film(f"pano-{number}", pixels=as_grey(path), PatientName=f"Panoramic^{number:02d}")
        for number, path in enumerate(pictures)
    ]
    real = (data_folder / "dicom/radiographs/derived-from-cbct/px_panoramic.dcm").read_bytes()
    portal.manage("import_dicom", str(write_folder(tmp_path / "films", [*films, real])), "--tenant", LAKESIDE)

    dentist = arrive(browser)
    sign_in(portal, dentist, "dentist")
    page = dentist.page
    shown = 0
    for number in range(FILMS):
        page.goto(f"{portal.base}/studies/")
        page.get_by_role("link", name=re.compile(f"^{number:02d}, Panoramic|Panoramic, {number:02d}")).first.click()
        expect(page.locator("#analysis").get_by_text("done").last).to_be_visible(timeout=60_000)
        shown += page.locator("#analysis ol.row-list > li").count()
        if number == 0:
            dentist.shoot("analyses-panoramic-study")
            look_at_boxes(dentist, boxes=None, name="analyses-panoramic-viewer")
    assert shown >= FILMS
    page.goto(f"{portal.base}/studies/?number=SCOUT-2D")
    page.get_by_role("link", name=re.compile("derived, radiograph", re.IGNORECASE)).first.click()
    expect(page.locator("#analysis").get_by_text("done").last).to_be_visible(timeout=60_000)
    found = page.locator("#analysis ol.row-list > li").count()
    assert found > 0
    dentist.shoot("analyses-radiograph-study")
    look_at_boxes(dentist, boxes=found, name="analyses-radiograph-viewer")
    assert dentist.problems == []
    dentist.context.close()


def as_grey(path: Path) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    pixels = imagecodecs.jpeg8_decode(path.read_bytes())
    grey: np.ndarray[tuple[int, int], np.dtype[np.uint8]] = pixels if pixels.ndim == 2 else pixels[..., 0]
    return grey
