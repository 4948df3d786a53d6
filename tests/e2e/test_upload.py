"""Uploads that nothing stops, and studies that end with the right patient: in a browser, on a real portal."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pacs.dicom import phantom
from tests.e2e import axe
from tests.e2e.conftest import ON_DEVICES, Person, arrive
from tests.e2e.story import look, write_folder
from tests.factories.pictures import make_jpeg, make_pixels, make_png
from tests.factories.portal import Portal, portal
from tests.factories.studies import make_dicom, make_files

pytestmark = [pytest.mark.e2e, pytest.mark.once, pytest.mark.xdist_group("e2e")]

SLICES = 160
BATCH_BYTES = 400_000
PARALLEL = 4
INTERRUPTIONS = 10
SEED = 20261121
# Fast enough for the suite, slow enough to be interrupted.
UPLOAD_BYTES_PER_S = 6_000_000
PATIENT = phantom.Person(name="Broken^Lina", patient_id="UP-1", birth_date="19770707", sex="F")
# Every body that the page hands to the network, whole, whatever becomes of it; other tabs go on counting.
COUNT_BYTES = """
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
  localStorage.sent = Number(localStorage.sent ?? 0) + (body?.size ?? 0);
  return send.call(this, body);
};
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal with the cast of the demo."""
    with portal(tmp_path_factory.mktemp("portal"), is_demo=True) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CBCT as a scanner exports it."""
    files = phantom.make_cbct(columns=200, rows=200, slices=SLICES, spacing_mm=0.5, patient=PATIENT, seed="upload")
    return write_folder(tmp_path_factory.mktemp("scanner") / "CBCT", list(files))


def sign_in(server: Portal, person: Person, key: str) -> Page:
    person.page.goto(f"{server.url}/demo/sign-in/{key}/")
    return person.page


def choose(
    server: Portal,
    page: Page,
    given: Path,
    *,
    batch_bytes: int = BATCH_BYTES,
    piece_bytes: int = 16_777_216,
    speed: int = UPLOAD_BYTES_PER_S,
) -> None:
    """Open the upload page and choose a folder, on a slow line and in small batches."""
    page.goto(f"{server.url}/studies/upload/")
    sizes = {"batchBytes": batch_bytes, "pieceBytes": piece_bytes}
    page.evaluate("sizes => Object.assign(document.querySelector('upload-folder').dataset, sizes)", sizes)
    line = page.context.new_cdp_session(page)
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": speed},
    )
    page.locator("input[data-part=folder]").set_input_files(given)


def wait_for_files(page: Page, count: int) -> None:
    """Wait until so many files have an answer."""
    page.wait_for_function(
        """count => ["stored", "known"].reduce(
             (sum, name) => sum + Number(document.querySelector(`[data-part=${name}]`).textContent), 0) >= count""",
        arg=count,
        timeout=60_000,
    )


def interrupt(server: Portal, page: Page, kind: str, folder: Path) -> Page:
    """Break it off in one of three ways; return the page on which it goes on."""
    context = page.context
    if kind == "line":
        context.set_offline(True)
        page.wait_for_timeout(300)
        context.set_offline(False)
        return page
    if kind == "tab":
        page.close(run_before_unload=False)
        again = context.new_page()
        choose(server, again, folder)
        return again
    server.kill()
    server.start(with_worker=False)
    return page


def hashes_of(folder: Path) -> list[str]:
    return sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir())


def stored_hashes(server: Portal, token: str) -> list[str]:
    """Return the hashes of all originals of the patient's only study."""
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        (study,) = client.get("/dicom-web/studies", params={"PatientID": PATIENT.patient_id}).json()
        uid = study["0020000D"]["Value"][0]
        archive = client.get(f"/dicom-web/studies/{uid}", headers={"Accept": "application/zip"}).content
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        names = [name for name in members.namelist() if name != "DICOMDIR"]
        return sorted(hashlib.sha256(members.read(name)).hexdigest() for name in names)


@pytest.mark.parametrize(
    ("is_phone", "words"), [(True, "Choose a folder or files"), (False, "Drop a folder or files here")]
)
def test_fingers_are_asked_to_choose_and_a_mouse_to_drop(
    server: Portal, browser: Browser, is_phone: bool, words: str
) -> None:
    page = sign_in(server, arrive(browser, phone=is_phone), "technician")
    page.goto(f"{server.url}/studies/upload/")

    expect(page.get_by_role("heading", name=words, exact=True)).to_be_visible()


