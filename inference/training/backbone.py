"""EfficientNet-Lite, with the names of the published ImageNet weights.

Tan and Le 2019; Lite has no squeeze and excitation, ReLU6, and a stem and ends of fixed size.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

# Repeats, kernel, stride, expansion, channels: table 1 of the paper.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
# Width and depth against the base network.
SCALES = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}
STEM = 32
# The stages whose outputs have strides 8, 16 and 32.
TAPS = (2, 4, 6)


def widened(channels: int, width: float) -> int:
    """Scale channels to the next multiple of 8 that loses no more than a tenth."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


class SameConv(nn.Conv2d):
    """Convolution with the padding that the weights were trained with: uneven where the stride is 2."""

    def __init__(self, channels: int, out: int, kernel: int, *, stride: int = 1, groups: int = 1) -> None:
        super().__init__(
            channels,
            out,
            kernel,
            stride=stride,
            padding=(kernel - 1) // 2 if stride == 1 else 0,
            groups=groups,
            bias=False,
        )
        self.margin = (kernel - 2) // 2, (kernel - 1) // 2

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] == 2:
            x = functional.pad(x, (*self.margin, *self.margin))
        return super().forward(x)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.02)


class Block(nn.Module):
    """Inverted bottleneck; in training, whole blocks are skipped at random (stochastic depth)."""

    def __init__(self, channels: int, out: int, *, kernel: int, stride: int, expansion: int, skipped: float) -> None:
        super().__init__()
        inner = channels * expansion
        if expansion != 1:
            self._expand_conv, self._bn0 = SameConv(channels, inner, 1), _norm(inner)
        self._depthwise_conv, self._bn1 = SameConv(inner, inner, kernel, stride=stride, groups=inner), _norm(inner)
        self._project_conv, self._bn2 = SameConv(inner, out, 1), _norm(out)
        self.expands, self.has_shortcut, self.skipped = expansion != 1, stride == 1 and channels == out, skipped

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        if not self.has_shortcut:
            return y
        if self.training and self.skipped:
            kept = torch.rand(x.shape[0], 1, 1, 1, device=x.device) >= self.skipped
            y = y * (kept / (1 - self.skipped)).to(y.dtype)
        return x + y


class Backbone(nn.Module):
    """Feature maps at strides 8, 16 and 32 of an image (batch, 3, rows, columns)."""

    def __init__(self, scale: str = "lite2", *, skipped: float = 0.1) -> None:
        super().__init__()
        width, depth = SCALES[scale]
        self._conv_stem, self._bn0 = SameConv(3, STEM, 3, stride=2), _norm(STEM)
        blocks: list[Block] = []
        self.ends: list[int] = []
        self.channels: list[int] = []
        repeats = [n if stage in {0, len(STAGES) - 1} else math.ceil(n * depth) for stage, (n, *_) in enumerate(STAGES)]
        channels, count = STEM, sum(repeats)
        for stage, (_, kernel, stride, expansion, base) in enumerate(STAGES):
            out = widened(base, width)
            for place in range(repeats[stage]):
                blocks.append(
                    Block(
                        channels,
                        out,
                        kernel=kernel,
                        stride=stride if place == 0 else 1,
                        expansion=expansion,
                        skipped=skipped * len(blocks) / count,
                    )
                )
                channels = out
            if stage in TAPS:
                self.ends.append(len(blocks) - 1)
                self.channels.append(out)
        self._blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        maps = []
        for place, block in enumerate(self._blocks):
            x = block(x)
            if place in self.ends:
                maps.append(x)
        return maps

    def load_imagenet(self, weights: Mapping[str, Tensor]) -> None:
        """Take the published weights; the classifier's own layers are left out, anything else must fit."""
        own = {
            name: value.float() for name, value in weights.items() if not name.startswith(("_conv_head", "_bn1", "_fc"))
        }
        self.load_state_dict(own, strict=True)
