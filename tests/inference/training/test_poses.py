"""How films and their boxes are laid into the input."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference.training.poses import PLAIN, Recipe, draw_matrix, draw_quarters, inverted, move_boxes, plain_matrix

SOURCE, SIZE = (320, 640), (512, 1024)
WHOLE = (0.0, 0.0, 1024.0, 512.0)
BOXES = np.array([[100.0, 50.0, 140.0, 110.0], [600.0, 300.0, 639.0, 319.0]])


def test_the_plain_pose_only_stretches() -> None:
    moved, kept = move_boxes(BOXES, plain_matrix(SOURCE, SIZE), WHOLE, 0.4)

    np.testing.assert_allclose(moved, BOXES * 1.6)
    np.testing.assert_array_equal(kept, [0, 1])


def test_a_recipe_without_play_is_the_plain_pose() -> None:
    matrix = draw_matrix(np.random.default_rng(1), PLAIN, source=SOURCE, size=SIZE, bounds=(0, 0, 640, 320))

    np.testing.assert_allclose(matrix, plain_matrix(SOURCE, SIZE), atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_boxes_follow_the_pixels_of_the_film(seed: int) -> None:
    matrix = draw_matrix(np.random.default_rng(seed), Recipe(), source=SOURCE, size=SIZE, bounds=(60, 30, 580, 290))
    moved, kept = move_boxes(BOXES, matrix, (-1e4, -1e4, 1e4, 1e4), 0.4)

    centres = (BOXES[kept, :2] + BOXES[kept, 2:]) / 2
    np.testing.assert_allclose((moved[:, :2] + moved[:, 2:]) / 2, centres @ matrix[:, :2].T + matrix[:, 2], atol=1e-6)
    back = inverted(matrix)
    np.testing.assert_allclose(back[:, :2] @ matrix[:, :2], np.eye(2), atol=1e-9)
    np.testing.assert_allclose(back[:, :2] @ matrix[:, 2] + back[:, 2], 0, atol=1e-9)


def test_a_box_that_is_mostly_cut_off_is_dropped() -> None:
    shifted = np.array([[1.0, 0.0, -125.0], [0.0, 1.0, 0.0]])

    moved, kept = move_boxes(BOXES, shifted, WHOLE, 0.4)

    np.testing.assert_array_equal(kept, [1])
    np.testing.assert_allclose(moved, [[475, 300, 514, 319]])


def test_quarters_cover_the_input_once() -> None:
    _, windows = draw_quarters(np.random.default_rng(4), Recipe(), source=SOURCE, size=SIZE)

    assert sum((right - left) * (bottom - top) for left, top, right, bottom in windows) == 512 * 1024
