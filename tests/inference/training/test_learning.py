"""What points learn and what errors cost; only where PyTorch is."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the packages of inference/training/requirements.txt")


def test_points_inside_a_box_are_assigned_and_the_best_gets_its_overlap() -> None:
    from inference.training.losses import Targets, assign
    from inference.training.network import make_points, to_boxes

    points = make_points((64, 64))
    targets = Targets(torch.tensor([[[8.0, 8.0, 40.0, 40.0], [-1.0] * 4]]), torch.tensor([[2, -1]]))
    boxes = to_boxes(torch.full((1, len(points.centres), 4), 2.0), points)

    assigned = assign(torch.full((1, len(points.centres), 4), 0.3), boxes, points, targets)

    chosen = points.centres[assigned.chosen[0]]
    assert 1 <= len(chosen) <= 10
    assert ((chosen > 8) & (chosen < 40)).all()
    assert assigned.scores[0, :, [0, 1, 3]].sum() == 0
    assert assigned.scores[0, :, 2].max().item() == pytest.approx(784 / 1264, abs=0.001)


def test_the_loss_falls_as_boxes_and_scores_come_near() -> None:
    from inference.training.losses import Targets, Weights, loss
    from inference.training.network import BINS, Output, make_points

    points = make_points((64, 64))
    count = len(points.centres)
    targets = Targets(torch.tensor([[[8.0, 8.0, 40.0, 40.0]]]), torch.tensor([[1]]))
    classes = torch.full((1, count, 4), -3.0, requires_grad=True)
    sides = torch.zeros(1, count, 4, BINS, requires_grad=True)
    descent = torch.optim.Adam([classes, sides], lr=0.2)
    values = []

    for _ in range(40):
        value = loss(Output(classes, sides), points, targets, Weights())
        descent.zero_grad()
        value.backward()
        descent.step()
        values.append(value.item())

    assert values[-1] < values[0] / 3


def test_overlap_agrees_with_the_one_that_scores() -> None:
    from inference.networks.boxes import overlaps
    from inference.training.losses import overlap

    a, b = np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 0, 15, 10]])

    iou, generalised = overlap(torch.from_numpy(a), torch.from_numpy(b))

    assert iou.item() == pytest.approx(overlaps(a, b)[0, 0])
    assert generalised.item() == pytest.approx(overlaps(a, b)[0, 0])
