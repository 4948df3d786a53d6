"""Frames decoded by transfer syntax: against each other, against pydicom, and against hostile bytes."""

import zlib
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.pixels.utils import iter_pixels

from pacs.dicom.codecs import DECODABLE, DecodeError, decode_frame, encode_jpeg, encode_png, to_native
from pacs.dicom.errors import DicomError, UnsupportedTransferSyntaxError
from pacs.dicom.pixel_format import Frame, PixelFormat
from pacs.dicom.scan import Scan, Scanner
from tests.pacs.dicom.encoded import encode_htj2k

NATIVE = "1.2.840.10008.1.2.1"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
GREY_12 = PixelFormat(rows=3, columns=4, bits_stored=12, high_bit=11)
SMOOTH = (np.add.outer(np.arange(64), np.arange(48)) * 20).astype(np.uint16)
COLOURS = np.stack([SMOOTH % 251, SMOOTH % 241, SMOOTH % 239], axis=-1).astype(np.uint8)
GREY = PixelFormat(rows=64, columns=48)
RGB = PixelFormat(
    rows=64, columns=48, samples=3, bits_allocated=8, bits_stored=8, high_bit=7, photometric_interpretation="RGB"
)

# No decoder of pydicom's reads these here; the reference below is another file of the same image, or none exists.
UNREADABLE_BY_PYDICOM = "pydicom has no decoder for this syntax installed"
NAMES_OF_A_SHARED_IMAGE = "dicom/codecs/cornerstonejs__cornerstoneWADOImageLoader/CTImage.dcm_{}.dcm"


def scan(data: bytes) -> Scan:
    scanner = Scanner()
    scanner.feed(data)
    return scanner.finish()


def plain_bytes(data: bytes, transfer_syntax_uid: str) -> bytes:
    """Give the form of a file in which offsets count: inflated, for deflated data sets."""
    if transfer_syntax_uid != DEFLATED:
        return data
    start = 144 + pydicom.dcmread(BytesIO(data), stop_before_pixels=True).file_meta.FileMetaInformationGroupLength
    return data[:start] + zlib.decompress(data[start:], -15)


def decode_file(data: bytes, frame_number: int = 1) -> Frame:
    result = scan(data)
    assert result.pixel is not None
    index = result.pixel.index
    plain = plain_bytes(data, result.head.transfer_syntax_uid)
    frame = b"".join(plain[offset : offset + length] for offset, length in index.segments(frame_number))
    return decode_frame(
        frame,
        PixelFormat.of(result.head.json),
        result.head.transfer_syntax_uid,
        first_bit=index.first_bit(frame_number),
        vr=result.pixel.vr,
    )


# --- native -----------------------------------------------------------------------------------------------------------


def test_native_values_keep_their_sign_and_byte_order() -> None:
    pixels = np.array([[-2000, 5], [7, 1500]], dtype=np.int16)
    image = PixelFormat(rows=2, columns=2, is_signed=True)
    assert decode_frame(pixels.astype("<i2").tobytes(), image, NATIVE).pixels.tolist() == pixels.tolist()
    assert decode_frame(pixels.astype(">i2").tobytes(), image, BIG_ENDIAN).pixels.tolist() == pixels.tolist()


def test_bits_beyond_those_stored_are_dropped() -> None:
    data = np.full((3, 4), 0xF123, dtype="<u2").tobytes()
    assert decode_frame(data, GREY_12, NATIVE).pixels.tolist() == [[0x123] * 4] * 3


def test_the_sign_of_12_bit_values_is_extended() -> None:
    image = PixelFormat(rows=1, columns=2, bits_stored=12, high_bit=11, is_signed=True)
    data = np.array([0x0FFF, 0x07FF], dtype="<u2").tobytes()
    assert decode_frame(data, image, NATIVE).pixels.tolist() == [[-1, 2047]]


def test_single_bits_may_begin_inside_a_byte() -> None:
    image = PixelFormat(rows=1, columns=5, bits_allocated=1, bits_stored=1, high_bit=0)
    frame = decode_frame(bytes([0b10110_101, 0b0]), image, NATIVE, first_bit=3)
    assert frame.pixels.tolist() == [[0, 1, 1, 0, 1]]


def test_planes_become_pixels() -> None:
    image = PixelFormat(
        rows=1, columns=2, samples=3, bits_allocated=8, bits_stored=8, high_bit=7, is_planar=True,
        photometric_interpretation="RGB",
    )  # fmt: skip
    assert decode_frame(bytes([1, 2, 3, 4, 5, 6]), image, NATIVE).pixels.tolist() == [[[1, 3, 5], [2, 4, 6]]]


