"""Films of the data as plain ones, which have no white ellipse around them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from inference.training.annotations import Film
from inference.training.masks import bounds, fill_mask, find_mask
from inference.training.poses import move_boxes

Grey = npt.NDArray[np.uint8]
Form = Callable[[Grey, Film], tuple[Grey, Film]]
# Of what the mask leaves of the sides, tried for the window.
_SHARES = np.linspace(0.4, 1.0, 31)
# White metal at the edge is taken for mask.
_MASKED = 0.005


def cut(image: Grey, film: Film) -> tuple[Grey, Film]:
    """Cut a film to the largest window in its ellipse; boxes that are mostly outside go."""
    left, top, right, bottom = window(find_mask(image))
    matrix = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]])
    size = (right - left, bottom - top)
    boxes, kept = move_boxes(film.boxes, matrix, (0.0, 0.0, float(size[0]), float(size[1])), 0.5)
    changed = replace(film, width=size[0], height=size[1], boxes=boxes.astype(np.float32), classes=film.classes[kept])
    return np.ascontiguousarray(image[top:bottom, left:right]), changed


def window(mask: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Give left, top, right and bottom of the largest window, around the middle of what is seen, with hardly a mask.

    The whole film, where there is none.
    """
    left, top, right, bottom = bounds(mask)
    x, y = (left + right) // 2, (top + bottom) // 2
    found = [
        (x - wide, y - high, x + wide, y + high)
        for wide in {round(share * (right - left)) // 2 for share in _SHARES}
        for high in {round(share * (bottom - top)) // 2 for share in _SHARES}
    ]
    clear = [one for one in found if mask[one[1] : one[3], one[0] : one[2]].mean() <= _MASKED]
    return max(clear, key=_area, default=(0, 0, mask.shape[1], mask.shape[0]))


def _area(found: tuple[int, int, int, int]) -> int:
    return (found[2] - found[0]) * (found[3] - found[1])


FORMS: Mapping[str, Form] = {
    "white": lambda image, film: (image, film),
    "black": lambda image, film: (np.where(find_mask(image), 0, image).astype(np.uint8), film),
    "continued": lambda image, film: (fill_mask(image, find_mask(image)), film),
    "cut": cut,
}
