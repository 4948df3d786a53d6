"""Objects and frames compressed on their way out: every bit is there, and what would lose one is refused."""

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.test import Client
from imagecodecs import jpeg2k_decode, jpegls_encode
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_frames

from accounts.models import Tenant
from pacs.dicom import codecs
from pacs.dicom.lossless import HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL, JPEG_LS_LOSSLESS, LOSSLESS
from pacs.dicom.phantom import make_uid
from pacs.dicom.pixel_format import PixelFormat
from pacs.models import Study
from tests.factories.studies import make_dicom
from tests.pacs.dicomweb.extremes import TYPES, one, stored_in, values
from tests.pacs.dicomweb.images import JPEG_LS, make_compressed, make_image
from tests.pacs.dicomweb.requests import content_of, parts_of, stow
from tests.pacs.dimse.running import program

pytestmark = pytest.mark.django_db

Pixels = npt.NDArray[Any]
LITTLE, BIG, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"
HEADER_OF_SIZE, ORDER_RPCL, TILE_PART_LENGTHS = b"\xff\x51", 2, b"\xff\x55"


IMAGES: dict[str, tuple[Pixels, dict[str, Any]]] = {
    "8 bits": (values(8, (31, 40)), {}),
    "12 bits": (values(12, (31, 40)), stored_in(12)),
    "16 bits": (values(16, (31, 40)), {}),
    "12 bits with a sign": (values(12, (31, 40), signed=True), stored_in(12)),
    "16 bits with a sign": (values(16, (31, 40), signed=True), {}),
    "7 of 8 bits": (values(7, (31, 40)), stored_in(7)),
    "colours": (values(8, (31, 40, 3)), {"SamplesPerPixel": 3}),
    "colours of 16 bits": (values(16, (31, 40, 3)), {"SamplesPerPixel": 3}),
    "luminance": (values(8, (31, 40, 3)), {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL"}),
    "four frames": (values(12, (4, 31, 40)), stored_in(12)),
    "frames of colours": (values(8, (3, 31, 40, 3)), {"SamplesPerPixel": 3}),
    "one pixel": (values(16, (1, 1)), {}),
}


def get_object(web: Client, study: Study, syntax: str) -> Dataset:
    response = web.get(one(study), headers={"Accept": f"application/dicom; transfer-syntax={syntax}"})
    assert response.status_code == 200, content_of(response)
    return dcmread(io.BytesIO(content_of(response)))


def frames_of(read: Dataset) -> list[bytes]:
    return list(generate_frames(read.PixelData, number_of_frames=int(read.get("NumberOfFrames", 1))))


def decode(read: Dataset, frame: bytes) -> Pixels:
    """Decode a frame: HTJ2K by OpenJPEG, which is not the library that encoded it."""
    if read.file_meta.TransferSyntaxUID != JPEG_LS_LOSSLESS:
        return np.asarray(jpeg2k_decode(frame, planar=False))
    pixel_format = PixelFormat.of(read.to_json_dict())
    return codecs.decode_frame(frame, pixel_format, JPEG_LS_LOSSLESS).pixels


@pytest.mark.req("BR-13")
@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("name", IMAGES)
def test_an_object_is_compressed_to_the_same_values(web: Client, tenant: Tenant, name: str, syntax: str) -> None:
    pixels, elements = IMAGES[name]
    study = make_image(tenant, pixels=pixels, **elements)
    read = get_object(web, study, syntax)
    frames = np.stack([decode(read, frame) for frame in frames_of(read)])
    assert np.array_equal(frames.reshape(pixels.shape), pixels)
    assert frames.dtype.kind == pixels.dtype.kind
    assert read.file_meta.TransferSyntaxUID == syntax
    assert read.SOPInstanceUID == read.file_meta.MediaStorageSOPInstanceUID == make_uid("s", "instance", 1)
    assert (read["PixelData"].VR, read.BitsStored) == ("OB", elements.get("BitsStored", 8 * pixels.dtype.itemsize))
    is_rgb = "SamplesPerPixel" in elements and "PhotometricInterpretation" not in elements
    changed = {True: "RGB" if syntax == JPEG_LS_LOSSLESS else "YBR_RCT"}
    assert read.PhotometricInterpretation == changed.get(
        is_rgb, elements.get("PhotometricInterpretation", "MONOCHROME2")
    )


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_a_code_stream_says_how_many_bits_the_header_says(web: Client, tenant: Tenant, bits: int, signed: bool) -> None:
    study = make_image(tenant, pixels=values(bits, (31, 40), signed=signed), **stored_in(bits))
    (stream,) = frames_of(get_object(web, study, HTJ2K_LOSSLESS_RPCL))
    size, style = stream.index(HEADER_OF_SIZE), stream.index(b"\xff\x52")
    assert stream[size + 40] == (0x80 if signed else 0) | (bits - 1)
    assert stream[style + 5] == ORDER_RPCL
    assert TILE_PART_LENGTHS in stream[:200]


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("is_multipart", [True, False])
def test_a_frame_is_compressed(web: Client, tenant: Tenant, syntax: str, is_multipart: bool) -> None:
    pixels = values(12, (3, 31, 40))
    study = make_image(tenant, pixels=pixels, **stored_in(12))
    wanted = f'multipart/related; type="{TYPES[syntax]}"' if is_multipart else TYPES[syntax]
    numbers = [3, 1] if is_multipart else [2]
    path = one(study, "frames", ",".join(map(str, numbers)))
    response = web.get(path, headers={"Accept": f"{wanted}; transfer-syntax={syntax}"})
    assert response.status_code == 200
    said = f"{TYPES[syntax]}; transfer-syntax={syntax}"
    parts = parts_of(response) if is_multipart else [({"content-type": response["Content-Type"]}, response.content)]
    assert [head["content-type"] for head, _ in parts] == [said] * len(numbers)
    read = get_object(web, study, syntax)
    assert [decode(read, content).tolist() for _, content in parts] == [pixels[n - 1].tolist() for n in numbers]


def test_without_a_transfer_syntax_a_media_type_has_its_own(web: Client, study: Study) -> None:
    for wanted, syntax in (("image/jphc", HTJ2K_LOSSLESS), ("image/jls; transfer-syntax=*", JPEG_LS_LOSSLESS)):
        response = web.get(one(study, "frames", "1"), headers={"Accept": wanted})
        assert response["Content-Type"] == f"{wanted.partition(';')[0]}; transfer-syntax={syntax}"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kept", [IMPLICIT, BIG])
def test_every_native_encoding_can_be_compressed(web: Client, tenant: Tenant, kept: str) -> None:
    pixels = values(12, (2, 31, 40))
    read = get_object(web, make_image(tenant, pixels=pixels, transfer_syntax_uid=kept, **stored_in(12)), HTJ2K_LOSSLESS)
    assert [decode(read, frame).tolist() for frame in frames_of(read)] == pixels.tolist()
    assert (read.PatientName, read.Rows) == ("Phantom^Petra", 31)


def test_a_compressed_object_is_compressed_anew(web: Client, tenant: Tenant) -> None:
    frames = values(16, (3, 16, 16))
    read = get_object(web, make_compressed(tenant, frames), HTJ2K_LOSSLESS)
    assert [decode(read, frame).tolist() for frame in frames_of(read)] == frames.tolist()


def test_what_is_compressed_so_already_comes_as_it_is_kept(web: Client, tenant: Tenant) -> None:
    study = make_compressed(tenant, values(16, (1, 16, 16)))
    wanted = {"Accept": f"application/dicom; transfer-syntax={JPEG_LS}"}
    assert content_of(web.get(one(study), headers=wanted)) == content_of(
        web.get(one(study), headers={"Accept": "application/dicom; transfer-syntax=*"})
    )


@pytest.mark.parametrize("level", [[], ["series", make_uid("s", "series")]])
def test_a_series_of_several_encodings_comes_compressed_in_one(web: Client, tenant: Tenant, level: list[str]) -> None:
    pixels = values(12, (16, 16))
    files = [
        make_dicom("s", 1, pixels=pixels),
        make_dicom("s", 2, pixels=pixels, transfer_syntax_uid=IMPLICIT),
        make_dicom("s", 3, pixels=pixels, fragments=[jpegls_encode(pixels)], transfer_syntax_uid=JPEG_LS),
    ]
    assert stow(web, *files).status_code == 200
    path = "/".join([f"/dicom-web/studies/{make_uid('s', 'study')}", *level])
    for syntax in (JPEG_LS, HTJ2K_LOSSLESS):
        wanted = f'multipart/related; type="application/dicom"; transfer-syntax={syntax}'
        parts = parts_of(web.get(path, headers={"Accept": wanted}))
        assert [head["content-type"] for head, _ in parts] == [f"application/dicom; transfer-syntax={syntax}"] * 3
        found = [dcmread(io.BytesIO(content)) for _, content in parts]
        assert all(np.array_equal(decode(read, frames_of(read)[0]), pixels) for read in found)


def test_dcmtk_decodes_our_jpeg_ls_to_the_same_values(web: Client, tenant: Tenant, tmp_path: Path) -> None:
    images = [IMAGES[name] for name in ("8 bits", "12 bits", "16 bits with a sign", "colours", "four frames")]
    for number, (pixels, elements) in enumerate(images, start=1):
        sop = make_uid("s", "instance", number)
        make_image(tenant, pixels=pixels, SOPInstanceUID=sop, **elements)
        path = f"/dicom-web/studies/{make_uid('s', 'study')}/series/{make_uid('s', 'series')}/instances/{sop}"
        wanted = {"Accept": f"application/dicom; transfer-syntax={JPEG_LS_LOSSLESS}"}
        (tmp_path / "ours.dcm").write_bytes(content_of(web.get(path, headers=wanted)))
        subprocess.run([program("dcmdjpls"), "ours.dcm", "plain.dcm"], cwd=tmp_path, check=True, timeout=60)
        read = dcmread(tmp_path / "plain.dcm")
        assert read.file_meta.TransferSyntaxUID == LITTLE
        assert np.array_equal(read.pixel_array.reshape(pixels.shape), pixels)
