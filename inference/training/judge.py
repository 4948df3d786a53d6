"""Score a network on films: `python -m inference.training.judge --data FOLDER --part test`.

The network that comes with the portal, unless another .onnx of the same manifest is named. Images are prepared, boxes
read and figures reckoned by the portal's own code, so that they are those of `manage.py inference evaluate`; that
command judges films as they are, this one also as plain ones (`--form`). Needs Pillow beside what the portal has.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.networks import adapters, runtime, scoring
from inference.networks.manifest import Manifest, read_manifest
from inference.networks.scoring import Detection
from inference.training.annotations import CLASSES, Film, read_films, truths_of
from inference.training.plain import FORMS, Form
from inference.training.split import PARTS, Part, read_split

Grey = npt.NDArray[np.uint8]
BUNDLED = Path(__file__).parents[1] / "bundled" / "panoramic-detector"
FLOOR = 0.05


class Network:
    """An exported detector, ready to look at films."""

    def __init__(self, onnx: Path = BUNDLED / "network.onnx", *, threads: int = 2) -> None:
        self.manifest: Manifest = read_manifest((BUNDLED / "network.yaml").read_bytes())
        self._session = runtime.Session(onnx.read_bytes(), self.manifest, threads=threads)

    @property
    def thresholds(self) -> Mapping[str, float]:
        """From which score on a class is shown."""
        return {label.name: label.threshold for label in self.manifest.labels}

    def look(self, image: Grey, *, image_id: int = 0) -> list[Detection]:
        """Say what is on a film of display values (rows, columns), in its pixels, best first."""
        found = adapters.look(image, self.manifest, self._session, floor=FLOOR)
        return [Detection(image_id, CLASSES[one.index], one.score, one.box) for one in found if one.box]


def read_part(data: Path, part: Part) -> list[Film]:
    """Read the films of one part of the split."""
    ids = {entry.image_id for entry in read_split()[part]}
    return [film for film in read_films(data / "annotations.json") if film.image_id in ids]


def read_image(data: Path, film: Film) -> Grey:
    """Read the pixels of a film."""
    return np.asarray(Image.open(data / "images" / film.file_name).convert("L"))


def look_at(
    network: Network, data: Path, films: Sequence[Film], form: Form = FORMS["white"]
) -> tuple[list[Film], list[Detection]]:
    """Look at films in one form; give them as they are in it, and what was found."""
    seen: list[Film] = []
    found: list[Detection] = []
    for film in films:
        image, changed = form(read_image(data, film), film)
        seen.append(changed)
        found += network.look(image, image_id=film.image_id)
    return seen, found


def figures(films: Sequence[Film], found: Sequence[Detection], thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Give AP50, AP50_95 and, for each class, AP50, boxes, precision and recall at its threshold."""
    truths = truths_of(films)
    scores = scoring.score(found, truths, CLASSES)
    per_class = {}
    for name, one in scores.items():
        precision, recall = scoring.precision_and_recall(found, truths, name, threshold=thresholds[name])
        per_class[name] = {
            "AP50": _rounded(one.AP50),
            "boxes": one.boxes,
            "precision": _rounded(precision),
            "recall": _rounded(recall),
        }
    return {
        "images": len(films),
        "AP50": _rounded(scoring.mean([one.AP50 for one in scores.values()])),
        "AP50_95": _rounded(scoring.mean([one.AP50_95 for one in scores.values()])),
        "per_class": per_class,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description="Score an exported network on films.")
    parser.add_argument("network", type=Path, nargs="?", default=BUNDLED / "network.onnx")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--form", choices=FORMS, default="white")
    options = parser.parse_args()
    network = Network(options.network)
    films, found = look_at(network, options.data, read_part(options.data, options.part), FORMS[options.form])
    print(json.dumps(figures(films, found, network.thresholds), indent=1))


if __name__ == "__main__":
    main()
