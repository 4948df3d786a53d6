"""The portal's main job, from the scanner's folder to the revoked link, each person at their own device."""

import hashlib
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from config.demo import cast
from pacs.dicom import phantom
from tests.e2e import axe
from tests.e2e.conftest import Person, Portal, arrive
from tests.e2e.story import (
    drag,
    go_to_slice,
    look,
    newest_mail,
    pane,
    picture_of,
    sign_in,
    wait_for_state,
    write_folder,
)

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

DENTIST = "referrer@practice.example"
SLICES, SPACING_MM = 160, 0.5
# In the bone window bone stays below this grey level; the middle between soft tissue and steel is close to it.
STEEL = 190
PATIENT = phantom.Person(name="Storybook^Selma", patient_id="E2E-7", birth_date="19770707", sex="F")


@dataclass(frozen=True)
class Sent:
    """A folder that a scanner exported, and what the portal should make of it."""

    folder: Path
    slices: int
    skipped: int
    patient: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """A CBCT of our own making with rods to measure, and a stray file beside the slices."""
    files = list(
        phantom.make_cbct(columns=200, rows=200, slices=SLICES, spacing_mm=SPACING_MM, patient=PATIENT, seed="story")
    )
    place = write_folder(tmp_path_factory.mktemp("scanner") / "CBCT", files)
    (place / "readme.txt").write_text("Exported by the scanner")
    return Sent(place, SLICES, skipped=1, patient="Storybook, Selma")


@pytest.fixture(scope="module")
def real(data_folder: Path) -> Sent:
    """The CBCT of a person with braces, whose header was made anonymous."""
    return Sent(data_folder / "dicom/cbct/marcovms04__Maxillofacial-3D", 330, skipped=0, patient="Anonymous")


def longest_run(picture: np.ndarray) -> tuple[int, int, int]:
    """Return (line, begin, end) of the longest horizontal run of bright pixels."""
    best = (0, 0, 0)
    for line, bright in enumerate(picture >= STEEL):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], bright.astype(int), [0]))))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            if end - begin > best[2] - best[1]:
                best = (line, int(begin), int(end))
    return best


def measure_rod(person: Person, plane: str, *, is_upright: bool) -> float:
    """Find the rod in the picture of a plane, draw a length from end to end, and return what the viewer says."""
    picture = picture_of(person.page, plane)
    line, begin, end = longest_run(picture.T if is_upright else picture)
    person.page.get_by_role("button", name="Length").click()
    middle = line + 2
    ends = ((begin, middle), (end, middle))
    start, stop = ends if not is_upright else ((middle, begin), (middle, end))
    drag(person.page, plane, start, stop)
    return float(person.page.locator("output[data-measurement]").last.get_attribute("data-value-mm") or 0)


def slice_of(millimetres: float, count: int) -> int:
    """Return the number of the slice at a place of the phantom, which is centred on 0."""
    return round(millimetres / SPACING_MM + (count - 1) / 2) + 1


def upload(portal: Portal, person: Person, sent: Sent) -> str:
    """Send a folder and return the address of the study."""
    page = person.page
    page.goto(f"{portal.base}/studies/upload/")
    person.shoot("upload-empty")
    page.locator("input[data-part=folder]").set_input_files(sent.folder)
    expect(page.locator("[data-part=stored]")).to_have_text(str(sent.slices), timeout=180_000)
    expect(page.locator("[data-part=skipped]")).to_have_text(str(sent.skipped))
    person.shoot("upload-done")
    page.locator("[data-part=studies] a").first.click()
    expect(page.get_by_role("heading", name=sent.patient)).to_be_visible()
    expect(page.locator("#series img").first).to_be_visible(timeout=60_000)
    person.shoot("study")
    return page.url


@pytest.mark.req("PA-01")
@pytest.mark.req("PA-02")
@pytest.mark.req("PA-04")
@pytest.mark.req("PA-07")
@pytest.mark.req("CARD-03")
@pytest.mark.req("CARD-06")
@pytest.mark.req("X-10")
def test_a_cbct_goes_from_the_scanner_to_the_dentist_and_back(
    portal: Portal, browser: Browser, made: Sent, tmp_path: Path
) -> None:
    go_the_whole_way(portal, browser, made, tmp_path, read=measure_rods)


