"""From an image to a tensor, and boxes back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.networks import pixels
from inference.networks.manifest import Input


def make_input(**changes: object) -> Input:
    return Input.model_validate({"kinds": ["panoramic"], "size": [8, 16], **changes})


def test_shrinking_averages_areas() -> None:
    plane = np.array([[0, 2, 4, 6], [8, 10, 12, 14]], np.float32)

    assert pixels.resize(plane, 1, 2).tolist() == [[5.0, 9.0]]


def test_growing_is_bilinear_with_centres_half_a_pixel_from_the_edge() -> None:
    assert pixels.resize(np.array([[0, 4]], np.float32), 1, 4).tolist() == [[0.0, 1.0, 3.0, 4.0]]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.floats(0, 255, width=32))
def test_a_plain_plane_stays_plain(rows: int, columns: int, new_rows: int, new_columns: int, value: float) -> None:
    resized = pixels.resize(np.full((rows, columns), value, np.float32), new_rows, new_columns)

    assert resized.shape == (new_rows, new_columns)
    assert resized == pytest.approx(np.full((new_rows, new_columns), value), rel=1e-5, abs=1e-5)


@given(st.integers(2, 30), st.integers(2, 30), st.integers(1, 8), st.integers(1, 8))
def test_shrinking_by_whole_numbers_keeps_the_mean(rows: int, columns: int, down: int, across: int) -> None:
    plane = np.arange(rows * down * columns * across, dtype=np.float32).reshape(rows * down, columns * across)

    assert pixels.resize(plane, rows, columns).mean() == pytest.approx(plane.mean(), rel=1e-5)


def test_a_stretched_image_fills_the_input() -> None:
    tensor, fit = pixels.make_tensor(np.full((4, 4), 255, np.uint8), make_input(mean=[0.5], std=[0.25]))

    assert tensor.shape == (1, 1, 8, 16)
    assert np.unique(tensor).tolist() == [2.0]
    assert (fit.across, fit.down) == (4.0, 2.0)


def test_a_letterboxed_image_keeps_its_shape_in_the_middle() -> None:
    tensor, fit = pixels.make_tensor(np.full((4, 4), 255, np.uint8), make_input(resize="letterbox", fill=0.5))

    assert np.unique(tensor[0, 0, :, :4]).tolist() == [0.5]
    assert np.unique(tensor[0, 0, :, 4:12]).tolist() == [1.0]
    assert fit.to_image(np.array([4, 0, 12, 8])) == (0.0, 0.0, 4.0, 4.0)


def test_grey_is_repeated_to_three_channels_each_with_its_own_mean() -> None:
    tensor, _ = pixels.make_tensor(
        np.full((8, 16), 255, np.uint8), make_input(channels=3, mean=[0.0, 0.5, 1.0], std=[1.0, 1.0, 1.0])
    )

    assert tensor[0, :, 0, 0].tolist() == [1.0, 0.5, 0.0]


def test_colour_becomes_luma() -> None:
    assert pixels.to_grey(np.array([[[255, 0, 0]]], np.uint8))[0, 0] == pytest.approx(0.299)


def test_percentiles_span_the_range() -> None:
    wanted = make_input(scaling="percentiles", bounds=[0, 100])
    scaled = pixels.scale(np.array([[100.0, 200.0, 300.0]], np.float32), wanted)

    assert scaled.tolist() == [[0.0, 0.5, 1.0]]


@given(
    st.tuples(st.integers(8, 64), st.integers(8, 64)),
    st.sampled_from(["stretch", "letterbox"]),
    st.tuples(st.floats(0, 0.45), st.floats(0, 0.45), st.floats(0.55, 1), st.floats(0.55, 1)),
)
def test_a_box_goes_to_the_input_and_back(
    size: tuple[int, int], way: str, shares: tuple[float, float, float, float]
) -> None:
    rows, columns = size
    _, fit = pixels.make_tensor(np.zeros(size, np.uint8), make_input(resize=way))
    box = [shares[0] * columns, shares[1] * rows, shares[2] * columns, shares[3] * rows]
    there = [
        box[0] * fit.across + fit.left,
        box[1] * fit.down + fit.top,
        box[2] * fit.across + fit.left,
        box[3] * fit.down + fit.top,
    ]

    assert fit.to_image(np.array(there)) == pytest.approx(box, abs=1e-3)
