"""The network that comes with the portal: what is in its folder, and what it says."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from django.core.management import call_command

from inference.training.annotations import CLASSES
from inference.training.golden import draw
from inference.training.judge import BUNDLED as FOLDER
from inference.training.judge import Network, figures, look_at, read_part
from inference.training.split import write_part


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "network.yaml").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def network() -> Network:
    return Network()


def test_the_files_are_those_of_the_manifest(manifest: dict[str, Any]) -> None:
    assert hashlib.sha256((FOLDER / "network.onnx").read_bytes()).hexdigest() == manifest["sha256"]
    assert hashlib.sha256((FOLDER / "golden.npy").read_bytes()).hexdigest() == manifest["golden"]["sha256"]
    assert (FOLDER / "network.onnx").stat().st_size < 25_000_000


def test_manifest_and_training_agree(manifest: dict[str, Any]) -> None:
    assert tuple(label["name"] for label in manifest["labels"]) == CLASSES
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
    shown = [one for one in found if one.score >= network.thresholds[one.category]]

    assert [one.category for one in shown] == [finding["label"] for finding in golden["expected"]]
    for one, expected in zip(shown, golden["expected"], strict=True):
        assert one.score == pytest.approx(expected["score"], abs=golden["score_tolerance"])
        np.testing.assert_allclose(one.box, expected["box"], atol=golden["box_tolerance"])


def test_a_mirrored_film_gives_mirrored_findings(network: Network) -> None:
    image = draw()
    plain, mirrored = (
        [one for one in network.look(picture) if one.score >= 0.35] for picture in (image, image[:, ::-1])
    )

    assert len(plain) >= 2
    np.testing.assert_allclose([one.score for one in mirrored], [one.score for one in plain], atol=0.01)
    np.testing.assert_allclose(
        np.array([one.box for one in mirrored])[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [640, 0, 640, 0],
        [one.box for one in plain],
        atol=0.5,
    )


def test_held_out_films_are_read_well(network: Network, data_folder: Path) -> None:
    data = data_folder / "panoramic"

    films, found = look_at(network, data, read_part(data, "test")[::12])

    measured = figures(films, found, network.thresholds)
    assert measured["images"] == 9
    assert measured["per_class"]["filling"]["AP50"] > 0.78
    assert measured["per_class"]["implant"]["AP50"] > 0.85


@pytest.mark.soak
def test_the_command_gives_the_figures_of_the_card_on_all_held_out_films(
    manifest: dict[str, Any], data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_part("test", data_folder / "panoramic", tmp_path)

    call_command(
        "inference",
        "evaluate",
        "--json",
        images=tmp_path / "images",
        annotations=tmp_path / "annotations.json",
    )

    measured, stated = json.loads(capsys.readouterr().out), manifest["measured"][0]
    assert (measured["images"], stated["images"]) == (103, 103)
    assert (measured["AP50"], measured["AP50_95"]) == pytest.approx((stated["AP50"], stated["AP50_95"]), abs=0.002)
    for name, figure in stated["per_class"].items():
        assert {key: measured["per_class"][name][key] for key in figure} == pytest.approx(figure, abs=0.005)


def test_the_card_states_the_figures_of_the_manifest(manifest: dict[str, Any]) -> None:
    card = (FOLDER / "card.md").read_text(encoding="utf-8")
    measured = manifest["measured"][0]

    assert f"**{measured['AP50']:.3f}**" in card
    assert f"AP50-95 is {measured['AP50_95']:.3f}" in card
    for name, figure in measured["per_class"].items():
        assert f"| {name.replace('_', ' ')} | {figure['boxes']} | {figure['AP50']:.3f} |" in card