@pytest.mark.req("PA-01")
@pytest.mark.req("PA-02")
def test_an_upload_interrupted_ten_times_arrives_once(server: Portal, browser: Browser, folder: Path) -> None:
    random = np.random.default_rng(SEED)
    kinds = [str(kind) for kind in random.permutation([*["line"] * 4, *["tab"] * 3, *["server"] * 3])]
    moments = np.sort(random.choice(np.arange(4, SLICES - 10), INTERRUPTIONS, replace=False))
    person = arrive(browser)
    person.context.add_init_script(COUNT_BYTES)
    page = sign_in(server, person, "technician")
    choose(server, page, folder)

    for kind, moment in zip(kinds, moments, strict=True):
        wait_for_files(page, int(moment))
        page = interrupt(server, page, kind, folder)
    expect(page.locator("[data-part=headline]")).to_have_text("Done", timeout=90_000)

    token = server.create_token("lakeside-imaging")
    assert stored_hashes(server, token) == hashes_of(folder)
    total = sum(path.stat().st_size for path in folder.iterdir())
    sent = page.evaluate("Number(localStorage.sent)")
    assert total <= sent <= total * 1.01 + INTERRUPTIONS * PARALLEL * BATCH_BYTES
    page.reload()
    expect(page.locator("[data-part=unfinished]")).to_have_count(0)


def test_a_large_file_goes_on_where_it_broke_off(server: Portal, browser: Browser, tmp_path: Path) -> None:
    pixels = np.arange(1024 * 512, dtype=np.uint32).astype(np.uint16).reshape(1024, 512)
    file = make_dicom("large", 1, pixels=pixels, PatientName="Large^Lars", PatientID="LARGE-1")
    given = write_folder(tmp_path / "volume", [file])
    person = arrive(browser)
    person.context.add_init_script(COUNT_BYTES)
    page = sign_in(server, person, "technician")
    choose(server, page, given, piece_bytes=100_000, speed=500_000)
    page.wait_for_function("() => Number(localStorage.sent) > 500000")
    page.close(run_before_unload=False)

    page = person.context.new_page()
    choose(server, page, given, piece_bytes=100_000)
    expect(page.locator("[data-part=headline]")).to_have_text("Done", timeout=30_000)
    expect(page.locator("[data-part=stored]")).to_have_text("1")
    assert page.evaluate("Number(localStorage.sent)") <= len(file) + 100_000


def test_a_zip_and_the_folder_it_was_made_of_are_one_study(server: Portal, browser: Browser, tmp_path: Path) -> None:
    files = make_files("zipped", 6, PatientName="Packed^Paula", PatientID="ZIP-1")
    given = write_folder(tmp_path / "CD", files)
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in given.iterdir():
            packed.write(path, f"CD/{path.name}")
        packed.writestr("CD/readme.txt", "Exported by the scanner")
    page = sign_in(server, arrive(browser), "technician")
    page.goto(f"{server.url}/studies/upload/")
    page.locator("input[data-part=files]").set_input_files(archive)
    expect(page.locator("[data-part=stored]")).to_have_text("6")
    expect(page.locator("[data-part=skipped]")).to_have_text("1")
    page.get_by_role("button", name="Upload more").click()
    page.locator("input[data-part=folder]").set_input_files(given)
    expect(page.locator("[data-part=known]")).to_have_text("6")


def test_what_was_paused_is_listed_and_continued(server: Portal, browser: Browser, tmp_path: Path) -> None:
    files = make_files("paused", 40, PatientName="Paused^Pia", PatientID="PAUSE-1")
    given = write_folder(tmp_path / "Pia CBCT", files)
    person = arrive(browser)
    page = sign_in(server, person, "technician")
    choose(server, page, given, batch_bytes=4_000, speed=5_000)
    # What the portal has heard of is listed: a pause that comes before that is of nothing.
    wait_for_files(page, 1)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-part=headline]")).to_have_text("Paused")
    person.shoot("upload-paused")
    page.close(run_before_unload=False)

    person.page = page = person.context.new_page()
    page.goto(f"{server.url}/studies/upload/")
    expect(page.locator("[data-part=unfinished]")).to_contain_text("Pia CBCT")
    person.shoot("upload-unfinished")
    axe.check(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=re.compile("Continue")).click()
    chooser.value.set_files(given)
    expect(page.locator("[data-part=headline]")).to_have_text("Done", timeout=30_000)
    person.shoot("upload-continued")


