"""Which points learn which box, and what their errors cost.

Assignment by alignment (Feng et al. 2021): a point inside a box competes for it by score and overlap together,
so that the score learns how
well the box fits. Overlap by generalised IoU (Rezatofighi et al. 2019), scores by quality focal loss (Li et al. 2020).
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from inference.training.network import BINS, Output, Points, distances, to_boxes

SCORE_POWER = 0.5
OVERLAP_POWER = 6.0
NEAREST = 10


class Targets(NamedTuple):
    """Boxes (batch, most, 4) in pixels of the input and classes (batch, most); -1 where an image has fewer."""

    boxes: Tensor
    classes: Tensor


class Assigned(NamedTuple):
    """Quality wanted per point and class (batch.

    Points, classes), its box (batch, points, 4), and where there is one (batch, points).
    """

    scores: Tensor
    boxes: Tensor
    chosen: Tensor


def overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Give IoU and generalised IoU of boxes (.., 4), element by element."""
    inner = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    outer = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    union = (a[..., 2:] - a[..., :2]).clamp(min=0).prod(-1) + (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1) - inner
    iou = inner / union.clamp(min=1e-7)
    return iou, iou - (outer - union) / outer.clamp(min=1e-7)


@torch.no_grad()
def assign(scores: Tensor, boxes: Tensor, points: Points, targets: Targets) -> Assigned:
    """Choose for every target the points that fit it best now.

    A point that two targets want goes to the one that it overlaps more.
    """
    batch, most = targets.classes.shape
    is_real = targets.classes >= 0
    corners = targets.boxes[:, :, None]
    is_inside = ((points.centres > corners[..., :2]) & (points.centres < corners[..., 2:])).all(-1) & is_real[..., None]
    wanted = targets.classes.clamp(min=0)
    score = scores.transpose(1, 2).gather(1, wanted[..., None].expand(-1, -1, scores.shape[1]))
    iou = overlap(corners, boxes[:, None])[0].clamp(min=0) * is_inside
    fit = score.pow(SCORE_POWER) * iou.pow(OVERLAP_POWER) * is_inside
    best, places = fit.topk(NEAREST, dim=-1)
    is_taken = torch.zeros_like(fit, dtype=torch.bool).scatter_(2, places, best > 1e-9) & is_inside
    owner = (iou * is_taken).argmax(1)
    is_owner = functional.one_hot(owner, most).transpose(1, 2).bool()
    is_taken &= is_owner | (is_taken.sum(1, keepdim=True) <= 1)
    fit, iou = fit * is_taken, iou * is_taken
    quality = (fit / fit.amax(-1, keepdim=True).clamp(min=1e-9) * iou.amax(-1, keepdim=True)).amax(1)
    chosen = is_taken.any(1)
    owner = is_taken.float().argmax(1)
    classes = wanted.gather(1, owner)
    wanted_scores = functional.one_hot(classes, scores.shape[2]) * (quality * chosen)[..., None]
    return Assigned(wanted_scores, targets.boxes.gather(1, owner[..., None].expand(batch, -1, 4)), chosen)


class Weights(NamedTuple):
    """What the parts of the loss count, and how much easy points are passed over."""

    classes: float = 1.0
    boxes: float = 2.5
    sides: float = 0.5
    focus: float = 1.5


def loss(output: Output, points: Points, targets: Targets, weights: Weights) -> Tensor:
    """Give the loss of a batch, per unit of assigned quality."""
    classes = output.classes.float()
    away = distances(output.sides)
    boxes = to_boxes(away, points)
    assigned = assign(classes.sigmoid().detach(), boxes.detach(), points, targets)
    total = assigned.scores.sum().clamp(min=1.0)
    distance = (classes.sigmoid().detach() - assigned.scores).abs().pow(weights.focus)
    of_classes = (
        functional.binary_cross_entropy_with_logits(classes, assigned.scores, reduction="none") * distance
    ).sum() / total
    share = assigned.scores.sum(-1)[assigned.chosen]
    aim = assigned.boxes[assigned.chosen]
    of_boxes = ((1 - overlap(boxes[assigned.chosen], aim)[1]) * share).sum() / total
    centres = points.centres.expand(len(classes), -1, -1)[assigned.chosen]
    strides = points.strides.expand(len(classes), -1, -1)[assigned.chosen]
    reach = torch.cat([centres - aim[:, :2], aim[:, 2:] - centres], dim=-1) / strides
    of_sides = (side_loss(output.sides[assigned.chosen].float(), reach) * share).sum() / total
    return weights.classes * of_classes + weights.boxes * of_boxes + weights.sides * of_sides


def side_loss(logits: Tensor, reach: Tensor) -> Tensor:
    """Distribution focal loss: the two whole distances around the true one share its weight; mean of the four sides."""
    reach = reach.clamp(0, BINS - 1.01)
    below = reach.long()
    share = reach - below
    log = logits.log_softmax(-1)
    lower, upper = log.gather(-1, below[..., None])[..., 0], log.gather(-1, below[..., None] + 1)[..., 0]
    return -(lower * (1 - share) + upper * share).mean(-1)
