"""Steps that the stories share."""

import re
import time
from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt
from playwright.sync_api import Locator, Page, expect

from config.demo import cast
from tests.e2e import axe
from tests.e2e.authenticator import code_for
from tests.e2e.conftest import DESKTOP, PHONE, Person, Portal, captured

Spot = tuple[float, float]


def sign_in(portal: Portal, person: Person, key: str) -> None:
    """Sign one of the cast in with password and code, as on a first day."""
    page = person.page
    page.goto(f"{portal.base}/sign-in/")
    page.get_by_label("E-mail address").fill(cast.BY_KEY[key].email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Six-digit code").fill(code_for(portal, key))
    page.get_by_role("button", name="Confirm").click()
    desk = "compliance/analysis" if key == "compliance" else "(studies|first-steps)"
    expect(page).to_have_url(re.compile(f"/{desk}/$"))


def look(person: Person, name: str) -> None:
    """Check a page for everybody, and take its picture: at a desk by day, on a phone by night.

    What is found is kept with the other problems of the person: one run tells of all pages.
    """
    page = person.page
    before = page.viewport_size
    for device, size, is_dark in (("desk", DESKTOP, False), ("phone", PHONE, True)):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if is_dark else "light")
        person.problems.extend(axe.found(page))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            person.problems.append(f"{name} is wider than a {device}")
        person.shoot(f"{name}-{device}")
    page.emulate_media(color_scheme="light")
    if before is not None:
        page.set_viewport_size(before)


def wait_for_state(page: Page, *states: str, timeout_s: float = 120) -> None:
    """Wait until the viewer shows one of these states."""
    wanted = "|".join(states)
    expect(page.locator("#viewer")).to_have_attribute(
        "data-state", re.compile(f"^({wanted})$"), timeout=timeout_s * 1000
    )


def pane(page: Page, plane: str) -> Locator:
    """Return one of the three planes."""
    return page.locator(f'[data-plane="{plane}"]')


def go_to_slice(page: Page, plane: str, index: int) -> None:
    """Move a plane to a slice with its slider."""
    pane(page, plane).locator("input[type=range]").fill(str(index))
    expect(pane(page, plane)).to_have_attribute("data-slice", str(index))


def picture_of(page: Page, plane: str) -> npt.NDArray[np.float64]:
    """Return what a plane shows as grey levels; coloured lines, the frame and the slider below count as dark."""
    page.wait_for_timeout(500)
    image = imagecodecs.png_decode(captured(pane(page, plane).screenshot))
    grey: npt.NDArray[np.float64] = image[..., :3].astype(np.float64).min(axis=2)
    grey[:4] = grey[-50:] = 0
    grey[:, :4] = grey[:, -4:] = 0
    return grey


def drag(page: Page, plane: str, start: Spot, end: Spot) -> None:
    """Draw from one spot of a plane to another."""
    box = pane(page, plane).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=6)
    page.mouse.up()


def newest_mail(portal: Portal, *, to: str, containing: str, within_s: float = 60) -> str:
    """Return the text of the newest mail to somebody."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        files = sorted((portal.data / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files:
            text = path.read_text()
            if f"To: {to}" in text and containing in text:
                return text
        time.sleep(0.2)
    raise AssertionError(f"no mail to {to} with {containing!r}")


def write_folder(folder: Path, files: list[bytes]) -> Path:
    """Write a study as a scanner exports it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        (folder / f"IM{number:05}.dcm").write_bytes(file)
    return folder
