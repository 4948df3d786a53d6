"""Programs of others against ours: dcmtk as devices, Orthanc as a neighbour, kills and a lost line for the gateway."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from imagecodecs import jpegls_encode
from pydicom import dcmread

from pacs.dicom.file_meta import data_set_offset
from pacs.dicom.phantom import make_slice, make_uid
from pacs.dimse.gateway.running import describe
from tests.factories.portal import Portal
from tests.factories.studies import make_files
from tests.hostile.crashing import IN_GATEWAY
from tests.pacs.dicom.encoded import BIG, DEFLATED, EXPLICIT, IMPLICIT
from tests.pacs.dicomweb.images import JPEG_LS, pixel_elements
from tests.pacs.dimse.running import EVERYTHING, listening, make_certificate, program, scu, settle, settle_many
from tests.pacs.dimse.talking import uid_of
from tests.servers.process import accepts, free_port, running

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("dimse"), pytest.mark.req("X-20")]
PATIENCE_S = 60


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    found = Portal(folder=tmp_path_factory.mktemp("portal"))
    found.prepare()
    found.start(with_worker=False)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def practices(portal: Portal) -> dict[str, str]:
    """Make a tenant for each mark, in one process; return their tokens."""
    return dict(zip(IN_GATEWAY, settle_many(portal, IN_GATEWAY), strict=True))


def save(folder: Path, files: list[bytes]) -> Path:
    folder.mkdir()
    for number, file in enumerate(files):
        (folder / f"{number}.dcm").write_bytes(file)
    return folder


def becomes(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def stored(portal: Portal, token: str) -> list[str]:
    """List the SOP Instance UIDs of a tenant, with repetitions if there were any."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/dicom+json"}
    answer = httpx.get(f"{portal.url}/dicom-web/instances", headers=headers, timeout=60)
    return sorted(item["00080018"]["Value"][0] for item in answer.json())


@pytest.mark.req("BR-01")
@pytest.mark.req("BR-02")
def test_dcmtk_verifies_stores_finds_fetches_moves_and_reads_the_worklist(portal: Portal, tmp_path: Path) -> None:
    program("storescu")
    move_port = free_port()
    viewer = {"host": "127.0.0.1", "port": move_port}
    plan = {"external_id": "a", "patient_id": "P-9", "family_name": "Doe", "date": "2026-11-30", "modality": "CT"}
    token = settle(portal, "Dcmtk", called="DCMTK", devices={"DEVICE": {**EVERYTHING, **viewer}}, plans=[plan])
    sent = make_files("dcmtk", 3)
    folder, fetched, moved = save(tmp_path / "sent", sent), tmp_path / "fetched", tmp_path / "moved"
    fetched.mkdir()
    moved.mkdir()
    with listening(portal) as port:

        def run(name: str, *words: str | Path) -> str:
            status, text = scu(name, port, *words, called="DCMTK")
            assert status == 0, text
            return text

        run("echoscu")
        run("storescu", "-R", "--", "+sd", folder)
        found = run(
            "findscu", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName=PHANTOM*", "-k", "StudyInstanceUID"
        )
        uid = next(
            line.split("[")[1].split("]")[0].strip("\0 ") for line in found.splitlines() if "(0020,000d) UI [" in line
        )
        keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={uid}")
        run("getscu", "-S", "-od", fetched, *keys)
        run("movescu", "-S", "-aem", "DEVICE", "+P", str(move_port), "-od", moved, *keys)
        worklist = run("findscu", "-W", "-k", "PatientName", "-k", "ScheduledProcedureStepSequence[0].Modality=CT")

    bodies = sorted(file[data_set_offset(file) :] for file in sent)
    for place in (fetched, moved):
        files = [path.read_bytes() for path in place.iterdir()]
        assert sorted(file[data_set_offset(file) :] for file in files) == bodies
    assert "Doe" in worklist
    assert stored(portal, token) == sorted(map(uid_of, sent))


@pytest.mark.req("BR-02")
def test_dcmtk_that_takes_no_compression_gets_the_same_pixels_plain(portal: Portal, tmp_path: Path) -> None:
    program("storescu")
    move_port = free_port()
    viewer = {"host": "127.0.0.1", "port": move_port}
    settle(portal, "Plain", called="PLAIN", devices={"DEVICE": {**EVERYTHING, **viewer}})
    frame = np.arange(40 * 30, dtype=np.uint16).reshape(40, 30) * 50
    study = make_uid("plain", "study")
    kept: dict[str, dict[str, Any]] = {
        "-xt": {"fragments": [bytes(jpegls_encode(frame))], "transfer_syntax_uid": JPEG_LS},
        "-xd": {"pixels": frame, "transfer_syntax_uid": DEFLATED},
        "-xb": {"pixels": frame, "transfer_syntax_uid": BIG},
    }
    series: dict[str, Any] = {"StudyInstanceUID": study, "SeriesInstanceUID": make_uid("plain", "series")}
    sent = [
        (word, make_slice(**pixel_elements(frame), **series, SOPInstanceUID=make_uid("plain", word), **how))
        for word, how in kept.items()
    ]
    fetched, moved = tmp_path / "fetched", tmp_path / "moved"
    fetched.mkdir()
    moved.mkdir()
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}")
    with listening(portal) as port:
        for name, words in (
            *(("storescu", (word, "--", "+sd", save(tmp_path / f"sent{word}", [file]))) for word, file in sent),
            ("getscu", ("-S", "-od", fetched, *keys)),
            ("movescu", ("-S", "+xi", "-aem", "DEVICE", "+P", str(move_port), "-od", moved, *keys)),
        ):
            status, text = scu(name, port, *words, called="PLAIN")
            assert status == 0, text

    for place, taken in ((fetched, {EXPLICIT, IMPLICIT, BIG}), (moved, {IMPLICIT})):
        found = [dcmread(path) for path in place.iterdir()]
        assert {one.file_meta.TransferSyntaxUID for one in found} <= taken
        assert [one.pixel_array.tolist() for one in found] == [frame.tolist()] * len(kept)