def test_shared_chrominance_is_given_to_both_pixels() -> None:
    image = PixelFormat(
        rows=1, columns=2, samples=3, bits_allocated=8, bits_stored=8, high_bit=7,
        photometric_interpretation="YBR_FULL_422",
    )  # fmt: skip
    frame = decode_frame(bytes([10, 20, 30, 40]), image, NATIVE)
    assert frame.pixels.tolist() == [[[10, 30, 40], [20, 30, 40]]]
    assert frame.photometric_interpretation == "YBR_FULL"


def test_float_pixels_stay_floats() -> None:
    image = PixelFormat(rows=1, columns=2, bits_allocated=32, bits_stored=32, high_bit=31, is_float=True)
    data = np.array([0.5, -1.25], dtype="<f4").tobytes()
    assert decode_frame(data, image, NATIVE).pixels.tolist() == [[0.5, -1.25]]


def test_bytes_in_big_endian_words_are_swapped() -> None:
    image = PixelFormat(rows=1, columns=2, bits_allocated=8, bits_stored=8, high_bit=7)
    assert decode_frame(b"\x02\x01", image, BIG_ENDIAN, vr="OW").pixels.tolist() == [[1, 2]]
    assert decode_frame(b"\x01\x02", image, BIG_ENDIAN, vr="OB").pixels.tolist() == [[1, 2]]


def test_a_short_native_frame_is_refused() -> None:
    with pytest.raises(DecodeError, match="the frame has 23 bytes, 24 were expected"):
        decode_frame(bytes(23), GREY_12, NATIVE)


# --- compressed -------------------------------------------------------------------------------------------------------


def test_htj2k_is_lossless() -> None:
    assert decode_frame(encode_htj2k(SMOOTH), GREY, "1.2.840.10008.1.2.4.202").pixels.tolist() == SMOOTH.tolist()


def test_htj2k_of_colours_is_lossless() -> None:
    frame = decode_frame(encode_htj2k(COLOURS), RGB, "1.2.840.10008.1.2.4.202")
    assert frame.pixels.tolist() == COLOURS.tolist()


def test_htj2k_of_signed_values_is_lossless() -> None:
    signed = SMOOTH.astype(np.int16) - 1000
    image = PixelFormat(rows=64, columns=48, is_signed=True)
    assert decode_frame(encode_htj2k(signed), image, "1.2.840.10008.1.2.4.201").pixels.tolist() == signed.tolist()


def test_lossy_htj2k_is_clamped_not_wrapped() -> None:
    edge = np.where(np.arange(4096).reshape(64, 64) % 7 < 3, 255, 0).astype(np.uint8)
    image = PixelFormat(rows=64, columns=64, bits_allocated=8, bits_stored=8, high_bit=7)
    encoded = bytes(imagecodecs.htj2k_encode(edge, level=0.02, reversible=False))
    decoded = decode_frame(encoded, image, "1.2.840.10008.1.2.4.203").pixels
    assert np.abs(decoded.astype(int) - edge).max() < 100


@pytest.mark.parametrize(
    ("syntax", "encoded"),
    [
        ("1.2.840.10008.1.2.4.70", imagecodecs.jpeg_encode(SMOOTH, lossless=True, bitspersample=16)),
        ("1.2.840.10008.1.2.4.80", imagecodecs.jpegls_encode(SMOOTH)),
        ("1.2.840.10008.1.2.4.90", imagecodecs.jpeg2k_encode(SMOOTH, reversible=True, codecformat="j2k")),
        ("1.2.840.10008.1.2.4.110", imagecodecs.jpegxl_encode(SMOOTH, lossless=True)),
        ("1.2.840.10008.1.2.8.1", zlib.compress(SMOOTH.tobytes(), wbits=-15)),
        ("1.2.840.10008.1.2.1.98", SMOOTH.tobytes()),
    ],
)
def test_lossless_syntaxes_give_the_same_values(syntax: str, encoded: bytes) -> None:
    assert decode_frame(encoded, GREY, syntax).pixels.tolist() == SMOOTH.tolist()


def test_an_rgb_jpeg_without_a_marker_is_rgb_if_the_header_says_so() -> None:
    encoded = imagecodecs.jpeg8_encode(COLOURS, level=100, colorspace="RGB", outcolorspace="RGB", subsampling="444")
    encoded = bytes(encoded).replace(b"Adobe", b"Bdobe")  # a marker that nobody reads
    frame = decode_frame(encoded, RGB, "1.2.840.10008.1.2.4.50")
    assert frame.photometric_interpretation == "RGB"
    assert np.abs(frame.pixels.astype(int) - COLOURS).max() <= 3


