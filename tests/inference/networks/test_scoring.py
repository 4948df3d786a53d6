"""Average precision, against cases that were worked out by hand."""

import pytest

from inference.networks.scoring import (
    Detection,
    Truth,
    false_positives,
    mean,
    precision_and_recall,
    read_annotations,
    score,
)

BOX = (0.0, 0.0, 10.0, 10.0)
ELSEWHERE = (50.0, 50.0, 60.0, 60.0)


def found(value: float, box: tuple[float, float, float, float] = BOX, image: int = 1) -> Detection:
    return Detection(image, "a", value, box)


def truth(box: tuple[float, float, float, float] = BOX, image: int = 1, *, is_crowd: bool = False) -> Truth:
    return Truth(image, "a", box, is_crowd)


def ap50(detections: list[Detection], truths: list[Truth]) -> float | None:
    return score(detections, truths, ["a"])["a"].AP50


def test_every_box_found_and_nothing_else_is_one() -> None:
    result = score([found(0.9), found(0.8, image=2)], [truth(), truth(image=2)], ["a"])["a"]

    assert (result.AP50, result.AP50_95, result.boxes) == (1.0, 1.0, 2)


def test_a_better_wrong_box_halves_the_precision_of_the_right_one() -> None:
    assert ap50([found(0.9, ELSEWHERE), found(0.8)], [truth()]) == pytest.approx(0.5)


def test_a_worse_wrong_box_costs_nothing() -> None:
    assert ap50([found(0.9), found(0.8, ELSEWHERE)], [truth()]) == 1.0


def test_half_of_the_boxes_found_reaches_half_of_the_recalls() -> None:
    assert ap50([found(0.9)], [truth(), truth(ELSEWHERE)]) == pytest.approx(51 / 101)


def test_a_box_found_twice_is_wrong_the_second_time() -> None:
    assert ap50([found(0.9), found(0.8), found(0.7, ELSEWHERE)], [truth(), truth(ELSEWHERE)]) == pytest.approx(
        (51 * 1 + 50 * 2 / 3) / 101
    )


def test_overlap_decides_up_to_where_a_box_counts() -> None:
    # Half as wide again: 100 of 150, hence right up to an overlap of 0.65.
    result = score([found(0.9, (0.0, 0.0, 15.0, 10.0))], [truth()], ["a"])["a"]

    at_half, over_all = result.AP50, result.AP50_95
    assert at_half == 1.0
    assert over_all == pytest.approx(0.4)


def test_a_crowd_counts_neither_way() -> None:
    assert ap50([found(0.9, ELSEWHERE), found(0.8)], [truth(), truth(ELSEWHERE, is_crowd=True)]) == 1.0


def test_a_category_without_boxes_has_no_figure_and_is_no_part_of_the_mean() -> None:
    scores = score([found(0.9)], [truth()], ["a", "b"])

    assert scores["b"].AP50 is None
    assert mean([one.AP50 for one in scores.values()]) == 1.0


def test_precision_and_recall_at_a_threshold() -> None:
    detections = [found(0.9), found(0.6, ELSEWHERE), found(0.3, ELSEWHERE, image=2)]
    truths = [truth(), truth(image=2)]

    assert precision_and_recall(detections, truths, "a", threshold=0.5) == (0.5, 0.5)
    assert precision_and_recall(detections, truths, "a", threshold=0.95) == (None, 0.0)


def test_precision_that_falls_between_two_right_boxes_is_read_at_each_recall() -> None:
    detections = [found(0.9), found(0.8, (80.0, 80.0, 90.0, 90.0)), found(0.7, ELSEWHERE)]

    # 51 of the 101 recalls at precision 1, 50 at 2/3.
    assert ap50(detections, [truth(), truth(ELSEWHERE)]) == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_false_positives_are_what_is_shown_and_matches_nothing_the_surest_first() -> None:
    again, astray, unsure = found(0.8), found(0.9, ELSEWHERE, image=2), found(0.2, ELSEWHERE)
    crowded = found(0.7, ELSEWHERE)
    truths = [truth(), truth(ELSEWHERE, is_crowd=True)]

    assert false_positives([found(0.95), again, unsure, astray, crowded], truths, "a", threshold=0.5) == [astray, again]


def test_annotations_are_read_by_the_names_of_their_categories() -> None:
    files, truths, categories = read_annotations(
        {
            "images": [{"id": 7, "file_name": "x.jpg"}],
            "categories": [{"id": 3, "name": "cavity"}],
            "annotations": [{"image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]}],
        }
    )

    assert files == {7: "x.jpg"}
    assert truths == [Truth(7, "cavity", (1.0, 2.0, 4.0, 6.0))]
    assert categories == ["cavity"]


@pytest.mark.parametrize("data", [{}, {"images": [], "categories": [], "annotations": [{}]}])
def test_what_is_no_annotation_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no COCO annotations"):
        read_annotations(data)
