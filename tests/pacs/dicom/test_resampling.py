"""Area averages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacs.dicom.resampling import area_average, area_weights


def test_halving_averages_pairs() -> None:
    plane = np.array([[0, 2, 4, 6], [8, 10, 12, 14]])
    assert area_average(plane, 1, 2).tolist() == [[5, 9]]


def test_parts_of_pixels_count_by_their_share() -> None:
    assert area_weights(3, 2) == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]]))


def test_the_result_lies_in_rows_as_encoders_expect() -> None:
    assert area_average(np.zeros((9, 6)), 4, 3).flags.c_contiguous


def test_colours_are_averaged_by_sample() -> None:
    plane = np.array([[[0, 10, 20], [2, 20, 40]]])
    assert area_average(plane, 1, 1).tolist() == [[[1, 15, 30]]]


@given(st.integers(1, 200), st.integers(1, 200))
def test_weights_of_any_size_sum_to_one(size: int, new_size: int) -> None:
    assert area_weights(size, new_size).sum(axis=1) == pytest.approx(np.ones(new_size), abs=1e-5)


@given(st.integers(1, 60), st.integers(1, 60))
def test_the_average_is_that_of_the_matrix(size: int, new_size: int) -> None:
    plane = np.random.default_rng(size).integers(-2000, 4000, (size, 3)).astype(np.float32)
    assert area_average(plane, new_size, 3) == pytest.approx(area_weights(size, new_size) @ plane, abs=0.05)


@given(st.integers(1, 60), st.integers(1, 60))
def test_the_mean_is_kept(size: int, new_size: int) -> None:
    plane = np.arange(size, dtype=float)[:, None]
    assert area_average(plane, new_size, 1).mean() == pytest.approx(plane.mean(), rel=1e-4, abs=1e-4)
