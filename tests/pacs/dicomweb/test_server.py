"""The services behind the real server: chunks, breaking connections, endless bodies, other people's clients."""

import hashlib
import io
import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pytest
import requests
from dicomweb_client import DICOMwebClient
from imagecodecs import jpegls_decode
from pydicom import dcmread
from pydicom.encaps import generate_frames

from pacs.dicom.phantom import make_slice, make_uid
from tests.factories.studies import make_dicom, make_files
from tests.pacs.dicomweb import portal
from tests.pacs.dicomweb.images import JPEG_LS
from tests.pacs.dicomweb.portal import Portal
from tests.pacs.dicomweb.requests import BOUNDARY, CONTENT_TYPE, stow_body

MEGABYTE = 1 << 20
REVOKE = """
from accounts.models import ApiToken, Tenant
from common.clock import now
from common.scope import tenant_scope
with tenant_scope(Tenant.objects.get().id):
    assert ApiToken.objects.filter(id="{token_id}").update(revoked_at=now())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with portal.running(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def token(site: Portal) -> str:
    return site.new_token()


def send_head(site: Portal, token: str, *lines: str) -> socket.socket:
    """Begin a STOW-RS request by hand."""
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=60)
    head = [
        "POST /dicom-web/studies HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        f"Content-Type: {CONTENT_TYPE}",
        *lines,
        "",
        "",
    ]
    connection.sendall("\r\n".join(head).encode())
    return connection


def send_chunk(connection: socket.socket, data: bytes) -> None:
    connection.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def read_status(connection: socket.socket) -> int:
    return int(connection.recv(65_536).split(b" ", 2)[1])


def get(site: Portal, token: str, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{site.root}/{path}", headers={"Authorization": f"Bearer {token}", **headers}, timeout=60)


def store(site: Portal, token: str, *files: bytes) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": CONTENT_TYPE}
    return requests.post(f"{site.root}/studies", stow_body(*files), headers=headers, timeout=120).status_code


def count(site: Portal, token: str, seed: str) -> int:
    response = get(site, token, f"studies?StudyInstanceUID={make_uid(seed, 'study')}")
    return len(response.json())


def memory(site: Portal) -> int:
    """Return the memory of the server's only worker, in bytes."""
    children = Path(f"/proc/{site.server_pid}/task/{site.server_pid}/children").read_text().split()
    resident = [Path(f"/proc/{child}/statm").read_text().split()[1] for child in children]
    return max(int(pages) for pages in resident) * 4096


def test_a_chunked_body_is_stored(site: Portal, token: str) -> None:
    body = stow_body(*make_files("chunked", 2))
    with send_head(site, token, "Transfer-Encoding: chunked") as connection:
        for begin in range(0, len(body), 777):
            send_chunk(connection, body[begin : begin + 777])
        send_chunk(connection, b"")
        assert read_status(connection) == 200
    assert count(site, token, "chunked") == 1


def test_a_sender_that_leaves_in_the_middle_leaves_nothing(site: Portal, token: str) -> None:
    body = stow_body(*make_files("gone", 3))
    with send_head(site, token, "Transfer-Encoding: chunked") as connection:
        send_chunk(connection, body[: len(body) - 200])
    with send_head(site, token, f"Content-Length: {len(body)}") as connection:
        connection.sendall(body[: len(body) - 200])
    time.sleep(1)
    assert count(site, token, "gone") == 0
    assert store(site, token, *make_files("gone", 3)) == 200


def test_an_endless_body_without_a_boundary_is_refused_at_once(site: Portal, token: str) -> None:
    with send_head(site, token, "Transfer-Encoding: chunked") as connection:
        send_chunk(connection, b"x" * MEGABYTE)
        assert read_status(connection) == 400


def test_a_huge_part_takes_no_memory(site: Portal, token: str) -> None:
    assert store(site, token, b"warm up") == 409
    before = memory(site)
    with send_head(site, token, "Transfer-Encoding: chunked") as connection:
        send_chunk(connection, f"--{BOUNDARY}\r\n\r\n".encode())
        for _ in range(256):
            send_chunk(connection, bytes(MEGABYTE))
        send_chunk(connection, f"\r\n--{BOUNDARY}--".encode())
        send_chunk(connection, b"")
        assert read_status(connection) == 409
    assert memory(site) - before < 64 * MEGABYTE


def test_requests_without_a_credential_are_refused_before_their_body(site: Portal) -> None:
    with send_head(site, "dpt_false", f"Content-Length: {1 << 30}") as connection:
        assert read_status(connection) == 401


def test_a_reader_that_leaves_in_the_middle_stops_only_himself(site: Portal, token: str) -> None:
    store(site, token, make_large("left"))
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    path = f"/dicom-web/studies/{make_uid('left', 'study')}"
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    response.read(1000)
    response.close()
    connection.close()
    assert count(site, token, "left") == 1


def make_large(seed: str) -> bytes:
    """Make an image of 64 frames of a megabyte."""
    pixels = np.zeros((64, 512, 1024), np.uint16)
    pixels[:, 0, 0] = np.arange(64)
    return make_slice(
        pixels=pixels,
        StudyInstanceUID=make_uid(seed, "study"),
        SeriesInstanceUID=make_uid(seed, "series"),
        SOPInstanceUID=make_uid(seed, "instance"),
    )


