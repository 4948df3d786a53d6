"""Our average precision beside pycocotools'; only where the packages of inference/training/requirements.txt are."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from inference.networks.scoring import Detection, read_annotations, score

COCO = pytest.importorskip(
    "pycocotools.coco", reason="judging needs the packages of inference/training/requirements.txt"
)
JUDGE = pytest.importorskip("pycocotools.cocoeval")
IMAGES = 40
CATEGORIES = ("cavity", "filling", "implant", "absent")


@pytest.mark.parametrize("seed", range(5))
def test_both_scorers_say_the_same(seed: int) -> None:
    annotations, detections = draw(np.random.default_rng(seed))
    _, truths, categories = read_annotations(annotations)

    ours = score(detections, truths, categories)

    theirs = judge(annotations, detections)
    assert ours["absent"].AP50 is None
    for place, name in enumerate(CATEGORIES[:3]):
        assert pytest.approx(theirs[place], abs=1e-9) == (ours[name].AP50, ours[name].AP50_95)
        assert 0.05 < theirs[place][0] < 0.95


def draw(rng: np.random.Generator) -> tuple[dict[str, Any], list[Detection]]:
    """Draw boxes, some of them crowds, and what a mediocre network says of them."""
    annotations: list[dict[str, Any]] = []
    detections: list[Detection] = []
    for image in range(1, IMAGES + 1):
        for _ in range(rng.integers(0, 9)):
            left, top, width, height = (*rng.uniform(0, 200, 2), *rng.uniform(8, 40, 2))
            category = int(rng.integers(0, 3))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": category,
                    "bbox": [left, top, width, height],
                    "area": width * height,
                    "iscrowd": int(rng.random() < 0.05),
                }
            )
            for _ in range(rng.integers(0, 4)):
                x, y = left + rng.normal(0, 3), top + rng.normal(0, 3)
                wide, high = width * rng.uniform(0.8, 1.2), height * rng.uniform(0.8, 1.2)
                said = CATEGORIES[category if rng.random() < 0.85 else int(rng.integers(0, 3))]
                detections.append(Detection(image, said, float(rng.random()), (x, y, x + wide, y + high)))
    content = {
        "images": [{"id": image, "file_name": f"{image}.png"} for image in range(1, IMAGES + 1)],
        "categories": [{"id": place, "name": name} for place, name in enumerate(CATEGORIES)],
        "annotations": annotations,
    }
    return content, detections


def judge(annotations: dict[str, Any], detections: list[Detection]) -> list[tuple[float, float]]:
    """Let pycocotools score; AP50 and AP50-95 by category."""
    said = [
        {
            "image_id": one.image,
            "category_id": CATEGORIES.index(one.category),
            "bbox": [one.box[0], one.box[1], one.box[2] - one.box[0], one.box[3] - one.box[1]],
            "score": one.score,
        }
        for one in detections
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO.COCO()
        truth.dataset = annotations
        truth.createIndex()
        found = JUDGE.COCOeval(truth, truth.loadRes(said), "bbox")
        found.evaluate()
        found.accumulate()
    # Overlaps, recalls, categories, areas, most boxes.
    precision = found.eval["precision"][:, :, :, 0, -1]
    return [(float(precision[0, :, place].mean()), float(precision[:, :, place].mean())) for place in range(3)]
