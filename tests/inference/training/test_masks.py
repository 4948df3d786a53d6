"""The white mask around the films of the data."""

import numpy as np

from inference.training.masks import bounds, fill_mask, find_mask


def make_masked(rows: int = 64, columns: int = 128) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:rows, 0:columns]
    inside = ((x - 64) / 50) ** 2 + ((y - 32) / 25) ** 2 < 1
    image = np.where(inside, 90 + x // 4, 255).astype(np.uint8)
    image[28:36, 60:68] = 255
    return image, inside


def test_the_mask_is_what_is_white_from_the_border_on() -> None:
    image, inside = make_masked()

    mask = find_mask(image)

    assert mask[~inside].all()
    assert not mask[28:36, 60:68].any()
    assert mask[inside].mean() < 0.15


def test_a_film_without_a_mask_has_none() -> None:
    assert not find_mask(np.full((20, 40), 120, np.uint8)).any()


def test_filling_continues_the_greys_and_leaves_the_film_alone() -> None:
    image, _ = make_masked()
    mask = find_mask(image)

    filled = fill_mask(image, mask)

    np.testing.assert_array_equal(filled[~mask], image[~mask])
    assert filled[mask].max() < 200
    assert abs(int(filled[32, 2]) - int(image[32, 20])) < 25


def test_bounds_hold_what_is_left_to_see() -> None:
    image, _ = make_masked()

    left, top, right, bottom = bounds(find_mask(image))

    assert (left, top) == (17, 10)
    assert (right, bottom) == (112, 55)
    assert bounds(np.ones((4, 6), dtype=bool)) == (0, 0, 6, 4)
