"""Boxes [left, top, right, bottom]: overlap, and the suppression of those that say the same twice."""

import numpy as np
import numpy.typing as npt

FloatBoxes = npt.NDArray[np.floating]


def overlaps(one: FloatBoxes, many: FloatBoxes) -> FloatBoxes:
    """Give intersection over union of each box of `one` (N, 4) with each of `many` (M, 4), as (N, M)."""
    left_top = np.maximum(one[:, None, :2], many[None, :, :2])
    right_bottom = np.minimum(one[:, None, 2:], many[None, :, 2:])
    shared = np.clip(right_bottom - left_top, 0, None).prod(axis=2)
    union = areas(one)[:, None] + areas(many)[None] - shared
    return np.where(union > 0, shared / np.maximum(union, 1e-12), 0)


def areas(boxes: FloatBoxes) -> FloatBoxes:
    """Give the areas of boxes (N, 4); a box turned inside out has none."""
    return np.clip(boxes[:, 2] - boxes[:, 0], 0, None) * np.clip(boxes[:, 3] - boxes[:, 1], 0, None)


def pick(
    boxes: FloatBoxes, scores: FloatBoxes, *, floor: float, candidates: int, iou: float, most: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Choose from what a network says of its cells.

    Parameters
    ----------
    boxes
        One for each cell, (N, 4).
    scores
        Of each class in each cell, (N, C).
    floor
        Scores below are dropped.
    candidates
        No more than these, the best, are compared with each other.
    iou, most
        Boxes of a class that overlap a better one by more are dropped; no more than `most` are given.

    Returns
    -------
    cells, classes
        Of the boxes that are left, best first.
    """
    cells, classes = np.nonzero(scores >= max(floor, 1e-6))
    values = scores[cells, classes]
    best = np.argsort(-values, kind="stable")[:candidates]
    best = best[areas(boxes[cells[best]]) > 0]
    kept = best[suppress(boxes[cells[best]], values[best], classes[best], iou=iou)[:most]]
    return cells[kept], classes[kept]


def suppress(boxes: FloatBoxes, scores: FloatBoxes, classes: npt.NDArray[np.integer], *, iou: float) -> list[int]:
    """Keep the best of the boxes of one class that overlap by more than `iou`; give the indexes, best first."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best = int(order[0])
        kept.append(best)
        rest = order[1:]
        same = classes[rest] == classes[best]
        near = overlaps(boxes[best : best + 1], boxes[rest])[0] > iou
        order = rest[~(same & near)]
    return kept
