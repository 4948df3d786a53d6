"""Frames decoded and rendered in the sandbox."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from common.sandbox import SandboxError
from pacs.dicom import jobs
from pacs.dicom.json_model import Attributes
from pacs.dicom.luts import VoiFunction, Window
from pacs.dicom.rendering import View
from tests.factories.attributes import make_ct_slice
from tests.pacs.dicom.encoded import encode_htj2k
from tests.pacs.dicom.test_codecs import scan

NATIVE = "1.2.840.10008.1.2.1"
HTJ2K = "1.2.840.10008.1.2.4.202"
JPEG = "1.2.840.10008.1.2.4.50"
PIXELS = (np.add.outer(np.arange(40), np.arange(30)) * 17).astype(np.uint16)
HEADER = make_ct_slice(1, (0, 0, 0), Rows=40, Columns=30, BitsStored=16)


def make_colours(**values: Any) -> Attributes:
    """Make the header of an image of three samples of 8 bits."""
    return make_ct_slice(1, (0, 0, 0), BitsAllocated=8, BitsStored=8, HighBit=7, SamplesPerPixel=3, **values)


def test_a_compressed_frame_is_decoded() -> None:
    assert jobs.decode_native(encode_htj2k(PIXELS), HEADER, HTJ2K) == PIXELS.tobytes()


def test_a_native_frame_needs_no_child() -> None:
    assert jobs.decode_native(PIXELS.astype(">u2").tobytes(), HEADER, "1.2.840.10008.1.2.2") == PIXELS.tobytes()


def test_values_come_in_the_shape_of_the_image() -> None:
    frame = jobs.decode_values(encode_htj2k(PIXELS), HEADER, HTJ2K)
    assert frame.pixels.tolist() == PIXELS.tolist()


@pytest.mark.parametrize("claimed", ["YBR_FULL_422", "YBR_RCT"])
def test_colours_are_named_by_the_decoder_where_the_header_lies(claimed: str) -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[...] = (200, 30, 60)
    encoded = bytes(imagecodecs.jpeg8_encode(pixels, level=95, colorspace="RGB", outcolorspace="RGB"))
    header = make_colours(Rows=16, Columns=16, PhotometricInterpretation=claimed)

    frame = jobs.decode_values(encoded, header, JPEG)
    native, photometric = jobs.decompress(encoded, header, JPEG)

    assert (frame.photometric_interpretation, photometric) == ("RGB", "RGB")
    assert np.abs(frame.pixels.astype(int) - pixels).max() <= 2
    assert native == frame.pixels.tobytes() == jobs.decode_native(encoded, header, JPEG)


def test_native_colours_that_shared_their_chrominance_have_their_own_when_decoded() -> None:
    header = make_colours(Rows=1, Columns=2, PhotometricInterpretation="YBR_FULL_422")

    frame = jobs.decode_values(bytes([10, 20, 128, 129]), header, NATIVE)

    assert frame.photometric_interpretation == "YBR_FULL"
    assert frame.pixels.tolist() == [[[10, 128, 129], [20, 128, 129]]]


def test_a_frame_is_rendered_as_asked() -> None:
    view = View(Window(500, 1, VoiFunction.LINEAR_EXACT), max_columns=15, region=(0, 0, 1, 0.5))
    png = jobs.render_frame(PIXELS.tobytes(), HEADER, NATIVE, view=view, media_type="image/png")
    assert imagecodecs.png_decode(png).shape == (10, 15)


def test_a_frame_is_rendered_as_jpeg_unless_asked_otherwise() -> None:
    assert jobs.render_frame(PIXELS.tobytes(), HEADER, NATIVE).startswith(b"\xff\xd8")


def test_a_frame_that_is_none_is_refused() -> None:
    with pytest.raises(SandboxError) as caught:
        jobs.decode_native(b"\xff\x4f\xff\x51" + bytes(40), HEADER, HTJ2K)
    assert caught.value.reason == "refused"


@pytest.mark.parametrize(
    "path",
    [
        "cornerstonejs__cornerstoneWADOImageLoader/CTImage.dcm_JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm",
        "cornerstonejs__cornerstoneWADOImageLoader/CTImage.dcm_JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm",
        "cornerstonejs__cornerstoneWADOImageLoader/CTImage.dcm_JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm",
        "cornerstonejs__cornerstoneWADOImageLoader/CTImage.dcm_RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm",
        "dcm4che__dcm4che/will-jxl.dcm",
        "cornerstonejs__cornerstoneWADOImageLoader/CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm",
        "pydicom__pydicom-data/liver_deflate.dcm",
    ],
)
def test_every_decoder_works_without_files_and_programs(path: str, data_folder: Path) -> None:
    data = (data_folder / "dicom/codecs" / path).read_bytes()
    result = scan(data)
    assert result.pixel is not None
    frame = b"".join(data[offset : offset + length] for offset, length in result.pixel.index.segments(1))
    syntax = result.head.transfer_syntax_uid
    assert jobs.render_frame(frame, result.head.json, syntax).startswith(b"\xff\xd8")