@ON_DEVICES
def test_pictures_doubts_and_corrections_from_beginning_to_end(
    server: Portal, browser: Browser, tmp_path: Path, phone: bool
) -> None:
    number = "390" if phone else "1440"
    person = arrive(browser, phone=phone)
    sign_in(server, person, "technician")
    send_pictures(server, person, tmp_path, number)
    study = send_doubtful(server, person, tmp_path, number)
    decide(server, person, number)
    correct_and_take_back(person, study, number)
    # The one that a lacking field gave.
    assert [problem for problem in person.problems if "422" not in problem] == []


def send_pictures(server: Portal, person: Person, tmp_path: Path, number: str) -> None:
    """A photograph and a saved panoramic of a patient who is entered now."""
    page = person.page
    (tmp_path / "photo.jpg").write_bytes(make_jpeg(make_pixels(480, 640)))
    (tmp_path / "panoramic.png").write_bytes(make_png(make_pixels(300, 600, is_colour=False)))
    page.goto(f"{server.url}/studies/upload/pictures/")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-part=headline]")).to_have_text("Choose at least one picture.")
    page.get_by_label("Pictures", exact=True).set_input_files([tmp_path / "photo.jpg", tmp_path / "panoramic.png"])
    page.get_by_label("Taken on").fill("2026-11-20")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Family name")).to_be_focused()
    look(person, f"pictures-lacking-{number}")
    page.get_by_label("Family name").fill("Picture")
    page.get_by_label("Given names").fill(f"Paul {number}")
    page.get_by_label("Patient id").fill(f"PIC-{number}")
    page.get_by_label("Date of birth").fill("1990-01-01")
    page.get_by_label("What it shows").select_option(label="Panoramic X-ray")
    page.get_by_label("Tooth (FDI)").select_option("36")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-part=headline]")).to_have_text("Done: 2 stored.")
    look(person, f"pictures-sent-{number}")
    page.get_by_role("link", name="Open study").first.click()
    expect(page.get_by_role("heading", name=f"Picture, Paul {number}")).to_be_visible()


def send_doubtful(server: Portal, person: Person, tmp_path: Path, number: str) -> str:
    """Two studies of one patient id and two names; return the address of the first."""
    page = person.page
    send_study(server, page, tmp_path, "Known^Karla", number)
    page.locator("[data-part=studies] a").click()
    expect(page.get_by_role("heading", name=re.compile("^Known"))).to_be_visible()
    study = page.url
    send_study(server, page, tmp_path, "Other^Otto", number)
    expect(page.locator("[data-part=held]")).to_have_text("2")
    expect(page.get_by_role("link", name="Decide whose they are")).to_be_visible()
    page.locator("summary").filter(has_text="Files that were refused").click()
    look(person, f"upload-doubt-{number}")
    return study


def send_study(server: Portal, page: Page, tmp_path: Path, name: str, number: str) -> None:
    files = make_files(f"{name}-{number}", 2, PatientID=f"ID-{number}", PatientName=f"{name} {number}")
    page.goto(f"{server.url}/studies/upload/")
    page.locator("input[data-part=folder]").set_input_files(write_folder(tmp_path / name, files))
    expect(page.locator("[data-part=headline]")).to_have_text(re.compile("^Done"))


def decide(server: Portal, person: Person, number: str) -> None:
    page = person.page
    page.goto(f"{server.url}/studies/in-doubt/")
    row = page.locator("li", has=page.get_by_text(f"Other {number}").or_(page.get_by_text(f"Otto {number}"))).first
    look(person, f"doubts-{number}")
    row.get_by_label(re.compile("Right patient id")).fill(f"OTTO-{number}")
    row.get_by_role("button", name="Another person").click()
    expect(page.get_by_text("Decided: another person.")).to_be_visible()
    look(person, f"doubts-decided-{number}")


def correct_and_take_back(person: Person, study: str, number: str) -> None:
    page = person.page
    page.goto(study)
    page.get_by_role("link", name="Wrong patient?").click()
    page.get_by_label("Name or id of the patient").fill(f"OTTO-{number}")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("radio", name=re.compile("Other")).check()
    look(person, f"correct-found-{number}")
    page.get_by_role("button", name="Give to this patient").click()
    expect(page.get_by_text(re.compile("The study is with the other patient now"))).to_be_visible()
    expect(page.get_by_text(re.compile("The original files name Known"))).to_be_visible()
    look(person, f"correct-done-{number}")
    page.goto(study)
    expect(page.get_by_role("heading", name=re.compile("^Other"))).to_be_visible()
    page.get_by_role("link", name="Wrong patient?").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("The correction is taken back.")).to_be_visible()
    page.goto(study)
    expect(page.get_by_role("heading", name=re.compile("^Known"))).to_be_visible()
