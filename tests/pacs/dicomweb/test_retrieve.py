"""WADO-RS of whole objects: the bytes that were received, nothing else."""

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pytest
from django.test import Client
from imagecodecs import jpegls_encode
from pydicom import dcmread

from accounts.models import Tenant
from common.actor import Actor, ActorKind, Grant
from common.errors import ForbiddenError
from common.ids import uuid7
from pacs import services
from pacs.dicom.phantom import make_uid
from pacs.dicomweb import streams
from pacs.identity import Identity
from pacs.models import Study
from tests.factories.cast import make_actor
from tests.factories.studies import make_dicom, make_files, make_study
from tests.pacs.dicomweb import acting
from tests.pacs.dicomweb.images import JPEG_LS, OF_IMAGES, make_compressed, make_image
from tests.pacs.dicomweb.requests import address, content_of, parts_of, stow

pytestmark = pytest.mark.django_db
SERIES, SOP = make_uid("s", "series"), make_uid("s", "instance", 2)
IMPLICIT, EXPLICIT, DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"
BIG = "1.2.840.10008.1.2.2"
# A process of JPEG that nobody decodes.
PROGRESSIVE = "1.2.840.10008.1.2.4.63"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.req("PA-02")
@pytest.mark.parametrize("path", [[], ["series", SERIES]])
@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "multipart/related; type=application/dicom",
        'multipart/related; type="application/dicom"; transfer-syntax=*',
    ],
)
def test_a_study_and_a_series_come_as_their_originals(web: Client, study: Study, path: list[str], accept: str) -> None:
    response = web.get(address(study, *path), headers={"Accept": accept} if accept else {})
    assert response.status_code == 200
    assert response["Content-Type"].startswith('multipart/related; type="application/dicom"; boundary=')
    found = parts_of(response)
    assert [sha256(content) for _, content in found] == [sha256(file) for file in make_files("s", 3)]
    assert found[0][0]["content-type"] == f"application/dicom; transfer-syntax={EXPLICIT}"


def test_the_announced_size_is_the_size(web: Client, study: Study) -> None:
    response = web.get(address(study))
    assert int(response["Content-Length"]) == len(content_of(response))


def test_an_instance_comes_in_one_part_or_by_itself(web: Client, study: Study) -> None:
    path = address(study, "series", SERIES, "instances", SOP)
    ((_, content),) = parts_of(web.get(path))
    single = web.get(path, headers={"Accept": "application/dicom"})
    assert single["Content-Type"] == f"application/dicom; transfer-syntax={EXPLICIT}"
    assert content == content_of(single) == make_dicom("s", 2)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, DEFLATED, BIG])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_encoding_comes_back_bit_for_bit(web: Client, syntax: str) -> None:
    file = make_dicom("t", 1, transfer_syntax_uid=syntax)
    assert stow(web, file).status_code == 200
    response = web.get(f"/dicom-web/studies/{make_uid('t', 'study')}")
    assert [content for _, content in parts_of(response)] == [file]


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/dicom", f'multipart/related; type="application/dicom"; transfer-syntax={IMPLICIT}'],
)
def test_what_cannot_be_given_is_406(web: Client, study: Study, accept: str) -> None:
    assert web.get(address(study), headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize("path", [["series", "1.2.3"], ["series", SERIES, "instances", "1.2.3"]])
def test_what_the_study_does_not_have_is_404(web: Client, study: Study, path: list[str]) -> None:
    assert web.get(address(study, *path)).status_code == 404


def test_an_instance_of_another_series_is_404(web: Client, tenant: Tenant, study: Study) -> None:
    make_study(tenant.id, "other", 1)
    path = address(study, "series", SERIES, "instances", make_uid("other", "instance", 1))
    assert web.get(path).status_code == 404


def test_a_download_beyond_the_limit_of_a_link_is_refused(client: Client, tenant: Tenant, study: Study) -> None:
    left = iter([None])

    def begin() -> None:
        if next(left, False) is False:
            raise ForbiddenError()

    grant = Grant(frozenset({study.id}), frozenset({"view", "download_dicom"}), begin)
    acting.present([Actor(tenant.id, ActorKind.GUEST, uuid7(), frozenset({"guest"}), grant=grant)])
    assert web_status(client, study) == 200
    assert web_status(client, study) == 403


def web_status(client: Client, study: Study) -> int:
    return int(client.get(address(study)).status_code)


def test_a_revoked_credential_stops_a_running_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "RECHECK_S", -1.0)
    answers = iter([True, True, False])
    actor = Actor(tenant_id=uuid7(), kind=ActorKind.GUEST, id=uuid7(), recheck=lambda: next(answers))
    made = []

    def blocks() -> Iterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"x"

    assert list(streams.watched(blocks(), actor)) == [b"x", b"x"]
    assert len(made) == 3


