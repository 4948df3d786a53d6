"""Regions of maps, of images and of volumes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.networks import classification, semantic_segmentation, volume_segmentation
from inference.networks.errors import NetworkOutputError
from inference.networks.found import FloatArray
from inference.networks.manifest import Manifest
from inference.networks.pixels import Fit
from inference.networks.regions import label, regions
from tests.factories.onnx_models import manifest


def make_manifest(**changes: Any) -> Manifest:
    return Manifest.model_validate(
        {**manifest(b"", b""), "golden": {"sha256": "0" * 64, "expected": [], "spacing_mm": [1, 1, 1]}, **changes}
    )


def test_cells_that_share_a_side_are_one_region_and_corners_are_not() -> None:
    mask = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 1]], bool)

    assert label(mask).max() == 3
    assert [len(rows) for rows, _ in regions(mask, least=1)] == [3, 1, 1]


def test_small_regions_are_left_out() -> None:
    mask = np.array([[1, 1, 0, 1]], bool)

    assert [columns.tolist() for _, columns in regions(mask, least=2)] == [[0, 1]]


def test_a_region_may_be_reached_by_a_detour() -> None:
    mask = np.array([[1, 0, 1], [1, 0, 1], [1, 1, 1]], bool)

    assert label(mask).max() == 1


@given(arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))))
def test_labels_agree_with_a_flood(mask: Any) -> None:
    assert _sets(label(mask)) == _sets(_flood(mask))


def _sets(labels: Any) -> set[frozenset[tuple[int, ...]]]:
    places = [tuple(int(i) for i in place) for place in np.argwhere(labels)]
    return {frozenset(p for p in places if labels[p] == number) for number in {labels[p] for p in places}}


def _flood(mask: Any) -> Any:
    labels = np.zeros(mask.shape, int)
    for number, start in enumerate(map(tuple, np.argwhere(mask)), start=1):
        todo = [start] if not labels[start] else []
        while todo:
            place = todo.pop()
            labels[place] = number
            for axis in range(mask.ndim):
                for step in (-1, 1):
                    near = tuple(i + step * (a == axis) for a, i in enumerate(place))
                    inside = all(0 <= i < n for i, n in zip(near, mask.shape, strict=True))
                    if inside and mask[near] and not labels[near]:
                        todo.append(near)
    return labels


SEGMENTATION = {"task": "semantic-segmentation", "activation": "sigmoid", "least_size": 2}
IMAGE = {"kinds": ["panoramic"], "size": [8, 8]}


def test_a_region_of_an_image_becomes_a_box_with_its_share() -> None:
    maps = np.full((1, 1, 8, 8), -20, np.float32)
    maps[0, 0, 2:4, 4:8] = 20
    fit = Fit(0, 0, 0.5, 0.5, 16, 16)
    (found,) = semantic_segmentation.read(
        {"maps": maps}, fit, make_manifest(output=SEGMENTATION, input=IMAGE), floor=0.05
    )

    assert found.box == (8.0, 4.0, 16.0, 8.0)
    assert found.share == pytest.approx(8 / 64)
    assert found.score == pytest.approx(1.0)


def test_of_maps_that_exclude_one_another_the_highest_holds() -> None:
    maps = np.zeros((1, 2, 8, 8), np.float32)
    maps[0, 0] = 1.0
    maps[0, 1, :4] = 2.0
    labels = [{"index": 1, "name": "sinus", "finding": "maxillary_sinus"}]
    output = {**SEGMENTATION, "activation": "softmax", "background": 0}
    (found,) = semantic_segmentation.read(
        {"maps": maps},
        Fit(0, 0, 1, 1, 8, 8),
        make_manifest(output=output, input=IMAGE, labels=labels),
        floor=0.05,
    )

    assert found.box == (0.0, 0.0, 8.0, 4.0)


def test_maps_of_another_shape_are_named() -> None:
    with pytest.raises(NetworkOutputError, match=r"\(1, 1, 8, 8\)"):
        semantic_segmentation.read(
            {"maps": np.zeros((1, 3, 8, 8), np.float32)},
            Fit(0, 0, 1, 1, 8, 8),
            make_manifest(output=SEGMENTATION, input=IMAGE),
            floor=0.05,
        )


VOLUME = {
    "output": {"task": "volume-segmentation", "activation": "none", "least_size": 2},
    "input": {"kinds": ["cbct"], "size": [8, 8, 8], "voxel_mm": 1.0, "scaling": "range", "bounds": [0, 1000]},
    "labels": [{"index": 0, "name": "sinus", "finding": "maxillary_sinus", "threshold": 0.5}],
}


def itself(window: FloatArray) -> FloatArray:
    return window


def test_windows_cover_a_volume_and_leave_no_seam() -> None:
    volume = np.linspace(0, 1, 13 * 17 * 9).astype(np.float32).reshape(13, 17, 9)
    said = make_manifest(**VOLUME)
    blended = volume_segmentation._blend(volume, said, itself)

    assert blended[0] == pytest.approx(volume, abs=1e-5)


def test_a_region_of_a_volume_becomes_a_box_on_its_slices() -> None:
    volume = np.zeros((20, 12, 16), np.float32)
    volume[6:10, 2:6, 8:12] = 1000
    (found,) = volume_segmentation.read(volume, (1.0, 1.0, 1.0), make_manifest(**VOLUME), itself, floor=0.5)

    assert found.box == (8.0, 2.0, 12.0, 6.0)
    assert (found.first_slice, found.last_slice) == (6, 9)
    assert found.share == pytest.approx(64 / (20 * 12 * 16))


def test_a_volume_is_read_at_the_voxels_that_the_network_knows() -> None:
    volume = np.zeros((40, 24, 32), np.float32)
    volume[12:20, 4:12, 16:24] = 1000
    (found,) = volume_segmentation.read(volume, (0.5, 0.5, 0.5), make_manifest(**VOLUME), itself, floor=0.5)

    assert found.box == (16.0, 4.0, 24.0, 12.0)
    assert (found.first_slice, found.last_slice) == (12, 19)


def test_a_volume_smaller_than_a_window_is_read() -> None:
    volume = np.full((3, 3, 3), 1000, np.float32)
    (found,) = volume_segmentation.read(volume, (1.0, 1.0, 1.0), make_manifest(**VOLUME), itself, floor=0.5)

    assert (found.first_slice, found.last_slice) == (0, 2)


def test_a_window_of_another_shape_is_named() -> None:
    with pytest.raises(NetworkOutputError, match="window"):
        volume_segmentation.read(
            np.zeros((8, 8, 8)), (1.0, 1.0, 1.0), make_manifest(**VOLUME), lambda window: window[:, :, 1:], floor=0.5
        )


def test_a_classification_gives_scores_of_the_whole_image() -> None:
    labels = [
        {"index": 0, "name": "a", "finding": "crown"},
        {"index": 1, "name": "b", "finding": "filling"},
    ]
    said = make_manifest(output={"task": "classification", "activation": "softmax"}, labels=labels)
    found = classification.read({"classes": np.array([[0.0, np.log(3)]], np.float32)}, said, floor=0.05)

    assert [(one.index, round(one.score, 4), one.box) for one in found] == [(1, 0.75, None), (0, 0.25, None)]
