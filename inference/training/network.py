"""The detector: backbone, a light pyramid and an anchor-free head (FCOS: Tian et al. 2019.

Distances as distributions: Li et al. 2020).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.training.annotations import CLASSES
from inference.training.backbone import Backbone

STRIDES = (8, 16, 32)
# A distance is the mean of a distribution over 0, 1, .. 16 strides.
BINS = 17


class Output(NamedTuple):
    """Logits (batch, points, classes), logits of the four distances (batch, points, 4, bins)."""

    classes: Tensor
    sides: Tensor


def _conv(channels: int, out: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, out, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(out, momentum=0.03),
        nn.ReLU(inplace=True),
    )


class Head(nn.Module):
    """Two towers for one stride: what it is, and where it ends."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.class_tower = nn.Sequential(_conv(channels, channels), _conv(channels, channels))
        self.side_tower = nn.Sequential(_conv(channels, channels), _conv(channels, channels))
        self.classes = nn.Conv2d(channels, classes, 1)
        self.sides = nn.Conv2d(channels, 4 * BINS, 1)
        nn.init.normal_(self.classes.weight, std=0.01)
        nn.init.constant_(self.classes.bias, -math.log(99))
        nn.init.normal_(self.sides.weight, std=0.01)
        nn.init.constant_(self.sides.bias, 0.0)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.classes(self.class_tower(x)).flatten(2).transpose(1, 2), self.sides(self.side_tower(x)).flatten(
            2
        ).transpose(1, 2)


class Detector(nn.Module):
    """Output for every point of the three strides, in the order of `STRIDES`, each row by row."""

    def __init__(self, scale: str = "lite2", *, channels: int = 64, skipped: float = 0.1) -> None:
        super().__init__()
        self.backbone = Backbone(scale, skipped=skipped)
        self.laterals = nn.ModuleList(_conv(width, channels, 1) for width in self.backbone.channels)
        self.smooths = nn.ModuleList(_conv(channels, channels) for _ in STRIDES)
        self.heads = nn.ModuleList(Head(channels, len(CLASSES)) for _ in STRIDES)

    def forward(self, x: Tensor) -> Output:
        maps = [lateral(feature) for lateral, feature in zip(self.laterals, self.backbone(x), strict=True)]
        for level in (1, 0):
            maps[level] = maps[level] + functional.interpolate(maps[level + 1], scale_factor=2.0, mode="nearest")
        outputs = [head(smooth(level)) for head, smooth, level in zip(self.heads, self.smooths, maps, strict=True)]
        classes = torch.cat([output[0] for output in outputs], dim=1)
        sides = torch.cat([output[1] for output in outputs], dim=1)
        return Output(classes, sides.reshape(sides.shape[0], -1, 4, BINS))


class Points(NamedTuple):
    """Centres (points, 2) as x, y in pixels of the input, and strides (points, 1)."""

    centres: Tensor
    strides: Tensor


def make_points(size: tuple[int, int], device: torch.device | str = "cpu") -> Points:
    """List the points that the outputs of an input of this size stand for."""
    centres, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(torch.arange(-(-size[0] // stride)), torch.arange(-(-size[1] // stride)), indexing="ij")
        grid = (torch.stack([x, y], dim=-1).reshape(-1, 2) + 0.5) * stride
        centres.append(grid)
        strides.append(torch.full((len(grid), 1), float(stride)))
    return Points(torch.cat(centres).to(device), torch.cat(strides).to(device))


def distances(sides: Tensor) -> Tensor:
    """Give the mean distances (.., 4), in strides, of the logits (.., 4, bins)."""
    steps = torch.arange(BINS, dtype=torch.float32, device=sides.device)
    return (sides.float().softmax(dim=-1) * steps).sum(dim=-1)


def to_boxes(away: Tensor, points: Points) -> Tensor:
    """Turn distances in strides into boxes (.., points, 4): left, top, right, bottom in pixels of the input."""
    reach = away * points.strides
    return torch.cat([points.centres - reach[..., :2], points.centres + reach[..., 2:]], dim=-1)
