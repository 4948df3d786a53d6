"""Values to display, equation by equation (PS3.3 C.11, C.7.6.3)."""

import base64
from typing import Any

import numpy as np
import pytest

from pacs.dicom.luts import (
    LookupTable,
    VoiFunction,
    Window,
    apply_palette,
    apply_voi_table,
    apply_window,
    bulk_uris,
    full_range,
    has_whole_values,
    is_inverse,
    modality_values,
    palette_of,
    voi_tables_of,
    windows_of,
    with_bulk,
    ybr_to_rgb,
)
from tests.factories.attributes import make_attributes

PIXELS = np.array([[0, 100, 4095]], dtype=np.uint16)


def inline(values: list[int], dtype: str = "<u2") -> dict[str, str]:
    return {"vr": "OW", "InlineBinary": base64.b64encode(np.array(values, dtype=dtype).tobytes()).decode()}


def lut_item(descriptor: list[int], values: list[int]) -> dict[str, object]:
    return {**make_attributes(LUTDescriptor=descriptor), "00283006": inline(values)}


def test_slope_and_intercept_are_applied() -> None:
    attributes = make_attributes(RescaleSlope=2, RescaleIntercept=-1000)
    assert modality_values(PIXELS, attributes).tolist() == [[-1000, -800, 7190]]


def test_without_them_stored_values_are_kept() -> None:
    assert modality_values(PIXELS, {}) is PIXELS


def test_a_slope_of_zero_is_a_mistake_and_ignored() -> None:
    assert modality_values(PIXELS, make_attributes(RescaleSlope=0)).tolist() == PIXELS.tolist()


@pytest.mark.parametrize(
    ("elements", "is_whole"),
    [
        ({}, True),
        ({"RescaleSlope": 2, "RescaleIntercept": -1000.0}, True),
        ({"RescaleSlope": 0.5}, False),
        ({"RescaleIntercept": 0.25}, False),
    ],
)
def test_whole_values_stay_whole_only_by_whole_factors(elements: dict[str, float], is_whole: bool) -> None:
    attributes = make_attributes(Rows=1, Columns=1, BitsAllocated=16, **elements)
    assert has_whole_values(attributes) is is_whole


def test_a_modality_table_goes_before_slope_and_intercept() -> None:
    attributes = make_attributes(ModalityLUTSequence=[lut_item([3, 99, 16], [7, 8, 9])], RescaleSlope=2)
    assert modality_values(PIXELS, attributes).tolist() == [[7, 8, 9]]


def test_linear_windows_follow_the_equation_of_the_standard() -> None:
    values = np.array([-1.0, 0.0, 2047.5, 4095.0, 5000.0])
    assert apply_window(values, Window(2048, 4096)).tolist() == [0, 0, 128, 255, 255]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("function", list(VoiFunction))
def test_a_large_image_is_shown_as_its_parts_are(kind: type[np.unsignedinteger[Any]], function: VoiFunction) -> None:
    values = np.arange(300 * 256, dtype=np.uint32).astype(kind).reshape(300, 256)
    window = Window(90, 120.5, function)

    parts = [apply_window(row, window) for row in values]
    np.testing.assert_array_equal(apply_window(values, window), np.stack(parts))


def test_a_linear_window_of_one_value_is_a_threshold() -> None:
    assert apply_window(np.array([9.0, 9.5, 9.6, 10.0]), Window(10, 1)).tolist() == [0, 0, 255, 255]


def test_exact_windows_follow_the_equation_of_the_standard() -> None:
    window = Window(10, 10, VoiFunction.LINEAR_EXACT)
    assert apply_window(np.array([5.0, 10.0, 15.0]), window).tolist() == [0, 128, 255]


def test_sigmoid_windows_follow_the_equation_of_the_standard() -> None:
    window = Window(100, 40, VoiFunction.SIGMOID)
    assert apply_window(np.array([-1e9, 100.0, 110.0, 1e9]), window).tolist() == [0, 128, 186, 255]


def test_windows_come_in_pairs_and_invalid_ones_are_left_out() -> None:
    attributes = make_attributes(WindowCenter=[40, 400, 5], WindowWidth=[80, 0.5, 1])
    assert windows_of(attributes) == [Window(40, 80), Window(5, 1)]


def test_the_function_of_a_window_is_read() -> None:
    attributes = make_attributes(WindowCenter=1, WindowWidth=0.5, VOILUTFunction="LINEAR_EXACT")
    assert windows_of(attributes) == [Window(1, 0.5, VoiFunction.LINEAR_EXACT)]


