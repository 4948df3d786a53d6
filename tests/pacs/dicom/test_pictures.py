"""Pictures without DICOM: taken in only when they decode to their end."""

import json

import numpy as np
import pytest

from common.sandbox import SandboxError
from pacs.dicom import pictures
from pacs.dicom.pictures import Picture, PictureError
from tests.factories.pictures import make_jpeg, make_pixels, make_png


def pixels_of(picture: Picture) -> np.ndarray:
    shape = (picture.rows, picture.columns) + ((picture.samples,) if picture.samples > 1 else ())
    return np.frombuffer(picture.native, np.dtype(f"<u{picture.bits // 8}")).reshape(shape)


def test_a_usual_jpeg_can_lie_in_an_object_as_it_is() -> None:
    found = pictures.inspect(make_jpeg())

    assert (found.rows, found.columns, found.samples, found.bits) == (48, 64, 3, 8)
    assert (found.native, found.photometric_interpretation, found.is_jpeg) == (b"", "YBR_FULL_422", True)


def test_a_grey_jpeg_is_grey() -> None:
    found = pictures.inspect(make_jpeg(make_pixels(is_colour=False)))

    assert (found.samples, found.photometric_interpretation, found.native) == (1, "MONOCHROME2", b"")


def test_a_png_is_kept_pixel_for_pixel() -> None:
    pixels = make_pixels()

    assert np.array_equal(pixels_of(pictures.inspect(make_png(pixels))), pixels)


def test_a_deep_grey_png_keeps_its_bits() -> None:
    pixels = (np.arange(48 * 64, dtype=np.uint16) * 17).reshape(48, 64)
    found = pictures.inspect(make_png(pixels))

    assert (found.bits, found.samples) == (16, 1)
    assert np.array_equal(pixels_of(found), pixels)


def test_an_opaque_png_loses_its_alpha_and_nothing_else() -> None:
    pixels = make_pixels()
    opaque = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])

    assert np.array_equal(pixels_of(pictures.inspect(make_png(opaque))), pixels)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_taken_sideways_is_stored_upright(orientation: int) -> None:
    """The upright picture is what Exif 2.32 table 4 says; 6, for one, has its first row at the right."""
    upright = make_pixels()
    stored = {
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    found = pictures.inspect(make_jpeg(np.ascontiguousarray(stored), orientation=orientation))

    assert (found.rows, found.columns, found.photometric_interpretation) == (48, 64, "RGB")
    assert np.abs(pixels_of(found).astype(int) - upright).max() < 40


def test_an_upright_picture_that_says_so_stays_as_it_is() -> None:
    assert pictures.inspect(make_jpeg(orientation=1)).native == b""


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"%PDF-1.7", b"<svg/>", b"\x00" * 200], ids=["nothing", "gif", "pdf", "svg", "zeros"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError, match="neither"):
        pictures.inspect(data)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("make", [make_jpeg, make_png])
def test_a_picture_that_breaks_off_is_refused(make: object, cut: float) -> None:
    data = make()  # type: ignore[operator]  # one of the two
    with pytest.raises(SandboxError):
        pictures.inspect(data[: int(len(data) * cut)])


def test_a_transparent_picture_is_refused() -> None:
    pixels = np.dstack([make_pixels(), np.full((48, 64), 128, np.uint8)])
    with pytest.raises(SandboxError, match="transparent"):
        pictures.inspect(make_png(pixels))


def test_colours_for_printers_are_refused() -> None:
    pixels = np.dstack([make_pixels(), make_pixels(is_colour=False)])
    with pytest.raises(SandboxError):
        pictures.inspect(make_jpeg(np.ascontiguousarray(pixels), colorspace="CMYK", outcolorspace="CMYK"))


def test_the_answer_of_the_child_is_one_line_and_the_pixels() -> None:
    head, _, native = pictures.inspect_job({}, make_png()).partition(b"\n")

    assert json.loads(head)["rows"] == 48
    assert len(native) == 48 * 64 * 3