def test_a_large_study_is_streamed_whole_and_bit_identical(site: Portal, token: str) -> None:
    file = make_large("large")
    assert store(site, token, file) == 200
    before = memory(site)
    path = f"studies/{make_uid('large', 'study')}/series/{make_uid('large', 'series')}"
    response = get(site, token, f"{path}/instances/{make_uid('large', 'instance')}", Accept="application/dicom")
    assert hashlib.sha256(response.content).digest() == hashlib.sha256(file).digest()
    assert memory(site) - before < 64 * MEGABYTE


@pytest.mark.req("X-10")
def test_a_revoked_token_stops_a_running_download(site: Portal) -> None:
    token = site.new_token()
    file = make_large("stopped")
    assert store(site, token, file) == 200
    connection = HTTPConnection("127.0.0.1", site.port, timeout=60)
    path = f"/dicom-web/studies/{make_uid('stopped', 'study')}"
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    received = len(response.read(MEGABYTE))
    site.manage("shell", "-c", REVOKE.format(token_id=token.split("_")[1]))
    # A decision is kept for five seconds, and asked for again every two.
    time.sleep(7.5)
    while block := response.read1(MEGABYTE):
        received += len(block)
    response.close()
    connection.close()
    assert received < len(file)


@pytest.mark.req("CARD-01")
@pytest.mark.req("PA-09")
def test_a_client_of_others_stores_searches_and_retrieves(site: Portal, token: str) -> None:
    client = DICOMwebClient(url=site.root, headers={"Authorization": f"Bearer {token}"})
    study, series = make_uid("client", "study"), make_uid("client", "series")
    sent = [dcmread(io.BytesIO(file)) for file in make_files("client", 3)]
    client.store_instances(sent)
    (found,) = client.search_for_studies(search_filters={"StudyInstanceUID": study})
    assert found["00201208"]["Value"] == [3]
    received = client.retrieve_series(study, series)
    assert [hashlib.sha256(one.PixelData).digest() for one in received] == [
        hashlib.sha256(one.PixelData).digest() for one in sent
    ]
    assert received == sent
    frames = client.retrieve_instance_frames(study, series, sent[1].SOPInstanceUID, frame_numbers=[1])
    assert frames == [sent[1].PixelData]
    metadata = client.retrieve_series_metadata(study, series)
    assert [item["00080018"]["Value"][0] for item in metadata] == [one.SOPInstanceUID for one in sent]
    picture = client.retrieve_instance_rendered(study, series, sent[0].SOPInstanceUID, media_types=("image/png",))
    assert picture.startswith(b"\x89PNG")
    client.delete_study(study)
    assert client.search_for_studies(search_filters={"StudyInstanceUID": study}) == []


@pytest.mark.req("PA-09")
def test_a_client_of_others_retrieves_what_is_compressed_for_it(site: Portal, token: str) -> None:
    client = DICOMwebClient(url=site.root, headers={"Authorization": f"Bearer {token}"})
    files = make_files("compressed", 2)
    store(site, token, *files)
    study, series = make_uid("compressed", "study"), make_uid("compressed", "series")
    pixels = [dcmread(io.BytesIO(file)).pixel_array for file in files]
    received = client.retrieve_series(study, series, media_types=(("application/dicom", JPEG_LS),))
    assert [one.file_meta.TransferSyntaxUID for one in received] == [JPEG_LS] * 2
    streams = [next(generate_frames(one.PixelData, number_of_frames=1)) for one in received]
    assert all(np.array_equal(jpegls_decode(stream), one) for stream, one in zip(streams, pixels, strict=True))
    frames = client.retrieve_instance_frames(
        study, series, received[0].SOPInstanceUID, frame_numbers=[1], media_types=(("image/jls", JPEG_LS),)
    )
    assert np.array_equal(jpegls_decode(frames[0]), pixels[0])


def test_the_originals_come_back_bit_for_bit_through_the_server(site: Portal, token: str) -> None:
    files = make_files("bits", 3)
    store(site, token, *files)
    series = f"studies/{make_uid('bits', 'study')}/series/{make_uid('bits', 'series')}"
    for number, file in enumerate(files, start=1):
        path = f"{series}/instances/{make_uid('bits', 'instance', number)}"
        received = get(site, token, path, Accept="application/dicom").content
        assert hashlib.sha256(received).hexdigest() == hashlib.sha256(file).hexdigest()


def test_a_problem_is_told_as_json(site: Portal, token: str) -> None:
    response = get(site, token, "studies?StudyDate=yesterday")
    assert json.loads(response.content)["status"] == 400
    assert b"yesterday" not in response.content


def test_a_search_is_not_logged(site: Portal, token: str) -> None:
    get(site, token, "studies?PatientName=Verysecretname*")
    store(site, token, make_dicom("logged", PatientName="Verysecretname^X"))
    log = Path(site.environment["BITEWING_DATA_DIR"]) / "serve.log"
    assert "verysecretname" not in log.read_text().lower()
