"""Show what a network says of plain films and nobody labelled: `python -m inference.training.mistakes --data FOLDER`.

Draws contact sheets of the held-out films, made plain, with every box that is shown and matches no label, and counts
them by what is there instead. The sheets are pictures of patients: they are written to `--out` and belong nowhere else.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from inference.networks import boxes as geometry
from inference.networks import scoring
from inference.networks.scoring import Detection, Truth
from inference.training.annotations import Film, truths_of
from inference.training.judge import Network, figures, look_at, read_image, read_part
from inference.training.plain import FORMS
from inference.training.split import PARTS

Grey = npt.NDArray[np.uint8]
COLUMNS, ROWS = 3, 6
TILE = (640, 340)
COLOURS = {"cavity": "#ff5050", "filling": "#ffb020", "impacted_tooth": "#40d0ff", "implant": "#d070ff"}
RIGHT = "#60c060"
# Less of a box than this is on a label: it is on something else.
TOUCHES = 0.1


@dataclass(frozen=True)
class Mistake:
    """A box that is shown and matches no label of its class, and what is there: other class, loose, unlabelled."""

    found: Detection
    kind: str


def mistakes(found: Sequence[Detection], truths: Sequence[Truth], thresholds: Mapping[str, float]) -> list[Mistake]:
    """Find the false positives of each class that is shown."""
    return [
        Mistake(one, kind_of(one, truths))
        for name, threshold in thresholds.items()
        for one in scoring.false_positives(found, truths, name, threshold=threshold)
    ]


def kind_of(one: Detection, truths: Sequence[Truth]) -> str:
    """Say what a false positive lies on: another class's label, a label of its own loosely or again, or none."""
    here = [truth for truth in truths if truth.image == one.image]
    if not here:
        return "unlabelled"
    shares = geometry.overlaps(np.array([one.box]), np.array([truth.box for truth in here]))[0]
    others = [share for share, truth in zip(shares, here, strict=True) if truth.category != one.category]
    if max(others, default=0.0) >= 0.5:
        return "other class"
    return "loose" if shares.max() >= TOUCHES else "unlabelled"


def counts(
    found: Sequence[Detection], wrong: Sequence[Mistake], thresholds: Mapping[str, float]
) -> dict[str, dict[str, int]]:
    """Count by class what is shown, and what of it is wrong in which way."""
    result = {}
    for name, threshold in thresholds.items():
        kinds = Counter(mistake.kind for mistake in wrong if mistake.found.category == name)
        shown = sum(one.category == name and one.score >= threshold for one in found)
        result[name] = {"shown": shown, "false": kinds.total(), **dict(sorted(kinds.items()))}
    return result


def tile(image: Grey, truths: Sequence[Truth], wrong: Sequence[Mistake], title: str) -> Image.Image:
    """Draw one film: labels green and thin, mistakes in the colour of their class with name and score."""
    drawn = Image.new("RGB", TILE, "black")
    factor = min(TILE[0] / image.shape[1], (TILE[1] - 20) / image.shape[0])
    size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    drawn.paste(Image.fromarray(image).resize(size).convert("RGB"), (0, 20))
    pen = ImageDraw.Draw(drawn)
    pen.text((4, 4), title, fill="white")
    for truth in truths:
        pen.rectangle(_placed(truth.box, factor), outline=RIGHT)
    for mistake in wrong:
        box = _placed(mistake.found.box, factor)
        colour = COLOURS[mistake.found.category]
        pen.rectangle(box, outline=colour, width=2)
        text = f"{mistake.found.category} {mistake.found.score:.2f} {mistake.kind}"
        pen.text((box[0], max(box[1] - 11, 20)), text, fill=colour)
    return drawn


def _placed(box: Sequence[float], factor: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (side * factor for side in box)
    return left, top + 20, max(right, left), max(bottom, top) + 20


def write_sheets(tiles: Sequence[Image.Image], folder: Path, name: str) -> list[Path]:
    """Lay the tiles out on as many sheets as they need."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for start in range(0, len(tiles), COLUMNS * ROWS):
        sheet = Image.new("RGB", (TILE[0] * COLUMNS, TILE[1] * ROWS))
        for place, one in enumerate(tiles[start : start + COLUMNS * ROWS]):
            sheet.paste(one, (place % COLUMNS * TILE[0], place // COLUMNS * TILE[1]))
        paths.append(folder / f"{name}-{len(paths) + 1}.png")
        sheet.save(paths[-1])
    return paths


def report(network: Network, data: Path, films: Sequence[Film], form: str, folder: Path) -> dict[str, Any]:
    """Look at films in one form, draw those with mistakes, and count."""
    thresholds = {label.name: label.threshold for label in network.manifest.labels if label.is_on}
    seen, found = look_at(network, data, films, FORMS[form])
    truths = truths_of(seen)
    wrong = mistakes(found, truths, thresholds)
    tiles = []
    for film in films:
        mine = [mistake for mistake in wrong if mistake.found.image == film.image_id]
        if mine:
            image, _ = FORMS[form](read_image(data, film), film)
            labelled = [truth for truth in truths if truth.image == film.image_id]
            tiles.append(tile(image, labelled, mine, f"image {film.image_id}"))
    sheets = write_sheets(tiles, folder, form)
    return {
        "form": form,
        "films": len(films),
        "AP50": figures(seen, found, network.thresholds)["AP50"],
        "films_with_mistakes": len(tiles),
        "labels": dict(sorted(Counter(truth.category for truth in truths).items())),
        "per_class": counts(found, wrong, thresholds),
        "sheets": [str(path) for path in sheets],
    }


def main() -> None:
    """Draw, and print the counts as JSON."""
    parser = argparse.ArgumentParser(description="Draw what a network wrongly shows on plain films, and count it.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--form", choices=FORMS, nargs="+", default=["continued", "cut"])
    parser.add_argument("--out", type=Path, default=Path("build/mistakes"))
    options = parser.parse_args()
    network, films = Network(), read_part(options.data, options.part)
    for form in options.form:
        print(json.dumps(report(network, options.data, films, form, options.out), indent=1), flush=True)


if __name__ == "__main__":
    main()