def test_a_voi_table_maps_to_the_whole_range() -> None:
    (table,) = voi_tables_of(make_attributes(VOILUTSequence=[lut_item([4, 10, 12], [0, 1000, 2000, 4095])]))
    assert apply_voi_table(np.array([0, 10, 11, 13, 99]), table).tolist() == [0, 0, 62, 255, 255]


def test_a_count_of_zero_means_65536_entries() -> None:
    (table,) = voi_tables_of(make_attributes(VOILUTSequence=[lut_item([0, 0, 16], list(range(65536)))]))
    assert len(table.entries) == 65536


def test_bytes_behind_the_last_entry_are_ignored() -> None:
    item = lut_item([2, 0, 16], [1, 2]) | {"00283006": inline([1, 0, 2, 0, 9], "u1")}
    (table,) = voi_tables_of(make_attributes(VOILUTSequence=[item]))
    assert table.entries.tolist() == [1, 2]


def test_a_table_shorter_than_it_says_is_ignored() -> None:
    assert voi_tables_of(make_attributes(VOILUTSequence=[lut_item([9, 0, 16], [1, 2])])) == []


def test_long_tables_are_named_and_can_be_filled_in() -> None:
    item = {**make_attributes(LUTDescriptor=[2, 0, 16]), "00283006": {"vr": "OW", "BulkDataURI": "bulkdata/x"}}
    attributes = make_attributes(VOILUTSequence=[item])
    assert list(bulk_uris(attributes)) == ["bulkdata/x"]
    assert voi_tables_of(attributes) == []
    (table,) = voi_tables_of(with_bulk(attributes, {"bulkdata/x": b"\x01\x00\x02\x00"}))
    assert table.entries.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("photometric", "shape", "expected"),
    [
        ("MONOCHROME1", None, True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", None, False),
    ],
)
def test_inverse_images_are_told(photometric: str, shape: str | None, *, expected: bool) -> None:
    attributes = make_attributes(PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    assert is_inverse(attributes) is expected


def test_padding_does_not_widen_the_window() -> None:
    window = full_range(np.array([[-2000, 10, 20]]), make_attributes(PixelPaddingValue=-2000))
    assert (window.center, window.width) == (15, 10)


def test_an_image_of_padding_only_has_a_window() -> None:
    assert full_range(np.array([[-2000]]), make_attributes(PixelPaddingValue=-2000)).is_valid


def test_a_palette_maps_indices_to_colours() -> None:
    attributes = make_attributes(
        RedPaletteColorLookupTableDescriptor=[2, 5, 8],
        GreenPaletteColorLookupTableDescriptor=[2, 5, 8],
        BluePaletteColorLookupTableDescriptor=[2, 5, 8],
    )
    attributes["00281201"] = inline([0, 255], "u1")
    attributes["00281202"] = inline([10, 20], "u1")
    attributes["00281203"] = inline([255, 0], "u1")
    palette = palette_of(attributes)
    assert palette is not None
    assert apply_palette(np.array([[5, 6, 200]]), palette).tolist() == [[[0, 10, 255], [255, 20, 0], [255, 20, 0]]]


def test_an_incomplete_palette_is_none() -> None:
    assert palette_of(make_attributes(RedPaletteColorLookupTableDescriptor=[2, 5, 8])) is None


@pytest.mark.parametrize(
    ("ybr", "rgb"),
    [((255, 128, 128), (255, 255, 255)), ((0, 128, 128), (0, 0, 0)), ((76, 85, 255), (254, 0, 0))],
)
def test_ybr_full_becomes_rgb(ybr: tuple[int, ...], rgb: tuple[int, ...]) -> None:
    assert ybr_to_rgb(np.array([[ybr]], dtype=np.uint8), "YBR_FULL").tolist() == [[list(rgb)]]


def test_ybr_partial_uses_a_narrower_range() -> None:
    pixels = np.array([[[235, 128, 128], [16, 128, 128]]], dtype=np.uint8)
    assert ybr_to_rgb(pixels, "YBR_PARTIAL").tolist() == [[[255] * 3, [0] * 3]]


def test_tables_look_up_floats_by_the_nearest_entry() -> None:
    table = LookupTable(0, np.array([3, 4, 5], dtype=np.uint16), 3)
    assert table.look_up(np.array([0.4, 0.6, 7.0])).tolist() == [3, 4, 5]
