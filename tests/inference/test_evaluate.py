"""`manage.py inference evaluate` and `import`: what they print, and how they refuse."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from common.scope import tenant_scope
from inference import selectors
from tests.factories import onnx_models
from tests.factories.cast import make_tenant
from tests.factories.onnx_models import two_squares, write_network
from tests.factories.pictures import make_png

BOXES = [[12, 4, 16, 16], [76, 36, 16, 16]]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "both.png").write_bytes(make_png(two_squares()))
    (folder / "dark.png").write_bytes(make_png(np.zeros((64, 128), np.uint8)))
    return folder


def annotate(folder: Path, **changes: Any) -> str:
    said: dict[str, Any] = {
        "images": [{"id": 1, "file_name": "both.png"}, {"id": 2, "file_name": "dark.png"}],
        "categories": [{"id": 5, "name": "square"}, {"id": 6, "name": "circle"}],
        "annotations": [{"image_id": 1, "category_id": 5, "bbox": box} for box in BOXES],
        **changes,
    }
    path = folder / "annotations.json"
    path.write_text(json.dumps(said))
    return str(path)


def evaluate(pictures: Path, network: Path, capsys: pytest.CaptureFixture[str], **changes: Any) -> dict[str, Any]:
    call_command(
        "inference",
        "evaluate",
        "--images",
        str(pictures),
        "--annotations",
        annotate(pictures, **changes),
        "--network",
        str(network),
        "--json",
    )
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return printed


def test_one_object_with_the_figures_is_printed(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = evaluate(pictures, write_network(tmp_path / "network"), capsys)

    assert (found["AP50"], found["AP50_95"], found["images"]) == (1.0, 1.0, 2)
    assert (found["per_class"]["square"]["AP50"], found["per_class"]["square"]["boxes"]) == (1.0, 2)
    assert (found["per_class"]["square"]["precision"], found["per_class"]["square"]["recall"]) == (1.0, 1.0)
    assert (found["per_class"]["circle"]["AP50"], found["per_class"]["circle"]["boxes"]) == (None, 0)
    assert found["ms_per_image"] > 0


def test_classes_that_are_off_are_scored_too(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = [{"index": 0, "name": "square", "finding": "filling", "threshold": 0.99, "is_on": False}]
    found = evaluate(pictures, write_network(tmp_path / "network", labels=labels), capsys)

    assert found["per_class"]["square"]["AP50"] == 1.0


def test_what_is_missed_and_what_is_wrong_lower_the_score(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truths = [{"image_id": 1, "category_id": 5, "bbox": box} for box in (BOXES[1], [40, 10, 8, 8])]
    found = evaluate(pictures, write_network(tmp_path / "network"), capsys, annotations=truths)

    assert found["AP50"] == pytest.approx(51 / 101 / 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": [{"id": 1, "file_name": "absent.png"}]}, "absent.png"),
        ({"categories": []}, "no COCO annotations"),
    ],
)
def test_what_cannot_be_scored_is_said(pictures: Path, tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command(
            "inference",
            "evaluate",
            "--images",
            str(pictures),
            "--annotations",
            annotate(pictures, **changes),
            "--network",
            str(write_network(tmp_path / "network")),
        )


def test_a_network_that_draws_no_boxes_is_not_scored(pictures: Path, tmp_path: Path) -> None:
    network = write_network(tmp_path / "network", onnx_models.brightness(), output={"task": "classification"})

    with pytest.raises(CommandError, match="draw boxes"):
        call_command(
            "inference",
            "evaluate",
            "--images",
            str(pictures),
            "--annotations",
            annotate(pictures),
            "--network",
            str(network),
        )


@pytest.mark.django_db
def test_a_folder_is_imported_for_a_tenant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tenant = make_tenant()
    call_command("inference", "import", str(write_network(tmp_path / "network")), "--tenant", tenant.slug)

    assert capsys.readouterr().out == "bright-squares 1.0.0\n"
    with tenant_scope(tenant.id):
        assert selectors.find_network(name="bright-squares").version == "1.0.0"


@pytest.mark.django_db
def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"network-package: there is no network\.yaml"):
        call_command("inference", "import", str(tmp_path), "--tenant", make_tenant().slug)
