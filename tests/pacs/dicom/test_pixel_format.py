"""The attributes that describe pixels."""

import numpy as np
import pytest

from pacs.dicom.errors import ImageAttributeError
from pacs.dicom.pixel_format import PixelFormat
from tests.factories.attributes import make_attributes, make_ct_slice


def test_a_header_gives_the_format() -> None:
    image = PixelFormat.of(make_ct_slice(1, (0, 0, 0), PixelRepresentation=1))
    assert image == PixelFormat(rows=4, columns=5, bits_stored=12, high_bit=11, is_signed=True)
    assert image.dtype == np.int16
    assert image.shape == (4, 5)
    assert image.native_bytes == 40


def test_single_bits_need_an_eighth_of_a_byte() -> None:
    image = PixelFormat.of(make_ct_slice(1, (0, 0, 0), BitsAllocated=1, BitsStored=1))
    assert image.native_bytes == 3
    assert image.dtype == np.uint8


def test_shared_chrominance_needs_two_bytes_a_pixel() -> None:
    image = PixelFormat.of(
        make_ct_slice(
            1, (0, 0, 0), BitsAllocated=8, BitsStored=8, SamplesPerPixel=3, PhotometricInterpretation="YBR_FULL_422"
        )
    )
    assert image.native_bytes == 40


def test_float_pixel_data_is_told_by_its_element() -> None:
    header = make_ct_slice(1, (0, 0, 0)) | {"7FE00008": {"vr": "OF", "BulkDataURI": "x"}}
    assert PixelFormat.of(header).dtype == np.float32


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("Rows", 0),
        ("Rows", None),
        ("Columns", 65536),
        ("Columns", 1.5),
        ("Columns", float("nan")),
        ("BitsAllocated", 24),
        ("BitsStored", 0),
        ("SamplesPerPixel", 5),
    ],
)
def test_an_impossible_attribute_is_named(keyword: str, value: float | None) -> None:
    with pytest.raises(ImageAttributeError, match=r"^\(0028,....\)"):
        PixelFormat.of(make_ct_slice(1, (0, 0, 0), **{keyword: value}))


def test_nothing_at_all_is_no_image() -> None:
    with pytest.raises(ImageAttributeError):
        PixelFormat.of(make_attributes())
