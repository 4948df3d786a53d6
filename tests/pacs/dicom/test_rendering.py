"""What a person sees of a frame."""

import base64
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from pacs.dicom.codecs import DecodeError
from pacs.dicom.luts import VoiFunction, Window
from pacs.dicom.pixel_format import Frame
from pacs.dicom.rendering import THUMBNAIL, View, display_attributes, encode, render
from tests.factories.attributes import make_attributes, make_ct_slice
from tests.pacs.dicom.test_codecs import decode_file, scan

RAMP = np.arange(0, 4096, 16, dtype=np.uint16).reshape(16, 16)
GREY = Frame(RAMP, "MONOCHROME2")
ALL = make_attributes(PhotometricInterpretation="MONOCHROME2", WindowCenter=2048, WindowWidth=4096)


def test_grey_values_go_through_the_window() -> None:
    shown = render(GREY, ALL)
    assert shown.dtype == np.uint8
    assert (shown[0, 0], shown[8, 0], shown[15, 15]) == (0, 128, 254)


def test_the_clients_window_goes_first() -> None:
    view = View(window=Window(100, 1, VoiFunction.LINEAR_EXACT))
    assert set(np.unique(render(GREY, ALL, view))) == {0, 255}


def test_monochrome1_is_shown_inverted() -> None:
    attributes = ALL | make_attributes(PhotometricInterpretation="MONOCHROME1")
    shown = render(Frame(RAMP, "MONOCHROME1"), attributes)
    assert (shown + render(GREY, ALL) == 255).all()


def test_without_a_window_the_whole_range_is_shown() -> None:
    shown = render(GREY, make_attributes(PhotometricInterpretation="MONOCHROME2"))
    assert (shown.min(), shown.max()) == (0, 255)


def test_the_rescaled_values_are_windowed() -> None:
    attributes = make_attributes(RescaleIntercept=-1000, WindowCenter=0, WindowWidth=1)
    assert render(GREY, attributes).reshape(-1).tolist() == [0] * 63 + [255] * 193


def make_table() -> dict[str, object]:
    entries = np.array([0, 255, 0, 255], dtype="<u2").tobytes()
    data = {"00283006": {"vr": "OW", "InlineBinary": base64.b64encode(entries).decode()}}
    return make_attributes(VOILUTSequence=[make_attributes(LUTDescriptor=[4, 0, 8]) | data])


def test_the_table_of_an_image_goes_before_its_window() -> None:
    frame = Frame(np.array([[0, 1, 2, 3, 9]], dtype=np.uint16), "MONOCHROME2")
    assert render(frame, ALL | make_table()).tolist() == [[0, 255, 0, 255, 255]]


def test_the_clients_window_goes_before_the_table() -> None:
    frame = Frame(np.array([[0, 1, 2, 3]], dtype=np.uint16), "MONOCHROME2")
    view = View(window=Window(2, 1, VoiFunction.LINEAR_EXACT))
    assert render(frame, ALL | make_table(), view).tolist() == [[0, 0, 128, 255]]


def test_a_large_image_is_fitted_into_the_viewport_with_its_proportions() -> None:
    frame = Frame(np.zeros((1000, 2000), dtype=np.uint16), "MONOCHROME2")
    assert render(frame, ALL, View(max_rows=300, max_columns=400)).shape == (200, 400)
    assert render(frame, ALL, THUMBNAIL).shape == (128, 256)


def test_a_region_is_cut_out() -> None:
    shown = render(GREY, ALL, View(region=(0.5, 0.25, 0.5, 0.5)))
    assert shown.tolist() == render(GREY, ALL)[4:12, 8:].tolist()


@pytest.mark.parametrize("region", [(0.99, 0.99, 0.5, 0.5), (0, 0, 0, 0), (1, 1, 1, 1)])
def test_a_region_at_the_edge_has_at_least_a_pixel(region: tuple[float, float, float, float]) -> None:
    assert render(GREY, ALL, View(region=region)).size >= 1


def test_colours_are_shown_as_they_are() -> None:
    colours = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    assert render(Frame(colours, "RGB"), {}).tolist() == colours.tolist()


def test_16_bit_colours_lose_their_low_bits() -> None:
    colours = np.full((2, 2, 3), 0xABCD, dtype=np.uint16)
    assert render(Frame(colours, "RGB"), {}).tolist() == [[[0xAB] * 3] * 2] * 2


def test_ybr_becomes_rgb() -> None:
    pixels = np.full((1, 1, 3), 128, dtype=np.uint8)
    assert render(Frame(pixels, "YBR_FULL"), {}).tolist() == [[[128] * 3]]


def test_a_palette_image_without_a_palette_is_refused() -> None:
    with pytest.raises(DecodeError, match="palette"):
        render(Frame(RAMP, "PALETTE COLOR"), {})


def test_three_colours_need_three_samples() -> None:
    with pytest.raises(DecodeError, match="three samples"):
        render(Frame(RAMP, "RGB"), {})


def test_encodings_follow_the_media_type() -> None:
    shown = render(GREY, ALL)
    assert encode(shown, "image/png").startswith(b"\x89PNG")
    assert imagecodecs.png_decode(encode(shown, "image/png")).tolist() == shown.tolist()
    assert encode(shown, "image/jpeg").startswith(b"\xff\xd8")


def test_attributes_for_display_say_nothing_about_the_patient() -> None:
    attributes = make_ct_slice(1, (0, 0, 0), PatientName="Doe^Jane", StudyInstanceUID="1.2", WindowCenter=1)
    assert set(display_attributes(attributes)) == {
        "00280002", "00280004", "00280010", "00280011", "00280100", "00280101", "00280103", "00281050",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["px_panoramic", "dx_ceph_lateral", "io_bitewing_right"])
def test_a_real_radiograph_uses_the_whole_range(name: str, data_folder: Path) -> None:
    data = (data_folder / f"dicom/radiographs/derived-from-cbct/{name}.dcm").read_bytes()
    shown = render(decode_file(data), scan(data).head.json, THUMBNAIL)
    assert shown.max() - shown.min() > 200


def test_a_real_palette_image_has_colours(data_folder: Path) -> None:
    data = (data_folder / "dicom/codecs/pydicom__pydicom/examples_palette.dcm").read_bytes()
    result = scan(data)
    from pacs.dicom.luts import with_bulk

    values = {f"bulkdata/{b.path}": data[b.offset : b.offset + b.length] for b in result.head.bulk}
    shown = render(decode_file(data), with_bulk(result.head.json, values))
    assert shown.shape[2] == 3
    assert (shown[..., 0] != shown[..., 2]).any()
