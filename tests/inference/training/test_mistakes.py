"""What is shown and was not labelled: found, named, counted, drawn."""

from pathlib import Path

import numpy as np
from PIL import Image

from inference.networks.scoring import Detection, Truth
from inference.training.mistakes import COLUMNS, ROWS, Mistake, counts, mistakes, tile, write_sheets

THRESHOLDS = {"filling": 0.4, "implant": 0.3}
TRUTHS = [Truth(1, "filling", (0.0, 0.0, 10.0, 10.0)), Truth(1, "implant", (50.0, 0.0, 60.0, 10.0))]


def found(category: str, score: float, *box: float, image: int = 1) -> Detection:
    left, top, right, bottom = box
    return Detection(image, category, score, (left, top, right, bottom))


def test_mistakes_are_named_by_what_is_there() -> None:
    said = [
        found("filling", 0.9, 0, 0, 10, 10),
        found("filling", 0.8, 0, 6, 10, 16),
        found("filling", 0.7, 50, 0, 60, 10),
        found("implant", 0.6, 90, 90, 99, 99),
        found("implant", 0.5, 0, 0, 9, 9, image=2),
        found("implant", 0.2, 30, 30, 40, 40),
    ]

    wrong = mistakes(said, TRUTHS, THRESHOLDS)

    assert [(one.found.score, one.kind) for one in wrong] == [
        (0.8, "loose"),
        (0.7, "other class"),
        (0.6, "unlabelled"),
        (0.5, "unlabelled"),
    ]
    assert counts(said, wrong, THRESHOLDS) == {
        "filling": {"shown": 3, "false": 2, "loose": 1, "other class": 1},
        "implant": {"shown": 2, "false": 2, "unlabelled": 2},
    }


def test_sheets_hold_every_film_with_its_mistakes_drawn(tmp_path: Path) -> None:
    wrong = Mistake(found("implant", 0.9, 20, 10, 60, 40), "unlabelled")
    one = tile(np.full((60, 120), 50, np.uint8), TRUTHS, [wrong], "image 1")

    paths = write_sheets([one] * (COLUMNS * ROWS + 1), tmp_path / "sheets", "cut")

    assert [path.name for path in paths] == ["cut-1.png", "cut-2.png"]
    with Image.open(paths[1]) as sheet:
        colour = sheet.getpixel((int(40 * 640 / 120), 20 + int(10 * 640 / 120) + 1))
    assert colour == (0xD0, 0x70, 0xFF)