@pytest.mark.parametrize("is_archive", [True, False])
def test_a_guest_is_not_given_originals_that_name_another_person(
    tenant: Tenant, study: Study, web: Client, is_archive: bool
) -> None:
    right = Identity(patient_id="P-2", name_pn="Right^Rita")
    services.move_study(actor=make_actor(tenant, "technician"), study_id=study.id, to=right)
    grant = Grant(frozenset({study.id}), frozenset({"view", "download_dicom"}))
    guest = Actor(tenant_id=tenant.id, kind=ActorKind.GUEST, id=uuid7(), roles=frozenset({"guest"}), grant=grant)
    acting.present([guest])
    taken = Client().get(address(study), headers={"Accept": "application/zip" if is_archive else "*/*"})
    seen = Client().get(address(study, "metadata"))

    assert (taken.status_code, taken.json()["type"]) == (409, "urn:bitewing:originals-name-another")
    assert (seen.status_code, b"Rita" in content_of(seen), b"Phantom" in content_of(seen)) == (200, True, False)
    assert web.get(address(study)).status_code == 200


def test_a_search_of_instances_names_the_patient_that_people_decided_on(
    tenant: Tenant, study: Study, web: Client
) -> None:
    right = Identity(patient_id="P-2", name_pn="Right^Rita")
    services.move_study(actor=make_actor(tenant, "technician"), study_id=study.id, to=right)
    found = web.get(address(study, "instances"), {"includefield": "all"}).json()

    assert {item["00100010"]["Value"][0]["Alphabetic"] for item in found} == {"Right^Rita"}
    assert "Phantom" not in str(found)


@pytest.mark.req("BR-13")
@pytest.mark.parametrize("accept", ["application/dicom", 'multipart/related; type="application/dicom"'])
def test_a_compressed_object_comes_decompressed_where_that_is_asked_for(
    web: Client, tenant: Tenant, accept: str
) -> None:
    frames = np.arange(3 * 256, dtype=np.uint16).reshape(3, 16, 16)
    study = make_compressed(tenant, frames)
    path = address(study, "series", make_uid("s", "series"), "instances", make_uid("s", "instance", 1))
    response = web.get(path, headers={"Accept": f"{accept}; transfer-syntax={EXPLICIT}"})
    assert response.status_code == 200
    if accept.startswith("multipart"):
        ((head, content),) = parts_of(response)
        assert head["content-type"] == f"application/dicom; transfer-syntax={EXPLICIT}"
    else:
        content = content_of(response)
    read = dcmread(io.BytesIO(content))
    assert read.file_meta.TransferSyntaxUID == EXPLICIT
    assert np.array_equal(read.pixel_array, frames)
    assert read.SOPInstanceUID == read.file_meta.MediaStorageSOPInstanceUID == make_uid("s", "instance", 1)


def test_a_series_of_several_encodings_comes_in_one_where_that_is_asked_for(web: Client, tenant: Tenant) -> None:
    pixels = np.arange(256, dtype=np.uint16).reshape(16, 16)
    files = [
        make_dicom("s", 1, pixels=pixels),
        make_dicom("s", 2, pixels=pixels, transfer_syntax_uid="1.2.840.10008.1.2"),
        make_dicom("s", 3, pixels=pixels, fragments=[jpegls_encode(pixels)], transfer_syntax_uid=JPEG_LS),
    ]
    assert stow(web, *files).status_code == 200
    path = f"/dicom-web/studies/{make_uid('s', 'study')}/series/{make_uid('s', 'series')}"
    parts = parts_of(web.get(path, headers={"Accept": f"multipart/related; transfer-syntax={EXPLICIT}"}))
    found = [dcmread(io.BytesIO(content)) for _, content in parts]
    assert [one.file_meta.TransferSyntaxUID for one in found] == [EXPLICIT] * 3
    assert all(np.array_equal(one.pixel_array, pixels) for one in found)
    originals = parts_of(web.get(path, headers={"Accept": "multipart/related; transfer-syntax=*"}))
    assert [content for _, content in originals] == files