def test_a_jpeg_in_ybr_stays_ybr() -> None:
    image = PixelFormat(
        rows=64, columns=48, samples=3, bits_allocated=8, bits_stored=8, high_bit=7,
        photometric_interpretation="YBR_FULL_422",
    )  # fmt: skip
    frame = decode_frame(encode_jpeg(COLOURS), image, "1.2.840.10008.1.2.4.50")
    assert frame.photometric_interpretation == "YBR_FULL"


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(DecodeError, match=r"decodes to \(64, 48\), \(3, 4\) was expected"):
        decode_frame(encode_htj2k(SMOOTH), GREY_12, "1.2.840.10008.1.2.4.202")


def test_a_deflated_frame_stops_at_its_size() -> None:
    bomb = zlib.compress(bytes(50_000_000), wbits=-15)
    assert decode_frame(bomb, GREY_12, "1.2.840.10008.1.2.8.1").pixels.shape == (3, 4)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.54", "1.2.3"])
def test_a_syntax_without_a_decoder_is_refused(syntax: str) -> None:
    with pytest.raises(UnsupportedTransferSyntaxError):
        decode_frame(b"", GREY_12, syntax)


@pytest.mark.parametrize("syntax", sorted(DECODABLE))
@given(data=st.binary(max_size=64))
def test_any_bytes_give_a_frame_or_a_refusal(syntax: str, data: bytes) -> None:
    try:
        frame = decode_frame(data, GREY_12, syntax)
    except DicomError:
        return
    assert frame.pixels.shape == (3, 4)


def test_native_bytes_are_little_endian() -> None:
    assert to_native(Frame(np.array([[258]], dtype=">u2"), "MONOCHROME2")) == b"\x02\x01"


def test_png_and_jpeg_of_rendered_pixels_decode() -> None:
    assert imagecodecs.png_decode(encode_png(COLOURS)).tolist() == COLOURS.tolist()
    assert imagecodecs.jpeg_decode(encode_jpeg(COLOURS)).shape == COLOURS.shape


# --- real files -------------------------------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "real_file" in metafunc.fixturenames:
        from tests.conftest import ROOT

        folder = ROOT.parent / "shared" / "data"
        found = [p for part in ("codecs", "radiographs") for p in (folder / "dicom" / part).rglob("*") if p.is_file()]
        names = sorted(str(path.relative_to(folder)) for path in found)
        metafunc.parametrize(
            "real_file", names or [pytest.param("", marks=pytest.mark.skip(reason="no real test data"))]
        )


def references(data: bytes) -> list[np.ndarray[Any, Any]]:
    """Decode with pydicom, raw: no colour conversion."""
    try:
        return list(islice(iter_pixels(BytesIO(data), raw=True), 3))
    except (RuntimeError, NotImplementedError, ValueError, AttributeError, pydicom.errors.InvalidDicomError):
        pytest.skip(UNREADABLE_BY_PYDICOM)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_real_file_decodes_as_pydicom_does(real_file: str, data_folder: Path) -> None:
    data = (data_folder / real_file).read_bytes()
    try:
        result = scan(data)
    except DicomError as refusal:
        pytest.skip(f"refused by the scan: {refusal.code}")
    if result.pixel is None:
        pytest.skip("no pixel data")
    if real_file.endswith("SC_rgb_small_odd_big_endian.dcm"):
        pytest.skip("a frame of an odd number of bytes in big endian words")
    for number, reference in enumerate(references(data), start=1):
        assert np.array_equal(decode_file(data, number).pixels, reference, equal_nan=reference.dtype.kind == "f")


@pytest.mark.parametrize(
    "name",
    [
        "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
        "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
        "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
        "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
        "RLELosslessTransferSyntax_1.2.840.10008.1.2.5",
        "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2",
        "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99",
    ],
)
def test_a_lossless_copy_is_equal_to_the_original(name: str, data_folder: Path) -> None:
    original = decode_file((data_folder / NAMES_OF_A_SHARED_IMAGE.format(
        "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1"
    )).read_bytes())  # fmt: skip
    copy = decode_file((data_folder / NAMES_OF_A_SHARED_IMAGE.format(name)).read_bytes())
    assert np.array_equal(copy.pixels, original.pixels)


def test_12_bit_processes_of_one_image_agree(data_folder: Path) -> None:
    names = (
        "JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51",
        "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53",
        "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55",
    )
    first, second, third = (
        decode_file((data_folder / NAMES_OF_A_SHARED_IMAGE.format(name)).read_bytes()).pixels.astype(int)
        for name in names
    )
    assert first.max() > 255
    assert np.abs(first - second).max() <= 1
    assert np.abs(first - third).max() <= 1


def test_a_carestream_slice_decodes(data_folder: Path) -> None:
    data = (data_folder / "dicom/cbct/carestream-cs9600-20-slices/3DSlice400.dcm").read_bytes()
    pixels = decode_file(data).pixels
    assert pixels.shape == (1067, 1067)
    assert pixels.max() > 1000
