"""Annotations of detection data in COCO's layout."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.networks.scoring import Truth

CLASSES = ("cavity", "filling", "impacted_tooth", "implant")

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Film:
    """One annotated image: boxes as left, top, right, bottom in its pixels, classes as places in `CLASSES`."""

    image_id: int
    file_name: str
    width: int
    height: int
    boxes: Floats
    classes: Indices

    @property
    def number(self) -> str:
        """The film that this image shows: mirrored copies of one film share the number before the hyphen."""
        return self.file_name.split("-", maxsplit=1)[0]


def read_films(path: Path) -> tuple[Film, ...]:
    """Read the films of a COCO file, in its order; categories are matched by name, others are left out."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    places = {
        category["id"]: CLASSES.index(category["name"])
        for category in content["categories"]
        if category["name"] in CLASSES
    }
    found: dict[int, list[dict[str, Any]]] = {}
    for annotation in content["annotations"]:
        if annotation["category_id"] in places:
            found.setdefault(annotation["image_id"], []).append(annotation)
    return tuple(_film(image, found.get(image["id"], ()), places) for image in content["images"])


def truths_of(films: Sequence[Film]) -> list[Truth]:
    """Give the boxes of films as the scorer takes them."""
    return [
        Truth(film.image_id, CLASSES[place], (float(box[0]), float(box[1]), float(box[2]), float(box[3])))
        for film in films
        for box, place in zip(film.boxes, film.classes, strict=True)
    ]


def _film(image: dict[str, Any], annotations: Sequence[dict[str, Any]], places: dict[int, int]) -> Film:
    boxes = np.asarray([annotation["bbox"] for annotation in annotations], dtype=np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    classes = np.asarray([places[annotation["category_id"]] for annotation in annotations], dtype=np.int64)
    return Film(image["id"], image["file_name"], image["width"], image["height"], boxes, classes)
