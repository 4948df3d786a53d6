"""Suppression and average precision, against cases reckoned by hand."""

import numpy as np
import pytest

from inference.training.annotations import Film
from inference.training.scoring import Found, average_precision, curve, overlaps, pick


def make_film(boxes: list[list[float]], classes: list[int]) -> Film:
    return Film(1, "0001-a.jpg", 100, 100, np.array(boxes, np.float32).reshape(-1, 4), np.array(classes, np.int64))


def make_found(boxes: list[list[float]], scores: list[float], classes: list[int]) -> Found:
    return Found(np.array(boxes, float).reshape(-1, 4), np.array(scores), np.array(classes, np.int64))


def test_overlap_is_shared_area_over_joint_area() -> None:
    shared = overlaps(np.array([[0.0, 0, 10, 10]]), np.array([[0.0, 0, 10, 10], [5, 0, 15, 10], [20, 0, 30, 10]]))

    np.testing.assert_allclose(shared, [[1, 1 / 3, 0]])


def test_of_two_boxes_on_one_spot_the_better_stays_and_another_class_too() -> None:
    boxes = np.array([[0.0, 0, 10, 10], [1, 0, 11, 10], [40, 40, 50, 50]])
    scores = np.array([[0.6, 0.0], [0.9, 0.4], [0.03, 0.2]])

    found = pick(boxes, scores, threshold=0.05, iou=0.5)

    assert found.scores.tolist() == [0.9, 0.4, 0.2]
    assert found.classes.tolist() == [0, 1, 1]
    np.testing.assert_array_equal(found.boxes[0], boxes[1])


def test_precision_falls_with_a_wrong_box_between_two_right_ones() -> None:
    film = make_film([[0, 0, 10, 10], [20, 20, 30, 30]], [1, 1])
    found = make_found([[0, 0, 10, 10], [60, 60, 70, 70], [20, 20, 30, 30]], [0.9, 0.8, 0.7], [1, 1, 1])

    precision = average_precision([film], [found])["filling"]

    # 51 of the 101 recalls at precision 1, 50 at 2/3.
    assert precision[0] == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert precision[-1] == precision[0]


def test_a_second_box_on_the_same_tooth_is_wrong_and_a_class_without_boxes_has_no_figure() -> None:
    film = make_film([[0, 0, 10, 10]], [3])
    found = make_found([[0, 0, 10, 10], [0, 0, 10, 9]], [0.9, 0.8], [3, 3])

    scores, precision, recall = curve([film], [found], 3)

    assert scores.tolist() == [0.9, 0.8]
    assert precision.tolist() == [1.0, 0.5]
    assert recall.tolist() == [1.0, 1.0]
    assert np.isnan(average_precision([film], [found])["cavity"]).all()


def test_a_loose_box_counts_at_half_and_not_above_its_overlap() -> None:
    film = make_film([[0, 0, 10, 10]], [0])
    found = make_found([[0, 0, 10, 7.2]], [0.9], [0])

    assert average_precision([film], [found])["cavity"].tolist() == [1.0] * 5 + [0.0] * 5