@pytest.mark.once
@pytest.mark.timeout(600)
@pytest.mark.req("PA-01")
@pytest.mark.req("PA-02")
def test_a_real_cbct_goes_the_same_way(portal: Portal, browser: Browser, real: Sent, tmp_path: Path) -> None:
    go_the_whole_way(portal, browser, real, tmp_path, read=measure_across)


def go_the_whole_way(
    portal: Portal, browser: Browser, sent: Sent, tmp_path: Path, *, read: Callable[[Person, Sent], None]
) -> None:
    """Upload, read and sign, share, open, download, revoke, and look at who did what."""
    technician = arrive(browser)
    sign_in(portal, technician, "technician")
    study_url = upload(portal, technician, sent)
    axe.check(technician.page)

    radiologist = arrive(browser)
    sign_in(portal, radiologist, "radiologist")
    open_viewer(radiologist, study_url, sent)
    read(radiologist, sent)
    axe.check(radiologist.page)
    sign_report(radiologist, study_url)

    link = share(portal, technician, study_url)
    dentist = arrive(browser, phone=True)
    open_link(portal, dentist, link, sent)
    saved = look_and_download(dentist, tmp_path, sent)
    assert hashes_of_zip(saved) == {hashlib.sha256(p.read_bytes()).hexdigest() for p in sent.folder.glob("*.dcm")}

    revoke(technician, study_url)
    assert_is_stopped(portal, dentist, sent)

    officer = arrive(browser)
    sign_in(portal, officer, "compliance")
    see_each_access(portal, officer)
    for person in (technician, radiologist, officer):
        assert person.problems == []


def open_viewer(radiologist: Person, study_url: str, sent: Sent) -> None:
    page = radiologist.page
    page.goto(study_url)
    page.get_by_role("link", name="Open viewer").click()
    wait_for_state(page, "full", timeout_s=180)
    expect(page.locator("[data-plane]")).to_have_count(3)
    expect(page.locator("#viewer")).to_contain_text(sent.patient)
    radiologist.shoot("viewer")


def measure_rods(radiologist: Person, sent: Sent) -> None:
    """Measure three steel rods of known length, one in each plane."""
    page = radiologist.page
    # The crosshair is moved away from the rods, so that its lines do not cross them.
    for plane, place, count in (("sagittal", 30.0, 200), ("coronal", 45.0, 200), ("axial", 30.0, sent.slices)):
        go_to_slice(page, plane, slice_of(place, count))
    rod_x, rod_y, rod_z = phantom.RODS
    go_to_slice(page, "axial", slice_of(rod_x.start[2], sent.slices))
    axial = measure_rod(radiologist, "axial", is_upright=False)
    radiologist.shoot("viewer-length")
    go_to_slice(page, "axial", slice_of(30.0, sent.slices))
    go_to_slice(page, "coronal", slice_of(rod_z.start[1], 200))
    coronal = measure_rod(radiologist, "coronal", is_upright=True)
    go_to_slice(page, "coronal", slice_of(45.0, 200))
    go_to_slice(page, "sagittal", slice_of(rod_y.start[0], 200))
    sagittal = measure_rod(radiologist, "sagittal", is_upright=False)
    for measured in (axial, coronal, sagittal):
        assert measured == pytest.approx(phantom.ROD_LENGTH_MM, abs=SPACING_MM)


