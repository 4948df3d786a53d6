"""After a whole day of work on one patient: the name and the pixels lie nowhere in clear but where they must."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pacs.dicom.phantom import make_uid
from tests.factories.portal import Portal
from tests.hostile.plants import (
    FACTS,
    NAMES,
    Finding,
    columns_with,
    in_files,
    pixel_runs,
    planted_files,
    refused_files,
    row_count,
)
from tests.hostile.running import Running, Site
from tests.hostile.visitor import Visitor, guest, invitation, member

pytestmark = [pytest.mark.xdist_group("storage-scan"), pytest.mark.timeout(300), pytest.mark.embedded]

UID = make_uid("planted", "study")
WORDS = [word.encode() for word in (*NAMES, *FACTS)]
NAME_COLUMNS = {
    "pacs_patient.name",
    "pacs_patient.name_pn",
    "pacs_study.patient_name",
    "pacs_study.patient_name_pn",
    "pacs_study.patient_name_folded",
    "pacs_nametoken.token",
}
FACT_COLUMNS = {
    "pacs_patient.match_key",
    "pacs_patient.dicom_patient_id",
    "pacs_patient.birth_date",
    "pacs_study.dicom_patient_id",
    "pacs_study.patient_birth_date",
    "pacs_study.accession_number",
    "pacs_study.description",
    "pacs_study.referring_physician_name",
    "pacs_series.description",
    # The procedure that was ordered, which many devices repeat as the description.
    "inference_imagetag.procedure",
}


@dataclass(frozen=True)
class Worked:
    """A portal after the work, and what nobody may find in it."""

    portal: Portal
    addresses: set[str]
    secrets: dict[str, list[bytes]]

    @property
    def database(self) -> Path:
        return self.portal.data / "bitewing.sqlite3"

    def files(self, pattern: str = "**/*") -> list[Path]:
        return [path for path in self.portal.folder.glob(pattern) if path.is_file() and "static" not in path.parts]


@pytest.fixture(scope="module")
def worked(site: Site) -> Worked:
    """Do all that the portal can do with one patient, then end it."""
    running = site(with_worker=True)
    portal = running.portal
    assert running.store(*planted_files()) == 200
    assert running.store(*refused_files()) == 409
    wait_for_the_worker(portal)
    addresses = work(running)
    secrets = {"token": [running.token[-43:].encode()], "link": [invitation(portal).secret.encode()]}
    portal.stop()
    return Worked(portal, addresses, secrets)


def wait_for_the_worker(portal: Portal) -> None:
    """Wait until previews, thumbnails and metadata are made."""
    deadline = time.monotonic() + 60
    waiting = "SELECT count(*) FROM outbox_outboxmessage WHERE done_at IS NULL"
    while row_count(portal.data / "bitewing.sqlite3", waiting) and time.monotonic() < deadline:
        time.sleep(0.2)


def work(running: Running) -> set[str]:
    """Search, read, view, report, share, open, download, export; return every address that was seen."""
    radiologist = member(running.portal, running.slug, "radiologist")
    study = radiologist.get(f"/studies/by-uid/{UID}/").headers["Location"]
    read(radiologist, study)
    assert radiologist.post(f"{study}report/", observations="Canary finding", action="sign").is_redirect
    assert radiologist.post(f"{study}share/", email="r@practice.example", rights="download_dicom").is_success
    visitor = guest(running.portal)
    take(visitor, study)
    officer = member(running.portal, running.slug, "owner")
    oversee(officer, study)
    with running.client() as script:
        script.get(f"/dicom-web/studies?PatientName={NAMES[0]}*").raise_for_status()
        script.get(f"/dicom-web/studies?PatientName={NAMES[0]}&limit=x")
    return radiologist.addresses | visitor.addresses | officer.addresses


def read(radiologist: Visitor, study: str) -> None:
    assert NAMES[0] in radiologist.get("/studies/").text.lower()
    assert NAMES[0] in radiologist.post("/studies/", name=NAMES[0]).text.lower()
    viewer = study.replace("/studies/", "/viewer/")
    for path in (study, f"{study}series/", viewer, f"{viewer}scene", f"{study}report/", f"{study}archive"):
        radiologist.get(path)
    radiologist.get(f"/no-such-page/{UID}")


def take(visitor: Visitor, study: str) -> None:
    assert NAMES[0] in visitor.get("/s/studies/").text.lower()
    assert visitor.get(f"{study}archive").is_success
    assert visitor.get(f"/dicom-web/studies/{UID}/metadata").is_success


def oversee(officer: Visitor, study: str) -> None:
    assert NAMES[0] in officer.get("/audit/").text.lower()
    assert officer.post("/audit/export/").is_success
    officer.get("/quarantine/")
    officer.post(f"{study}delete/")
    officer.get("/studies/bin/")
    officer.post(f"{study}restore/")


@pytest.mark.req("PA-05")
@pytest.mark.req("CARD-02")
def test_no_file_holds_pixels_in_clear(worked: Worked) -> None:
    assert len(worked.files("data/objects/o/**/*")) >= 8
    assert in_files(worked.files(), {"pixels": pixel_runs()}) == []


@pytest.mark.req("PA-05")
@pytest.mark.req("PA-03")
def test_no_file_but_the_database_holds_anything_of_the_patient(worked: Worked) -> None:
    others = [path for path in worked.files() if not path.name.startswith("bitewing.sqlite3")]

    assert in_files(others, {"words": WORDS}) == []


@pytest.mark.req("PA-03")
def test_the_database_holds_the_name_in_its_index_columns_only(worked: Worked) -> None:
    assert columns_with(worked.database, NAMES) == NAME_COLUMNS


@pytest.mark.req("PA-03")
def test_the_database_holds_other_facts_in_its_index_columns_only(worked: Worked) -> None:
    assert columns_with(worked.database, FACTS) <= NAME_COLUMNS | FACT_COLUMNS


@pytest.mark.req("X-10")
def test_no_mail_names_the_patient(worked: Worked) -> None:
    assert len(worked.portal.mails()) >= 2
    assert in_files(worked.files("data/mail/*"), {"words": WORDS}) == []


def test_no_address_names_the_patient(worked: Worked) -> None:
    assert len(worked.addresses) > 30
    assert [address for address in worked.addresses if any(word.decode() in address.lower() for word in WORDS)] == []


@pytest.mark.req("PA-03")
def test_no_log_holds_the_patient_or_what_was_searched_for(worked: Worked) -> None:
    logs = worked.files("*.log")

    assert {path.name for path in logs} == {"web-0.log", "worker-0.log"}
    assert in_files(logs, {"words": WORDS, **worked.secrets}) == []


@pytest.mark.req("X-10")
def test_secrets_are_kept_as_hashes(worked: Worked) -> None:
    kept = [path for path in worked.files() if "mail" not in path.parts]

    assert in_files(kept, worked.secrets) == []


def test_the_scan_finds_what_lies_in_clear(tmp_path: Path) -> None:
    (tmp_path / "clear").write_bytes(planted_files(1)[0])

    assert in_files([tmp_path / "clear"], {"pixels": pixel_runs(), "words": WORDS}) == [
        Finding("clear", "pixels"),
        Finding("clear", "words"),
    ]
