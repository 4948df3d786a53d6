"""Frames: as stored, or as plain numbers; several, one, none."""

import numpy as np
import pytest
from django.test import Client
from imagecodecs import jpegls_encode

from accounts.models import Tenant
from audit import services as audit
from pacs.dicom.phantom import make_uid
from pacs.models import Study
from tests.factories.studies import make_dicom, store
from tests.pacs.dicomweb.images import JPEG_LS, make_compressed, make_image
from tests.pacs.dicomweb.requests import address, content_of, parts_of

pytestmark = pytest.mark.django_db

LITTLE, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
IMPLICIT, DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99"
OCTETS = "multipart/related; type=application/octet-stream"
PIXELS = np.arange(256, dtype=np.uint16).reshape(16, 16)
STACK = np.arange(3 * 16 * 16, dtype=np.uint16).reshape(3, 16, 16)


def frame(study: Study, numbers: str = "1", instance: int = 1) -> str:
    series, sop = make_uid("s", "series"), make_uid("s", "instance", instance)
    return address(study, "series", series, "instances", sop, "frames", numbers)


@pytest.fixture
def multiframe(tenant: Tenant) -> Study:
    return make_image(tenant, pixels=STACK)


@pytest.fixture
def compressed(tenant: Tenant) -> Study:
    return make_compressed(tenant, STACK)


@pytest.mark.parametrize(
    "accept", ["*/*", OCTETS, f"{OCTETS}; transfer-syntax=*", f"{OCTETS}; transfer-syntax={LITTLE}"]
)
def test_a_frame_is_its_pixels(web: Client, study: Study, accept: str) -> None:
    response = web.get(frame(study), headers={"Accept": accept})
    expected = f'multipart/related; type="application/octet-stream"; transfer-syntax={LITTLE}; boundary='
    assert response["Content-Type"].startswith(expected)
    ((headers, content),) = parts_of(response)
    assert headers["content-type"] == f"application/octet-stream; transfer-syntax={LITTLE}"
    assert content == (PIXELS + 1).tobytes()


def test_one_frame_may_come_by_itself(web: Client, study: Study) -> None:
    response = web.get(frame(study), headers={"Accept": f"application/octet-stream; transfer-syntax={LITTLE}"})
    assert response["Content-Type"] == f"application/octet-stream; transfer-syntax={LITTLE}"
    assert response.content == (PIXELS + 1).tobytes()


def test_several_frames_come_in_the_order_they_are_asked_for(web: Client, multiframe: Study) -> None:
    contents = [content for _, content in parts_of(web.get(frame(multiframe, "3,1,3")))]
    assert contents == [STACK[2].tobytes(), STACK[0].tobytes(), STACK[2].tobytes()]


def test_several_frames_do_not_fit_one_part(web: Client, multiframe: Study) -> None:
    assert web.get(frame(multiframe, "1,2"), headers={"Accept": "application/octet-stream"}).status_code == 406


@pytest.mark.parametrize("syntax", [IMPLICIT, DEFLATED, BIG])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_native_encoding_gives_little_endian_pixels(web: Client, tenant: Tenant, syntax: str) -> None:
    study = make_image(tenant, pixels=STACK, transfer_syntax_uid=syntax)
    contents = [content for _, content in parts_of(web.get(frame(study, "2,3")))]
    assert contents == [STACK[1].tobytes(), STACK[2].tobytes()]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_big_endian_as_stored_stays_big_endian(web: Client, tenant: Tenant) -> None:
    study = make_image(tenant, pixels=PIXELS, transfer_syntax_uid=BIG)
    response = web.get(frame(study), headers={"Accept": "application/octet-stream; transfer-syntax=*"})
    assert response["Content-Type"].endswith(BIG)
    assert response.content == PIXELS.astype(">u2").tobytes()


@pytest.mark.parametrize("accept", [f"{OCTETS}; transfer-syntax=*", f"{OCTETS}; transfer-syntax={JPEG_LS}"])
def test_a_compressed_frame_comes_as_stored(web: Client, compressed: Study, accept: str) -> None:
    response = web.get(frame(compressed, "2"), headers={"Accept": accept})
    ((headers, content),) = parts_of(response)
    assert headers["content-type"] == f"application/octet-stream; transfer-syntax={JPEG_LS}"
    assert content.rstrip(b"\0") == jpegls_encode(STACK[1]).rstrip(b"\0")


@pytest.mark.parametrize("accept", ["multipart/related; type=image/jls", f"image/jls; transfer-syntax={JPEG_LS}"])
def test_a_compressed_frame_comes_under_its_own_media_type(web: Client, compressed: Study, accept: str) -> None:
    response = web.get(frame(compressed, "1"), headers={"Accept": accept})
    assert response.status_code == 200
    assert "image/jls" in response["Content-Type"]


@pytest.mark.parametrize("accept", ["*/*", OCTETS, f"{OCTETS}; transfer-syntax={LITTLE}"])
def test_a_compressed_frame_is_decoded_for_those_who_do_not_ask_for_it(
    web: Client, compressed: Study, accept: str
) -> None:
    response = web.get(frame(compressed, "3,1"), headers={"Accept": accept})
    contents = [content for _, content in parts_of(response)]
    assert contents == [STACK[2].tobytes(), STACK[0].tobytes()]


@pytest.mark.parametrize("accept", ["image/jpeg", f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.4.90"])
def test_a_frame_is_not_recompressed(web: Client, study: Study, accept: str) -> None:
    assert web.get(frame(study), headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize(("numbers", "status"), [("4", 404), ("1,4", 404), ("0", 400), ("x", 404), ("1,", 404)])
def test_a_frame_that_is_not_there_is_refused(web: Client, multiframe: Study, numbers: str, status: int) -> None:
    assert web.get(frame(multiframe, numbers)).status_code == status


def test_frames_of_single_bits_begin_with_a_byte(web: Client, tenant: Tenant) -> None:
    bits = np.random.default_rng(7).integers(0, 2, (3, 5, 7), dtype=np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    study = make_image(
        tenant,
        PixelData=packed + b"\0" * (len(packed) % 2),
        NumberOfFrames=3,
        Rows=5,
        Columns=7,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
    )
    contents = [content for _, content in parts_of(web.get(frame(study, "1,2,3")))]
    assert contents == [np.packbits(picture.reshape(-1), bitorder="little").tobytes() for picture in bits]


def test_an_instance_that_arrives_later_is_found(web: Client, tenant: Tenant, study: Study) -> None:
    assert web.get(frame(study, instance=1)).status_code == 200
    assert web.get(frame(study, instance=4)).status_code == 404
    store(tenant.id, [make_dicom("s", 4)])
    assert web.get(frame(study, instance=4)).status_code == 200


@pytest.mark.usefixtures("long_memory")
def test_a_thousand_frames_ask_the_database_a_few_times(
    web: Client, study: Study, django_assert_max_num_queries: object
) -> None:
    content_of(web.get(frame(study, instance=1)))
    content_of(web.get(frame(study, instance=2)))
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        assert web.get(frame(study, instance=3)).status_code == 200


@pytest.mark.req("PA-07")
def test_frames_are_counted(web: Client, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    monkeypatch.setattr(audit.AccessSession, "count", lambda _session, frames=1: counted.append(frames))
    web.get(frame(study))
    web.get(frame(study))
    assert counted == [1, 1]