def measure_across(radiologist: Person, sent: Sent) -> None:
    """Draw one length over the middle of the axial plane; the head is 180 mm wide at most."""
    page = radiologist.page
    go_to_slice(page, "axial", sent.slices // 2)
    page.get_by_role("button", name="Length").click()
    drag(page, "axial", (150, 200), (250, 200))
    measured = float(page.locator("output[data-measurement]").last.get_attribute("data-value-mm") or 0)
    assert 0 < measured < 180


def sign_report(radiologist: Person, study_url: str) -> None:
    page = radiologist.page
    page.goto(study_url)
    page.get_by_role("link", name="Write report").click()
    page.get_by_label("Observations").fill("Measured in each plane.")
    page.get_by_label("Recommendations").fill("None.")
    page.get_by_role("button", name="Sign").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Sign").click()
    expect(page).to_have_url(study_url)
    expect(page.get_by_text("signed", exact=True)).to_be_visible()
    radiologist.shoot("report-signed")


def share(portal: Portal, technician: Person, study_url: str) -> str:
    page = technician.page
    # The factor of the sign-in may be older than five minutes by now; how that is asked for, test_people.py tells.
    page.goto(f"{portal.base}/demo/sign-in/technician/")
    page.goto(study_url)
    page.get_by_role("link", name="Share").click()
    page.get_by_label("E-mail address of the recipient").fill(DENTIST)
    page.get_by_label("Name of the recipient").fill("Dr. Dora Dent")
    page.get_by_label("Download the original files").check()
    page.get_by_role("button", name="Send the link").click()
    link = page.get_by_label(re.compile("The link")).input_value()
    technician.shoot("share-made")
    return link


def open_link(portal: Portal, dentist: Person, link: str, sent: Sent) -> None:
    invitation = newest_mail(portal, to=DENTIST, containing=link)
    assert sent.patient.partition(",")[0] not in invitation
    page = dentist.page
    page.goto(link)
    expect(page).to_have_url(re.compile(r"/s/[0-9a-f-]+$"))
    dentist.shoot("link-landing-390")
    axe.check(page)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/code"))
    mail = newest_mail(portal, to=DENTIST, containing="code")
    code = re.search(r"\b(\d{4}) ?(\d{4})\b", mail)
    assert code is not None
    page.get_by_label("Code").fill("".join(code.groups()))
    page.get_by_role("button", name="Open the images").click()
    expect(page.get_by_role("heading", name=sent.patient)).to_be_visible()
    dentist.shoot("guest-390")
    axe.check(page)


def look_and_download(dentist: Person, tmp_path: Path, sent: Sent) -> Path:
    page = dentist.page
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download")).click()
    saved = tmp_path / "study.zip"
    download.value.save_as(saved)
    page.get_by_role("link", name="Open viewer").click()
    wait_for_state(page, "preview", "full")
    expect(page.locator("#viewer")).to_contain_text(sent.patient)
    page.wait_for_timeout(1500)
    dentist.shoot("viewer-390")
    axe.check(page)
    return saved


def hashes_of_zip(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("DICOMDIR")]
        return {hashlib.sha256(archive.read(name)).hexdigest() for name in names}


def revoke(technician: Person, study_url: str) -> None:
    page = technician.page
    page.goto(study_url)
    page.get_by_role("button", name=re.compile("Revoke")).click()
    page.get_by_role("dialog").get_by_role("button", name="End the link").click()
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()


def assert_is_stopped(portal: Portal, dentist: Person, sent: Sent) -> None:
    """After a revocation nothing is shown, at the latest five seconds later."""
    page = dentist.page
    page.wait_for_timeout(5000)
    answers = [page.request.get(f"{portal.base}{path}").status for path in ("/dicom-web/studies",)]
    assert answers == [401]
    page.goto(f"{portal.base}/s/studies/")
    expect(page.get_by_text(sent.patient)).to_have_count(0)
    dentist.shoot("link-ended-390")


def see_each_access(portal: Portal, officer: Person) -> None:
    page = officer.page
    page.goto(f"{portal.base}/audit/")
    officer.shoot("audit")
    axe.check(page)
    for action in ("study.stored", "study.opened", "report.signed", "share.created", "study.exported", "share.revoked"):
        expect(page.get_by_title(action, exact=True).first).to_be_visible()
    expect(page.get_by_text(cast.BY_KEY["radiologist"].name).first).to_be_visible()


@pytest.mark.parametrize("key", ["technician", "compliance"])
def test_the_pages_are_accessible_by_day_and_by_night(portal: Portal, browser: Browser, key: str) -> None:
    person = arrive(browser)
    person.page.goto(f"{portal.base}/demo/sign-in/{key}/")
    for path in ("/studies/", "/studies/upload/") if key == "technician" else ("/audit/",):
        person.page.goto(f"{portal.base}{path}")
        look(person, f"page-{path.strip('/').replace('/', '-')}")
    assert person.problems == []


def test_a_two_dimensional_film_is_shown_with_its_spacing(portal: Portal, browser: Browser) -> None:
    person = arrive(browser)
    page = person.page
    page.goto(f"{portal.base}/demo/sign-in/dentist/")
    page.get_by_role("row", name=re.compile("DX")).get_by_role("link", name="Open").click()
    wait_for_state(page, "full", "preview")
    page.wait_for_timeout(1000)
    person.shoot("viewer-cephalometric")
    expect(pane(page, "film").or_(page.locator("[data-plane]")).first).to_be_visible()
    assert person.problems == []