@pytest.mark.req("PA-06")
def test_over_tls_a_device_is_let_in_with_its_own_certificate(portal: Portal, tmp_path: Path) -> None:
    program("echoscu")
    server, device, other = (make_certificate(tmp_path, name) for name in ("server", "device", "other"))
    settle(portal, "Secure", called="SECURE", devices={"DEVICE": {"certificate_sha256": device.sha256}})
    vouched = tmp_path / "clients.pem"
    vouched.write_bytes(device.certificate.read_bytes() + other.certificate.read_bytes())
    tls = ("--tls-certificate", server.certificate, "--tls-key", server.key, "--tls-clients", vouched)
    with listening(portal, *tls) as port:

        def echo(*words: str | Path) -> int:
            return scu("echoscu", port, *words, called="SECURE")[0]

        trust = ("+cf", server.certificate)
        assert echo("+tls", device.key, device.certificate, *trust) == 0
        assert echo("+tls", other.key, other.certificate, *trust) != 0
        assert echo("+tla", *trust) != 0
        assert echo() != 0


@pytest.mark.req("BR-01")
def test_orthanc_sends_to_us_and_fetches_from_us(portal: Portal, tmp_path: Path) -> None:
    orthanc = program("Orthanc")
    web, dicom = free_port(), free_port()
    neighbour = {**EVERYTHING, "host": "127.0.0.1", "port": dicom}
    token = settle(portal, "Neighbour", called="NEIGHBOUR", devices={"ORTHANC": neighbour})
    sent = make_files("orthanc", 2)
    with listening(portal) as port:
        settings = {
            "StorageDirectory": str(tmp_path / "db"),
            "IndexDirectory": str(tmp_path / "db"),
            "HttpPort": web,
            "DicomPort": dicom,
            "DicomAet": "ORTHANC",
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomModalities": {"us": ["NEIGHBOUR", "127.0.0.1", port]},
        }
        (tmp_path / "orthanc.json").write_text(json.dumps(settings))
        command = [orthanc, str(tmp_path / "orthanc.json")]
        log = tmp_path / "orthanc.log"
        ready = lambda: accepts(web) and accepts(dicom)  # noqa: E731  two ports
        with (
            running(command, is_ready=ready, log=log),
            httpx.Client(base_url=f"http://127.0.0.1:{web}", timeout=60) as api,
        ):
            ids = [api.post("/instances", content=file).json()["ID"] for file in sent]
            pushed = api.post("/modalities/us/store", json=ids)
            assert pushed.status_code == 200, pushed.text
            assert stored(portal, token) == sorted(map(uid_of, sent))

            for instance in ids:
                api.delete(f"/instances/{instance}")
            query = api.post("/modalities/us/query", json={"Level": "Study", "Query": {"PatientName": "*"}}).json()
            fetched = api.post(f"/queries/{query['ID']}/retrieve", json={"TargetAet": "ORTHANC"})
            assert fetched.status_code == 200, fetched.text
            assert len(api.get("/instances").json()) == 2


@pytest.mark.req("BR-13")
@pytest.mark.parametrize("mark", IN_GATEWAY)
def test_a_gateway_that_loses_power_loses_and_doubles_nothing(
    portal: Portal, practices: dict[str, str], tmp_path: Path, mark: str
) -> None:
    program("storescu")
    token = practices[mark]
    sent = make_files(mark, 3)
    folder = save(tmp_path / "sent", sent)
    words = (
        "--forward",
        f"{portal.url}/dicom-web",
        "--token",
        token,
        "--spool",
        tmp_path / "spool",
        "--allow-ae",
        "DEVICE",
    )
    with listening(portal, *words, crash_at=f"{mark}:1") as port:
        # Killed while it takes the first object, or when it forwards it.
        scu("storescu", port, "-R", "--", "+sd", folder, called="BITEWING")
        assert becomes(lambda: not accepts(port))

    with listening(portal, *words) as port:
        status, text = scu("storescu", port, "-R", "--", "+sd", folder, called="BITEWING")
        assert status == 0, text
        assert becomes(lambda: stored(portal, token) == sorted(map(uid_of, sent)))
        assert becomes(lambda: list((tmp_path / "spool").glob("*.obj")) == [])

    assert list((tmp_path / "spool" / "refused").iterdir()) == []
    assert "waiting: 0 objects" in describe(tmp_path / "spool")


def test_the_listener_refuses_to_start_plainly_for_everybody(portal: Portal) -> None:
    for words in (
        ["dicom_listen"],
        ["dicom_listen", "--plain", "--host=0.0.0.0"],
        ["dicom_listen", "--plain", "--host=8.8.8.8"],
    ):
        with pytest.raises(RuntimeError, match=r"--plain|local network"):
            portal.manage(*words)
