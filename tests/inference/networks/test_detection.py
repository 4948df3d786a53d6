"""Boxes out of the tensors of detection heads."""

from typing import Any

import numpy as np
import pytest

from inference.networks import adapters, boxes, detection
from inference.networks.errors import NetworkOutputError
from inference.networks.manifest import Manifest
from inference.networks.pixels import Fit
from tests.factories.onnx_models import manifest

SAME = Fit(0.0, 0.0, 1.0, 1.0, 32, 32)


def make_manifest(output: dict[str, Any], *, classes: int = 2) -> Manifest:
    labels = [{"index": i, "name": f"c{i}", "title": "C", "code": _code(i)} for i in range(classes)]
    said = manifest(b"", b"", labels=labels, output=output, input={"kinds": ["panoramic"], "size": [32, 32]})
    return Manifest.model_validate({**said, "golden": {"sha256": "0" * 64, "expected": []}})


def _code(number: int) -> dict[str, str]:
    return {"scheme": "99TEST", "value": str(number), "meaning": "C"}


FCOS = make_manifest({"task": "detection", "layout": "fcos", "strides": [8, 16]})


def fcos_tensors() -> dict[str, Any]:
    """Levels of 4 x 4 and 2 x 2 cells: 20 in all, everything far below any threshold."""
    return {"classes": np.full((1, 20, 2), -20, np.float32), "distances": np.ones((1, 20, 4), np.float32)}


def test_a_cell_of_the_first_level_draws_its_box_around_its_middle() -> None:
    tensors = fcos_tensors()
    tensors["classes"][0, 6, 1] = 2.0  # row 1, column 2
    tensors["distances"][0, 6] = [0.5, 1, 1.5, 0.25]
    (found,) = detection.read(tensors, SAME, FCOS, floor=0.05)

    assert found.index == 1
    assert found.score == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert found.box == (20 - 4, 12 - 8, 20 + 12, 12 + 2)


def test_a_cell_of_the_second_level_counts_in_its_own_stride() -> None:
    tensors = fcos_tensors()
    tensors["classes"][0, 16 + 1, 0] = 2.0  # row 0, column 1 of the level of stride 16
    tensors["distances"][0, 17] = [0.5, 0.25, 0.5, 0.25]
    (found,) = detection.read(tensors, SAME, FCOS, floor=0.05)

    assert found.box == (24 - 8, 8 - 4, 24 + 8, 8 + 4)


def test_centreness_lowers_the_score() -> None:
    said = make_manifest({"task": "detection", "layout": "fcos", "strides": [8, 16], "centreness": "quality"})
    tensors = fcos_tensors() | {"quality": np.zeros((1, 20, 1), np.float32)}
    tensors["classes"][0, 0, 0] = 20.0
    (found,) = detection.read(tensors, SAME, said, floor=0.05)

    assert found.score == pytest.approx(np.sqrt(0.5), abs=1e-4)


def test_boxes_that_say_the_same_twice_are_one() -> None:
    tensors = fcos_tensors()
    tensors["classes"][0, [5, 6], 0] = [3.0, 2.0]
    tensors["distances"][0, [5, 6]] = 4.0
    (found,) = detection.read(tensors, SAME, FCOS, floor=0.05)

    assert found.score == pytest.approx(1 / (1 + np.exp(-3.0)))


def test_boxes_of_two_classes_in_one_place_are_two() -> None:
    tensors = fcos_tensors()
    tensors["classes"][0, 5] = [3.0, 2.0]
    tensors["distances"][0, 5] = 4.0

    assert [found.index for found in detection.read(tensors, SAME, FCOS, floor=0.05)] == [0, 1]


def test_boxes_come_back_into_the_image() -> None:
    tensors = fcos_tensors()
    tensors["classes"][0, 5, 0] = 3.0  # middle at 12, 12
    (found,) = detection.read(tensors, Fit(4.0, 0.0, 0.5, 0.25, 128, 48), FCOS, floor=0.05)

    assert found.box == ((4 - 4) / 0.5, 4 / 0.25, (20 - 4) / 0.5, 20 / 0.25)


@pytest.mark.parametrize("order", ["values-first", "boxes-first"])
def test_a_yolo_head_is_read_in_both_orders(order: str) -> None:
    said = make_manifest({"task": "detection", "layout": "yolo", "order": order})
    rows = np.zeros((1, 3, 6), np.float32)
    rows[0, 1] = [16, 8, 8, 4, 0.1, 0.7]
    tensors = {"output0": rows.transpose(0, 2, 1) if order == "values-first" else rows}
    found = detection.read(tensors, SAME, said, floor=0.2)

    assert [(one.index, one.box) for one in found] == [(1, (12.0, 6.0, 20.0, 10.0))]
    assert found[0].score == pytest.approx(0.7)


def test_a_yolo_head_with_objectness_and_logits() -> None:
    said = make_manifest(
        {"task": "detection", "layout": "yolo", "order": "boxes-first", "has_objectness": True, "is_logit": True}
    )
    rows = np.full((1, 1, 7), -20, np.float32)
    rows[0, 0] = [16, 8, 8, 4, 0.0, 20.0, -20.0]
    (found,) = detection.read({"output0": rows}, SAME, said, floor=0.05)

    assert found.score == pytest.approx(0.5, abs=1e-4)


def test_tensors_of_another_shape_are_named() -> None:
    tensors = fcos_tensors() | {"distances": np.ones((1, 19, 4), np.float32)}

    with pytest.raises(NetworkOutputError, match=r"distances has shape \(1, 19, 4\).*\(1, 20, 4\)"):
        detection.read(tensors, SAME, FCOS, floor=0.05)


def test_values_that_are_no_numbers_are_refused() -> None:
    tensors = fcos_tensors()
    tensors["classes"][0, 3, 0] = np.nan

    with pytest.raises(NetworkOutputError, match="no numbers"):
        adapters.checked(tensors)


def test_overlap_is_intersection_over_union() -> None:
    one = np.array([[0.0, 0, 2, 2]])
    many = np.array([[1.0, 1, 3, 3], [0, 0, 2, 2], [5, 5, 6, 6]])

    assert boxes.overlaps(one, many)[0] == pytest.approx([1 / 7, 1, 0])


def test_at_most_a_hundred_boxes_are_kept() -> None:
    said = make_manifest({"task": "detection", "layout": "yolo", "order": "boxes-first"}, classes=1)
    rows = np.zeros((1, 150, 5), np.float32)
    rows[0, :, 0] = np.arange(150) * 10
    rows[0, :, 1:4] = 4
    rows[0, :, 4] = np.linspace(0.2, 0.9, 150)
    found = detection.read({"output0": rows}, Fit(0, 0, 1, 1, 8, 2000), said, floor=0.05)

    assert len(found) == 100
    assert found[0].score == pytest.approx(0.9)
