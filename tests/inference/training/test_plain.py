"""Films without their white ellipse."""

import numpy as np

from inference.training.annotations import Film
from inference.training.masks import find_mask
from inference.training.plain import FORMS, window


def make_film() -> tuple[np.ndarray, Film]:
    y, x = np.mgrid[0:64, 0:128]
    inside = ((x - 64) / 60) ** 2 + ((y - 32) / 30) ** 2 < 1
    boxes = np.array([[60, 28, 70, 38], [2, 28, 12, 38]], np.float32)
    image = np.where(inside, 100, 255).astype(np.uint8)
    return image, Film(1, "0001-a.jpg", 128, 64, boxes, np.array([1, 3]))


def test_a_film_that_is_cut_has_no_mask_and_keeps_the_boxes_that_are_seen() -> None:
    image, film = make_film()

    seen, changed = FORMS["cut"](image, film)

    assert (seen == 100).all()
    assert seen.size > image.size * 0.4
    assert (changed.height, changed.width) == seen.shape
    left, top, _, _ = window(find_mask(image))
    assert changed.boxes.tolist() == [[60 - left, 28 - top, 70 - left, 38 - top]]
    assert changed.classes.tolist() == [1]


def test_a_film_without_a_mask_is_not_cut() -> None:
    assert window(np.zeros((10, 20), dtype=bool)) == (0, 0, 20, 10)


def test_black_and_continued_films_keep_their_boxes_and_lose_the_white() -> None:
    image, film = make_film()
    black, same = FORMS["black"](image, film)
    continued, _ = FORMS["continued"](image, film)

    assert same is film
    assert black[0, 0] == 0
    assert continued[0, 0] < 200
    assert FORMS["white"](image, film)[0] is image
