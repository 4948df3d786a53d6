"""The small volume that a viewer shows first."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pacs.dicom import phantom
from pacs.dicom.preview import TARGET_VOXELS, HalfVolume, Preview, PreviewBuilder, bone_window, preview_size


def build(volume: np.ndarray[Any, Any], missing: frozenset[int] = frozenset()) -> tuple[Preview, list[bytes]]:
    half: list[bytes] = []
    slices, rows, columns = volume.shape
    halved = HalfVolume(columns=columns, rows=rows, slices=slices, sink=half.append)
    builder = PreviewBuilder(columns=columns, rows=rows, slices=slices, spacing_mm=(1, 1, 1), half=halved)
    for index in sorted(set(range(slices)) - missing):
        builder.add(index, volume[index])
    return builder.finish(), half


def values(preview: Preview) -> np.ndarray[Any, Any]:
    data = np.frombuffer(preview.data, dtype=np.uint8).astype(float)
    data = data * (preview.high - preview.low) / 255 + preview.low
    return data.reshape(preview.slices, preview.rows, preview.columns)


def halves(parts: list[bytes], rows: int, columns: int) -> np.ndarray[Any, Any]:
    return np.frombuffer(b"".join(parts), dtype="<i2").reshape(-1, rows, columns)


@pytest.fixture(scope="module")
def phantom_volume() -> np.ndarray[Any, Any]:
    files = phantom.make_cbct(columns=128, rows=128, slices=100, spacing_mm=0.8)
    return np.stack([pydicom.dcmread(BytesIO(data)).pixel_array.astype(np.int16) - 1000 for data in files])


def test_a_cube_becomes_128_cubed() -> None:
    assert preview_size((512, 512, 512), (0.2, 0.2, 0.2)) == (128, 128, 128)


def test_voxels_are_cubic_where_the_volume_is_not() -> None:
    columns, rows, slices = preview_size((512, 512, 400), (0.2, 0.2, 0.4))
    extents = (102.4 / columns, 102.4 / rows, 160 / slices)
    assert extents == pytest.approx((extents[0],) * 3, rel=0.01)


def test_a_small_volume_is_not_enlarged() -> None:
    assert preview_size((40, 50, 60), (1, 1, 1)) == (40, 50, 60)


@given(
    st.tuples(st.integers(1, 2000), st.integers(1, 2000), st.integers(1, 2000)),
    st.tuples(st.floats(0.05, 5), st.floats(0.05, 5), st.floats(0.05, 5)),
)
@example((1, 1812, 2000), (1.0, 1.0, 1.0))
@example((8000, 8000, 3), (0.1, 0.1, 0.001))
def test_any_preview_is_small_and_not_empty(size: tuple[int, int, int], spacing: tuple[float, float, float]) -> None:
    columns, rows, slices = preview_size(size, spacing)
    assert 1 <= columns * rows * slices <= 1.2 * TARGET_VOXELS


def test_each_voxel_is_the_mean_of_the_box_it_covers() -> None:
    volume = np.random.default_rng(1).integers(0, 1000, (256, 256, 256)).astype(np.int16)
    preview, _ = build(volume)
    expected = volume.reshape(128, 2, 128, 2, 128, 2).mean(axis=(1, 3, 5))
    expected = np.clip(expected, preview.low, preview.high)
    assert np.abs(values(preview) - expected).max() <= (preview.high - preview.low) / 255


def test_the_half_volume_averages_eight_voxels() -> None:
    volume = np.arange(4 * 6 * 8, dtype=np.int16).reshape(4, 6, 8)
    _, half = build(volume)
    expected = np.rint(volume.reshape(2, 2, 3, 2, 4, 2).mean(axis=(1, 3, 5)))
    assert halves(half, 3, 4).tolist() == expected.tolist()


def test_the_half_volume_of_odd_sizes_covers_all() -> None:
    _, half = build(np.full((3, 5, 7), 42, dtype=np.int16))
    assert halves(half, 3, 4).tolist() == np.full((2, 3, 4), 42).tolist()


@pytest.mark.parametrize(("edge", "is_worthwhile"), [(512, True), (400, True), (256, False)])
def test_a_half_volume_has_to_show_more_than_the_preview(edge: int, is_worthwhile: bool) -> None:
    assert HalfVolume.is_worthwhile(edge, edge, edge) is is_worthwhile


def test_missing_slices_are_averaged_over_their_neighbours() -> None:
    volume = np.broadcast_to(np.arange(8, dtype=np.int16)[:, None, None] * 100, (8, 4, 4))
    _, half = build(volume, missing=frozenset({3}))
    assert halves(half, 2, 2)[:, 0, 0].tolist() == [50, 200, 450, 650]


def test_a_place_without_any_slice_is_black() -> None:
    preview, half = build(np.full((6, 4, 4), 500, dtype=np.int16), missing=frozenset({2, 3}))
    shown = np.frombuffer(preview.data, np.uint8).reshape(6, 4, 4)
    assert shown[:, 0, 0].tolist()[2:4] == [0, 0]
    assert halves(half, 2, 2)[:, 0, 0].tolist() == [500, -32768, 500]


def test_a_series_without_slices_has_a_black_preview() -> None:
    preview = PreviewBuilder(columns=4, rows=4, slices=4, spacing_mm=(1, 1, 1)).finish()
    assert set(preview.data) == {0}
    assert preview.value_range == (0, 0)


def test_slices_out_of_order_are_a_mistake() -> None:
    builder = PreviewBuilder(columns=4, rows=4, slices=4, spacing_mm=(1, 1, 1))
    builder.add(2, np.zeros((4, 4)))
    with pytest.raises(ValueError, match="slice 1 is out of order: 3 to 3 was expected"):
        builder.add(1, np.zeros((4, 4)))


def test_the_range_is_that_of_the_full_volume(phantom_volume: np.ndarray[Any, Any]) -> None:
    preview, _ = build(phantom_volume)
    assert preview.value_range == (phantom_volume.min(), phantom_volume.max())


def test_the_window_shows_bone_and_teeth_of_the_phantom(phantom_volume: np.ndarray[Any, Any]) -> None:
    window = build(phantom_volume)[0].window
    assert -700 < window.center - window.width / 2 < 0
    assert 1600 < window.center + window.width / 2 < 3000


def test_the_window_follows_the_devices_own_scale(phantom_volume: np.ndarray[Any, Any]) -> None:
    scaled = (phantom_volume.astype(np.float32) + 1000) * 0.3
    window, other = bone_window(scaled), bone_window(phantom_volume.astype(np.float32))
    assert window.width == pytest.approx(other.width * 0.3, rel=0.02)


def test_a_constant_volume_has_a_valid_window() -> None:
    preview, _ = build(np.full((4, 4, 4), 7, dtype=np.int16))
    assert preview.window.is_valid
    assert preview.high > preview.low


def test_the_preview_reaches_over_the_window(phantom_volume: np.ndarray[Any, Any]) -> None:
    preview, _ = build(phantom_volume)
    assert preview.low <= preview.window.center - preview.window.width / 2
    assert preview.high >= preview.window.center + preview.window.width / 2


def test_a_real_cbct_is_windowed_by_its_own_histogram(data_folder: Path) -> None:
    folder = data_folder / "dicom/cbct/marcovms04__Maxillofacial-3D"
    paths = sorted(folder.iterdir())[::4]
    preview, _ = build(np.stack([pydicom.dcmread(path).pixel_array for path in paths]))
    assert 100 < preview.window.center - preview.window.width / 2 < 400
    assert 900 < preview.window.center + preview.window.width / 2 < 1400
