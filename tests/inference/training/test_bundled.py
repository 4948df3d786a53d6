"""The network that comes with the portal: what is in its folder, and what it says."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from inference.training.annotations import CLASSES, read_films
from inference.training.golden import draw
from inference.training.judge import IOU, THRESHOLDS, Network, figures, to_boxes
from inference.training.split import read_split

FOLDER = Path(__file__).parents[3] / "inference" / "bundled" / "panoramic-detector"


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "network.yaml").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(FOLDER / "network.onnx")


def test_the_files_are_those_of_the_manifest(manifest: dict[str, Any]) -> None:
    assert hashlib.sha256((FOLDER / "network.onnx").read_bytes()).hexdigest() == manifest["sha256"]
    assert hashlib.sha256((FOLDER / "golden.npy").read_bytes()).hexdigest() == manifest["golden"]["sha256"]
    assert (FOLDER / "network.onnx").stat().st_size < 25_000_000


def test_manifest_and_training_agree(manifest: dict[str, Any]) -> None:
    assert {label["name"]: label["threshold"] for label in manifest["labels"]} == THRESHOLDS
    assert tuple(label["name"] for label in manifest["labels"]) == CLASSES
    assert manifest["output"]["iou"] == IOU
    assert [label["name"] for label in manifest["labels"] if not label.get("is_on", True)] == ["cavity"]


def test_card_and_notice_say_where_it_comes_from_and_what_it_is_not() -> None:
    card = (FOLDER / "card.md").read_text(encoding="utf-8")
    notice = (FOLDER.parents[2] / "NOTICE").read_text(encoding="utf-8")

    assert "Research preview, not a diagnostic device" in card
    assert "root-filled or post tooth" in card
    assert "dental-uispo/-bhjcu" in card
    assert "dental-uispo/-bhjcu" in notice
    assert "CC BY 4.0" in notice


def test_the_golden_image_is_drawn_by_our_own_code() -> None:
    difference = np.abs(np.load(FOLDER / "golden.npy").astype(int) - draw().astype(int))

    assert difference.max() <= 1


def test_the_golden_image_gives_what_the_manifest_expects(manifest: dict[str, Any], network: Network) -> None:
    golden = manifest["golden"]
    found = network.look(np.load(FOLDER / "golden.npy"))
    shown = [place for place, name in enumerate(found.classes) if found.scores[place] >= THRESHOLDS[CLASSES[name]]]

    assert [CLASSES[found.classes[place]] for place in shown] == [finding["label"] for finding in golden["expected"]]
    for place, expected in zip(shown, golden["expected"], strict=True):
        assert found.scores[place] == pytest.approx(expected["score"], abs=golden["score_tolerance"])
        np.testing.assert_allclose(found.boxes[place], expected["box"], atol=golden["box_tolerance"])


def test_a_mirrored_film_gives_mirrored_findings(network: Network) -> None:
    image = draw()
    plain, mirrored = network.look(image, threshold=0.35), network.look(image[:, ::-1], threshold=0.35)

    np.testing.assert_allclose(mirrored.scores, plain.scores, atol=0.01)
    np.testing.assert_allclose(
        mirrored.boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [640, 0, 640, 0], plain.boxes, atol=0.5
    )


def test_distances_are_counted_from_the_middle_of_a_cell_in_strides() -> None:
    boxes = to_boxes(np.ones((2 * 4 + 1 * 2 + 1, 4)), (16, 32))

    assert boxes[5].tolist() == [4, 4, 20, 20]
    assert boxes[9].tolist() == [8, -8, 40, 24]
    assert boxes[10].tolist() == [-16, -16, 48, 48]


def test_held_out_films_are_read_well(network: Network, data_folder: Path) -> None:
    folder = data_folder / "panoramic"
    ids = {entry.image_id for entry in read_split()["test"][::12]}
    films = [film for film in read_films(folder / "annotations.json") if film.image_id in ids]

    found = [network.look(np.asarray(Image.open(folder / "images" / film.file_name).convert("L"))) for film in films]

    measured = figures(films, found)
    assert measured["images"] == 9
    assert measured["per_class"]["filling"]["AP50"] > 0.78
    assert measured["per_class"]["implant"]["AP50"] > 0.85


@pytest.mark.soak
def test_all_held_out_films_give_the_figures_of_the_card(
    manifest: dict[str, Any], network: Network, data_folder: Path
) -> None:
    folder = data_folder / "panoramic"
    ids = {entry.image_id for entry in read_split()["test"]}
    films = [film for film in read_films(folder / "annotations.json") if film.image_id in ids]

    found = [network.look(np.asarray(Image.open(folder / "images" / film.file_name).convert("L"))) for film in films]

    measured, stated = figures(films, found), manifest["measured"][0]
    assert measured["AP50"] == pytest.approx(stated["AP50"], abs=0.01)
    assert {name: figure["boxes"] for name, figure in measured["per_class"].items()} == {
        name: figure["boxes"] for name, figure in stated["per_class"].items()
    }
