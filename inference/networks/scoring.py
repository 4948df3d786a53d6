"""Average precision as the COCO detection challenge defines it: boxes, all areas, a hundred a picture.

Ten overlaps from 0.50 to 0.95, precision read at 101 recalls, detections matched best score first to the free box that
they overlap most; boxes marked as crowds match any number and count neither way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inference.networks.boxes import areas

OVERLAPS: Final = np.round(np.arange(0.5, 1.0, 0.05), 2)
RECALLS: Final = np.linspace(0, 1, 101)
MAX_DETECTIONS: Final = 100

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Detection:
    """One box that a network gave: picture, category, score, [left, top, right, bottom]."""

    image: int
    category: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Truth:
    """One box that people drew."""

    image: int
    category: str
    box: tuple[float, float, float, float]
    is_crowd: bool = False


def read_annotations(data: Mapping[str, Any]) -> tuple[dict[int, str], list[Truth], list[str]]:
    """Read COCO annotations: file names by picture, boxes, and names of the categories in order.

    Raises
    ------
    ValueError
        If parts are missing, or refer to what is not there.
    """
    try:
        files = {int(image["id"]): str(image["file_name"]) for image in data["images"]}
        names = {int(category["id"]): str(category["name"]) for category in data["categories"]}
        truths = [_truth(annotation, names) for annotation in data["annotations"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"these are no COCO annotations: {type(error).__name__} {error}") from None
    if not {truth.image for truth in truths} <= set(files):
        raise ValueError("an annotation names a picture that is not listed")
    return files, truths, list(names.values())


def _truth(annotation: Mapping[str, Any], names: Mapping[int, str]) -> Truth:
    left, top, width, height = (float(side) for side in annotation["bbox"])
    return Truth(
        image=int(annotation["image_id"]),
        category=names[int(annotation["category_id"])],
        box=(left, top, left + width, top + height),
        is_crowd=bool(annotation.get("iscrowd", 0)),
    )


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Figures of one category: AP at overlap 0.50, mean over ten overlaps; None without any box."""

    AP50: float | None
    AP50_95: float | None
    boxes: int


def score(detections: Sequence[Detection], truths: Sequence[Truth], categories: Sequence[str]) -> dict[str, ClassScore]:
    """Score each category."""
    return {name: _score_class(detections, truths, name) for name in categories}


def mean(values: Sequence[float | None]) -> float | None:
    """Give the mean of the categories that have boxes; None without any."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def precision_and_recall(
    detections: Sequence[Detection], truths: Sequence[Truth], category: str, *, threshold: float, overlap: float = 0.5
) -> tuple[float | None, float | None]:
    """Give precision and recall of one category at a threshold; None where nothing was found, or nothing is there."""
    chosen = [d for d in detections if d.score >= threshold]
    matches = _match_all(chosen, truths, category, overlap)
    hits = int(matches.is_hit.sum())
    count = int((~matches.is_ignored).sum())
    return hits / count if count else None, hits / matches.boxes if matches.boxes else None


def false_positives(
    detections: Sequence[Detection], truths: Sequence[Truth], category: str, *, threshold: float, overlap: float = 0.5
) -> list[Detection]:
    """Give the boxes of one category that are shown at a threshold and match none, best first."""
    matches = _match_all([d for d in detections if d.score >= threshold], truths, category, overlap)
    is_false = ~(matches.is_hit | matches.is_ignored)
    return [one for one, wrong in zip(matches.found, is_false, strict=True) if wrong]


def _score_class(detections: Sequence[Detection], truths: Sequence[Truth], category: str) -> ClassScore:
    found = [_average_precision(_match_all(detections, truths, category, overlap)) for overlap in OVERLAPS]
    boxes = sum(truth.category == category and not truth.is_crowd for truth in truths)
    return ClassScore(found[0], mean(found), boxes)


@dataclass(frozen=True, slots=True)
class _Matches:
    """Detections of a category, best first: hits, and those that count neither way."""

    found: Sequence[Detection]
    is_hit: npt.NDArray[np.bool_]
    is_ignored: npt.NDArray[np.bool_]
    boxes: int


def _match_all(detections: Sequence[Detection], truths: Sequence[Truth], category: str, overlap: float) -> _Matches:
    found: list[Detection] = []
    hits: list[bool] = []
    ignored: list[bool] = []
    mine = [truth for truth in truths if truth.category == category]
    theirs = [one for one in detections if one.category == category]
    for image in sorted({one.image for one in theirs}):
        here = sorted((d for d in theirs if d.image == image), key=lambda d: -d.score)[:MAX_DETECTIONS]
        marks = _match(here, [truth for truth in mine if truth.image == image], overlap)
        found += here
        hits += [is_hit for is_hit, _ in marks]
        ignored += [is_ignored for _, is_ignored in marks]
    order = np.argsort(-np.array([one.score for one in found], dtype=np.float64), kind="stable")
    boxes = sum(not truth.is_crowd for truth in mine)
    return _Matches(
        [found[at] for at in order], np.array(hits, dtype=bool)[order], np.array(ignored, dtype=bool)[order], boxes
    )


def _match(here: Sequence[Detection], truths: Sequence[Truth], overlap: float) -> list[tuple[bool, bool]]:
    """Match the detections of one picture; give for each whether it hits, and whether it is ignored."""
    if not truths:
        return [(False, False)] * len(here)
    shares = _overlaps(np.array([found.box for found in here]), truths)
    taken = [False] * len(truths)
    marks = []
    for row in shares:
        at = _best(row, truths, taken, overlap)
        if at is not None and not truths[at].is_crowd:
            taken[at] = True
        marks.append((at is not None and not truths[at].is_crowd, at is not None and truths[at].is_crowd))
    return marks


def _best(row: Floats, truths: Sequence[Truth], taken: Sequence[bool], overlap: float) -> int | None:
    """Give the free box that is overlapped most, by at least `overlap`; a crowd only where no box is."""
    for is_crowd in (False, True):
        candidates = [
            at
            for at, truth in enumerate(truths)
            if truth.is_crowd == is_crowd and not taken[at] and row[at] >= min(overlap, 1 - 1e-10)
        ]
        if candidates:
            return max(candidates, key=lambda at: (row[at], at))
    return None


def _overlaps(found: Floats, truths: Sequence[Truth]) -> Floats:
    """Give intersection over union; for crowds, over the detection's own area."""
    many = np.array([truth.box for truth in truths])
    left_top = np.maximum(found[:, None, :2], many[None, :, :2])
    right_bottom = np.minimum(found[:, None, 2:], many[None, :, 2:])
    shared = np.clip(right_bottom - left_top, 0, None).prod(axis=2)
    own = areas(found)[:, None]
    crowd = np.array([truth.is_crowd for truth in truths])[None, :]
    union = np.where(crowd, own, own + areas(many)[None] - shared)
    return np.where(union > 0, shared / np.maximum(union, 1e-12), 0.0)


def _average_precision(matches: _Matches) -> float | None:
    if not matches.boxes:
        return None
    hits = matches.is_hit[~matches.is_ignored]
    true, false = np.cumsum(hits), np.cumsum(~hits)
    recall = true / matches.boxes
    precision = true / np.maximum(true + false, 1)
    # From the right: precision never rises again once recall has been reached at a better one.
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    reached = at < len(precision)
    return (
        float(np.where(reached, precision[np.minimum(at, max(len(precision) - 1, 0))], 0).mean()) if len(hits) else 0.0
    )
