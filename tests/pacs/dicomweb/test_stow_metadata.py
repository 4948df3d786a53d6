"""STOW-RS of metadata and bulk data: objects put together from their parts (PS3.18 10.5.1.1)."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from django.test import Client
from imagecodecs import jpegls_encode
from pydicom import dcmread

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.dicom.scan import Scanner
from pacs.dicomweb import assembling
from pacs.models import Instance, Study
from tests.factories.studies import make_dicom
from tests.pacs.dicomweb.images import JPEG_LS
from tests.pacs.dicomweb.requests import BOUNDARY, address, content_of, parts_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("BR-13")]

CONTENT_TYPE = f'multipart/related; type="application/dicom+json"; boundary={BOUNDARY}'
OCTETS = "application/octet-stream"
Json = dict[str, Any]


def metadata_of(file: bytes, uri: str = "pixels") -> tuple[Json, bytes]:
    """Return the DICOM JSON of a file, with its pixels as a reference, and the pixels."""
    scanner = Scanner()
    scanner.feed(file)
    scan = scanner.finish()
    assert scan.pixel is not None
    pixels = file[scan.pixel.offset : scan.pixel.offset + (scan.pixel.length or 0)]
    return {**scan.head.json, "7FE00010": {"vr": "OW", "BulkDataURI": uri}}, pixels


def body_of(metadata: object, *bulk: tuple[str, str, bytes]) -> bytes:
    """Write a request: the metadata, and bulk values as (address, media type, content)."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom+json\r\n\r\n".encode()
    text = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
    parts = [head + text + b"\r\n"]
    for uri, media_type, content in bulk:
        lines = f"--{BOUNDARY}\r\nContent-Type: {media_type}\r\nContent-Location: {uri}\r\n\r\n"
        parts.append(lines.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def stow(client: Client, metadata: object, *bulk: tuple[str, str, bytes]) -> Any:
    return client.post("/dicom-web/studies", body_of(metadata, *bulk), content_type=CONTENT_TYPE)


def stored_file(client: Client, tenant: Tenant) -> Any:
    """Return the only stored object, as a reader of others sees it."""
    with tenant_scope(tenant.id):
        row = Instance.objects.select_related("study", "series").get()
        study: Study = row.study
    path = address(study, "series", row.series.series_instance_uid, "instances", row.sop_instance_uid)
    return dcmread(io.BytesIO(content_of(client.get(path, headers={"Accept": "application/dicom"}))))


def test_an_object_is_put_together_again(web: Client, tenant: Tenant) -> None:
    file = make_dicom("s", 1, PatientName="Yamada^Tarou=山田^太郎", SpecificCharacterSet="ISO_IR 192")
    metadata, pixels = metadata_of(file)
    response = stow(web, [metadata], ("pixels", OCTETS, pixels))
    assert response.status_code == 200
    (item,) = response.json()["00081199"]["Value"]
    assert item["00081155"]["Value"] == [make_uid("s", "instance", 1)]
    original, stored = dcmread(io.BytesIO(file)), stored_file(web, tenant)
    assert stored.PixelData == original.PixelData
    assert {one.tag: one.value for one in stored} == {one.tag: one.value for one in original}


def test_several_instances_are_one_request_whatever_the_order_of_their_values(web: Client, tenant: Tenant) -> None:
    both = [metadata_of(make_dicom("s", number), f"pixels/{number}") for number in (1, 2)]
    bulk = [(f"pixels/{number}", OCTETS, both[number - 1][1]) for number in (2, 1)]
    assert stow(web, [metadata for metadata, _ in both], *bulk).status_code == 200
    with tenant_scope(tenant.id):
        assert Study.objects.get().number_of_instances == 2


def test_compressed_frames_come_in_a_part_each(web: Client, tenant: Tenant) -> None:
    frames = np.arange(3 * 256, dtype=np.uint16).reshape(3, 16, 16)
    metadata, _ = metadata_of(make_dicom("s", 1, pixels=frames, SOPClassUID="1.2.840.10008.5.1.4.1.1.7"))
    bulk = [("pixels", "image/jls", bytes(jpegls_encode(frame))) for frame in frames]
    assert stow(web, [metadata], *bulk).status_code == 200
    stored = stored_file(web, tenant)
    assert (stored.file_meta.TransferSyntaxUID, stored.NumberOfFrames) == (JPEG_LS, 3)
    path = f"series/{stored.SeriesInstanceUID}/instances/{stored.SOPInstanceUID}/frames/3"
    with tenant_scope(tenant.id):
        study = Study.objects.get()
    ((_, content),) = parts_of(web.get(address(study, path)))
    assert content == frames[2].tobytes()


def test_values_inside_sequences_and_in_line_are_kept(web: Client, tenant: Tenant) -> None:
    metadata, pixels = metadata_of(make_dicom("s", 1))
    table = bytes(range(256)) * 8
    metadata["00283010"] = {
        "vr": "SQ",
        "Value": [
            {
                "00283002": {"vr": "US", "Value": [1024, 0, 16]},
                "00283006": {"vr": "OW", "BulkDataURI": "../table"},
                "00283003": {"vr": "LO", "Value": ["Bone", None]},
            }
        ],
    }
    metadata["00420011"] = {"vr": "OB", "InlineBinary": base64.b64encode(b"abc").decode()}
    assert stow(web, [metadata], ("pixels", OCTETS, pixels), ("../table", OCTETS, table)).status_code == 200
    stored = stored_file(web, tenant)
    assert stored.VOILUTSequence[0].LUTData == table
    assert stored.EncapsulatedDocument == b"abc\0"


def test_an_instance_whose_value_is_missing_is_refused_and_the_other_stored(web: Client, tenant: Tenant) -> None:
    one, pixels = metadata_of(make_dicom("s", 1), "one")
    other, _ = metadata_of(make_dicom("s", 2), "other")
    response = stow(web, [one, other], ("one", OCTETS, pixels))
    assert response.status_code == 202
    (failure,) = response.json()["00081198"]["Value"]
    assert failure["00081155"]["Value"] == [make_uid("s", "instance", 2)]
    assert failure["00081197"]["Value"] == [0xC000]
    assert "part 2" in failure["00000902"]["Value"][0]
    with tenant_scope(tenant.id):
        assert Instance.objects.count() == 1


def test_pixels_of_another_size_than_the_metadata_says_are_refused(web: Client) -> None:
    metadata, pixels = metadata_of(make_dicom("s", 1))
    response = stow(web, [metadata], ("pixels", OCTETS, pixels[:-2]))
    assert response.status_code == 409


@pytest.mark.parametrize(
    ("tag", "attribute"),
    [
        ("00280010", {"vr": "US", "Value": ["many"]}),
        ("00280010", {"vr": "US", "Value": [70000]}),
        ("00080060", {"vr": "XX", "Value": ["CT"]}),
        ("0008006", {"vr": "CS", "Value": ["CT"]}),
        ("00080018", {"vr": "UI", "Value": ["not a uid"]}),
        ("00420011", {"vr": "OB", "InlineBinary": "???"}),
        ("00080060", {"vr": "CS", "Value": "CT"}),
        ("00080016", {"vr": "UI", "Value": 5}),
        ("00080016", {"vr": "UI", "Value": {"a": 1}}),
        ("00080018", {"vr": "PN", "Value": [{"Alphabetic": 5}]}),
        ("00280008", {"vr": "IS", "Value": 5}),
        ("00280008", {"vr": "IS", "Value": [1e308]}),
        ("00280008", {"vr": "IS", "Value": [-1]}),
        ("00280010", {"vr": "US", "InlineBinary": "AQA=", "Value": 5}),
    ],
)
def test_metadata_that_cannot_be_written_is_refused_with_its_reason(web: Client, tag: str, attribute: Json) -> None:
    metadata, pixels = metadata_of(make_dicom("s", 1))
    response = stow(web, [{**metadata, tag: attribute}], ("pixels", OCTETS, pixels))
    assert response.status_code == 409
    answer = response.json()
    (failure,) = (answer.get("00081198") or answer["0008119A"])["Value"]
    assert failure["00081197"]["Value"] == [0xC000]


@pytest.mark.parametrize("value", [5, {"a": 1}, [{"Alphabetic": 5}]])
def test_a_transfer_syntax_that_is_none_is_not_said(web: Client, value: object) -> None:
    metadata, pixels = metadata_of(make_dicom("s", 1))
    metadata["00083002"] = {"vr": "UI", "Value": value}
    assert stow(web, [metadata], ("pixels", OCTETS, pixels)).status_code == 200


def test_pixels_longer_than_an_element_can_be_are_refused(web: Client) -> None:
    metadata, pixels = metadata_of(make_dicom("s", 1))
    size = {"00280010": 65535, "00280011": 65535}
    described = {tag: {"vr": "US", "Value": [number]} for tag, number in size.items()}
    frames = {"00280008": {"vr": "IS", "Value": [5000]}}
    response = stow(web, [{**metadata, **described, **frames}], ("pixels", OCTETS, pixels))
    assert response.status_code == 409


@pytest.mark.parametrize(
    ("metadata", "bulk"),
    [
        (b"{", []),
        (b"[]", []),
        (b'["text"]', []),
        (b"7", []),
        (b'[{"00080018": 7}]', []),
        (b"[{}]", [("unknown", OCTETS, b"x")]),
        (b"[{}]", [("", OCTETS, b"x")]),
    ],
)
def test_a_body_that_is_no_metadata_is_a_problem(
    web: Client, metadata: bytes, bulk: list[tuple[str, str, bytes]]
) -> None:
    response = stow(web, metadata, *bulk)
    assert (response.status_code, response.json()["type"]) == (400, "urn:bitewing:malformed-body")


def test_a_body_of_bulk_data_alone_is_a_problem(web: Client) -> None:
    body = f"--{BOUNDARY}\r\nContent-Type: {OCTETS}\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode()
    assert web.post("/dicom-web/studies", body, content_type=CONTENT_TYPE).status_code == 400


def test_what_must_be_held_is_bounded_but_pixels_are_not_held(web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembling, "MAX_HELD_BYTES", 100)
    metadata, pixels = metadata_of(make_dicom("s", 1))
    assert stow(web, [metadata], ("pixels", OCTETS, pixels)).status_code == 200
    metadata, pixels = metadata_of(make_dicom("s", 2))
    metadata["00420011"] = {"vr": "OB", "BulkDataURI": "document"}
    response = stow(web, [metadata], ("document", OCTETS, b"x" * 101), ("pixels", OCTETS, pixels))
    assert (response.status_code, response.json()["type"]) == (413, "urn:bitewing:too-large")


def test_the_study_of_the_address_is_held_to(web: Client) -> None:
    metadata, pixels = metadata_of(make_dicom("s", 1))
    body = body_of([metadata], ("pixels", OCTETS, pixels))
    response = web.post(f"/dicom-web/studies/{make_uid('t', 'study')}", body, content_type=CONTENT_TYPE)
    (failure,) = response.json()["00081198"]["Value"]
    assert (response.status_code, failure["00081197"]["Value"]) == (409, [0xC409])
