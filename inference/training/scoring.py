"""Suppression of overlapping boxes and average precision as COCO defines it. NumPy only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.training.annotations import CLASSES, Film

Doubles = npt.NDArray[np.float64]
OVERLAPS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class Found:
    """What a network says of one film, best first: boxes (n, 4), scores (n,), classes (n,)."""

    boxes: Doubles
    scores: Doubles
    classes: npt.NDArray[np.int64]


def overlaps(a: Doubles, b: Doubles) -> Doubles:
    """Give the IoU of every box in `a` (n, 4) with every box in `b` (m, 4)."""
    inner = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    shared = np.clip(inner, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9), dtype=np.float64)


def pick(
    boxes: Doubles, scores: Doubles, *, threshold: float, iou: float, most: int = 100, candidates: int = 1000
) -> Found:
    """Keep the best boxes (points.

    4) of each class, scores (points, classes), none overlapping a better one of its class by more than `iou`.
    """
    places, classes = np.nonzero(scores >= threshold)
    order = np.argsort(-scores[places, classes], kind="stable")[:candidates]
    places, classes = places[order], classes[order]
    # Classes are moved apart, so that one pass serves all of them.
    apart = boxes[places] + (classes * (np.abs(boxes[places]).max(initial=0) * 2 + 1))[:, None]
    is_kept = np.ones(len(places), dtype=bool)
    shared = overlaps(apart, apart) > iou
    for place in range(len(places)):
        if is_kept[place]:
            is_kept[place + 1 :] &= ~shared[place, place + 1 :]
    kept = np.flatnonzero(is_kept)[:most]
    return Found(boxes[places[kept]], scores[places[kept], classes[kept]], classes[kept].astype(np.int64))


def average_precision(films: Sequence[Film], found: Sequence[Found]) -> Mapping[str, Doubles]:
    """Give for each class the average precision at each of `OVERLAPS`; NaN where it has no box."""
    return {name: _of_class(films, found, place) for place, name in enumerate(CLASSES)}


def curve(
    films: Sequence[Film], found: Sequence[Found], place: int, iou: float = 0.5
) -> tuple[Doubles, Doubles, Doubles]:
    """Give scores, falling, with precision and recall of one class when everything from that score on is shown."""
    scores, hits, total = _hits(films, found, place, np.array([iou]))
    true = np.cumsum(hits[0])
    return scores, true / np.arange(1, len(true) + 1), true / max(total, 1)


def _of_class(films: Sequence[Film], found: Sequence[Found], place: int) -> Doubles:
    _, hits, total = _hits(films, found, place, OVERLAPS)
    if not total:
        return np.full(len(OVERLAPS), np.nan)
    true = np.cumsum(hits, axis=1)
    precision = true / np.arange(1, hits.shape[1] + 1)
    precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    result = []
    for row, recall in zip(precision, true / total, strict=True):
        places = np.searchsorted(recall, RECALLS, side="left")
        result.append(np.append(row, 0.0)[np.minimum(places, len(row))].mean())
    return np.asarray(result, dtype=np.float64)


def _hits(
    films: Sequence[Film], found: Sequence[Found], place: int, limits: Doubles
) -> tuple[Doubles, npt.NDArray[np.bool_], int]:
    scores, hits, total = [np.empty(0)], [np.empty((len(limits), 0), dtype=bool)], 0
    for film, said in zip(films, found, strict=True):
        truth = film.boxes[film.classes == place].astype(np.float64)
        mine = said.classes == place
        total += len(truth)
        scores.append(said.scores[mine])
        hits.append(_matched(overlaps(said.boxes[mine], truth), limits))
    all_scores = np.concatenate(scores)
    order = np.argsort(-all_scores, kind="stable")
    return all_scores[order], np.concatenate(hits, axis=1)[:, order], total


def _matched(shared: Doubles, limits: Doubles) -> npt.NDArray[np.bool_]:
    """Match each box, best first, to the free true box that it overlaps most."""
    result = np.zeros((len(limits), shared.shape[0]), dtype=bool)
    for row, limit in enumerate(limits):
        free = np.ones(shared.shape[1], dtype=bool)
        for place in range(shared.shape[0]):
            candidates = np.where(free, shared[place], -1.0)
            best = int(candidates.argmax()) if candidates.size else -1
            if best >= 0 and candidates[best] >= limit:
                free[best], result[row, place] = False, True
    return result
