"""Score an exported network on films: `python -m inference.training.judge network.onnx --data FOLDER --part test`.

Needs onnxruntime, NumPy and Pillow only, which the portal has.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from PIL import Image

from inference.training.annotations import CLASSES, Film, read_films
from inference.training.masks import fill_mask, find_mask
from inference.training.scoring import Found, average_precision, curve, pick
from inference.training.split import PARTS, read_split

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

STRIDES = (8, 16, 32)
# Chosen on the choosing films, with a fit that had not seen them.
THRESHOLDS: Mapping[str, float] = {"cavity": 0.4, "filling": 0.4, "impacted_tooth": 0.3, "implant": 0.35}
IOU = 0.5
# What stands in place of the white mask.
MASKS: Mapping[str, Callable[[Grey], Grey]] = {
    "white": lambda image: image,
    "black": lambda image: np.where(find_mask(image), 0, image).astype(np.uint8),
    "continued": lambda image: fill_mask(image, find_mask(image)),
}


class Network:
    """An exported detector, ready to look at films."""

    def __init__(self, path: Path, *, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        _, _, rows, columns = self._session.get_inputs()[0].shape
        self.size: tuple[int, int] = (rows, columns)

    def look(self, image: Grey, *, threshold: float = 0.05) -> Found:
        """Say what is on a film of display values (rows, columns), in its pixels."""
        rows, columns = self.size
        plane = np.asarray(Image.fromarray(image.astype(np.float32)).resize((columns, rows), Image.Resampling.BILINEAR))
        tensor = np.broadcast_to((plane / 255 - 0.5) / 0.5, (1, 3, rows, columns)).astype(np.float32)
        logits, distances = self._session.run(["classes", "distances"], {"image": tensor})
        boxes = to_boxes(distances[0].astype(np.float64), self.size) * np.tile(
            [image.shape[1] / columns, image.shape[0] / rows], 2
        )
        return pick(boxes, 1 / (1 + np.exp(-logits[0].astype(np.float64))), threshold=threshold, iou=IOU)


def to_boxes(distances: Floats, size: tuple[int, int]) -> Floats:
    """Turn distances in strides (points, 4) into boxes in pixels of the input."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[0 : -(-size[0] // stride), 0 : -(-size[1] // stride)]
        centres.append((np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) * stride)
        strides.append(np.full((x.size, 1), float(stride)))
    centre, reach = np.concatenate(centres), distances * np.concatenate(strides)
    return np.concatenate([centre - reach[:, :2], centre + reach[:, 2:]], axis=1)


def figures(films: Sequence[Film], found: Sequence[Found]) -> dict[str, Any]:
    """Give AP50, AP50_95 and, for each class, AP50, boxes, precision and recall at its threshold."""
    precisions = average_precision(films, found)
    per_class = {}
    for place, name in enumerate(CLASSES):
        scores, precision, recall = curve(films, found, place)
        shown = int((scores >= THRESHOLDS[name]).sum())
        per_class[name] = {
            "AP50": _rounded(precisions[name][0]),
            "boxes": int(sum((film.classes == place).sum() for film in films)),
            "precision": _rounded(precision[shown - 1]) if shown else None,
            "recall": _rounded(recall[shown - 1]) if shown else 0.0,
        }
    values = np.stack(list(precisions.values()))
    return {
        "images": len(films),
        "AP50": _rounded(np.nanmean(values[:, 0])),
        "AP50_95": _rounded(np.nanmean(values)),
        "per_class": per_class,
    }


def _rounded(value: Any) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description="Score an exported network on films.")
    parser.add_argument("network", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--mask", choices=MASKS, default="white")
    options = parser.parse_args()
    ids = {entry.image_id for entry in read_split()[options.part]}
    films = [film for film in read_films(options.data / "annotations.json") if film.image_id in ids]
    network, change = Network(options.network), MASKS[options.mask]
    found = [
        network.look(change(np.asarray(Image.open(options.data / "images" / film.file_name).convert("L"))))
        for film in films
    ]
    print(json.dumps(figures(films, found), indent=1))


if __name__ == "__main__":
    main()
