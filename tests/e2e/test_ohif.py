"""Another program's viewer on our services: OHIF reconstructs a CBCT in three planes (PS3.18 10)."""

from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pacs.dicom import phantom
from tests.e2e import ohif
from tests.e2e.conftest import arrive
from tests.pacs.dicomweb import portal
from tests.pacs.dicomweb.portal import Portal
from tests.pacs.dicomweb.requests import CONTENT_TYPE, stow_body

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]

SLICES = 48
STUDY = phantom.make_uid("ohif", "study")
# Red values of what a plane shows, as the program drew it.
_READ = """canvas => {
    const {width, height} = canvas;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    return Array.from({length: data.length / 4}, (_, i) => data[4 * i]);
}"""
_SHOWN = """canvas => {
    const {width, height} = canvas;
    if (!width || !height) return false;
    const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add(data[i]);
    return seen.size > 40;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    if not ohif.is_installed():
        pytest.skip("OHIF is not installed: tooling/judges.sh installs it where npm reaches its registry")
    with portal.running(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture
def token(site: Portal) -> str:
    token = site.new_token()
    files = list(phantom.make_cbct(columns=64, rows=64, slices=SLICES, spacing_mm=1.2, study_instance_uid=STUDY))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": CONTENT_TYPE}
    assert httpx.post(f"{site.root}/studies", content=stow_body(*files), headers=headers).status_code == 200
    return token


def planes(page: Page) -> list[np.ndarray]:
    """Return what the three planes show, once all of them show something."""
    canvases = page.locator("canvas.cornerstone-canvas")
    expect(canvases).to_have_count(3, timeout=60_000)
    for number in range(3):
        handle = canvases.nth(number).element_handle()
        page.wait_for_function(_SHOWN, arg=handle, timeout=60_000)
    return [np.array(canvases.nth(number).evaluate(_READ), dtype=np.uint8) for number in range(3)]


@pytest.mark.req("BR-13")
def test_ohif_reconstructs_a_cbct_in_three_planes(browser: Browser, site: Portal, token: str) -> None:
    with ohif.serving(site.root, token) as address:
        person = arrive(browser)
        # Less to draw without a graphics card.
        person.page.set_viewport_size({"width": 1000, "height": 640})
        person.page.goto(f"{address}/viewer?StudyInstanceUIDs={STUDY}&hangingprotocolid=mpr", timeout=60_000)
        shown = planes(person.page)
        person.shoot("ohif-mpr")
    assert all(len(np.unique(plane)) > 40 for plane in shown)
    assert len({plane.tobytes() for plane in shown}) == 3