def test_what_no_decoder_reads_is_not_offered_decompressed(web: Client, tenant: Tenant) -> None:
    frame = np.zeros((16, 16), dtype=np.uint8)
    study = make_image(tenant, pixels=frame, fragments=[b"\xff\xd8\xff\xd9"], transfer_syntax_uid=PROGRESSIVE)
    assert (
        web.get(address(study), headers={"Accept": f"multipart/related; transfer-syntax={EXPLICIT}"}).status_code == 406
    )


def test_what_does_not_decode_is_a_problem_and_no_broken_answer(web: Client, tenant: Tenant) -> None:
    frame = np.zeros((16, 16), dtype=np.uint8)
    study = make_image(tenant, pixels=frame, fragments=[b"\xff\xd8\xff\xd9"], transfer_syntax_uid=JPEG_LS)
    response = web.get(address(study), headers={"Accept": f"multipart/related; transfer-syntax={EXPLICIT}"})
    assert response.status_code == 422


@pytest.mark.req("BR-13")
@pytest.mark.parametrize(
    ("sop_class", "modality", "elements"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.33", "SR", {"ValueType": "CONTAINER", "ContinuityOfContent": "SEPARATE"}),
        ("1.2.840.10008.5.1.4.1.1.88.59", "KO", {"ValueType": "CONTAINER", "ContinuityOfContent": "SEPARATE"}),
        ("1.2.840.10008.5.1.4.1.1.104.1", "DOC", {"EncapsulatedDocument": b"%PDF-1.7 " + b"x" * 5001}),
        ("1.2.840.10008.5.1.4.1.1.104.3", "M3D", {"EncapsulatedDocument": bytes(84) + bytes(50) * 200}),
    ],
)
def test_what_is_no_image_is_kept_and_served(
    web: Client, sop_class: str, modality: str, elements: dict[str, Any]
) -> None:
    no_image = dict.fromkeys(OF_IMAGES.split())
    file = make_dicom("s", 2, **{**no_image, **elements, "SOPClassUID": sop_class, "Modality": modality})
    assert stow(web, file).status_code == 200
    path = f"/dicom-web/studies/{make_uid('s', 'study')}/series/{SERIES}/instances/{SOP}"
    assert content_of(web.get(path, headers={"Accept": "application/dicom"})) == file
    (metadata,) = orjson.loads(content_of(web.get(f"{path}/metadata")))
    assert metadata["00080016"]["Value"] == [sop_class]
    if "EncapsulatedDocument" in elements:
        accept = {"Accept": "application/octet-stream"}
        assert (
            content_of(web.get(f"{path}/bulkdata/00420011", headers=accept))[:5000]
            == (elements["EncapsulatedDocument"][:5000])
        )


@pytest.mark.req("BR-13")
def test_a_segmentation_is_kept_and_each_of_its_frames_served(web: Client) -> None:
    masks = np.random.default_rng(5).integers(0, 2, (3, 64), dtype=np.uint8)
    packed = np.packbits(masks, axis=1, bitorder="little")
    file = make_dicom(
        "s",
        2,
        pixels=np.zeros((1, 1), dtype=np.uint8),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4",
        Modality="SEG",
        NumberOfFrames=3,
        Rows=8,
        Columns=8,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        PixelData=packed.tobytes(),
    )
    assert stow(web, file).status_code == 200
    path = f"/dicom-web/studies/{make_uid('s', 'study')}/series/{SERIES}/instances/{SOP}"
    assert content_of(web.get(path, headers={"Accept": "application/dicom"})) == file
    frames = parts_of(web.get(f"{path}/frames/1,2,3"))
    assert [content for _, content in frames] == [bits.tobytes() for bits in packed]
