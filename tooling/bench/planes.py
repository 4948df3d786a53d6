"""What the viewer has to draw of a volume, pixel by pixel, and whether a picture read from the device is that."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tooling.bench.checks import WrongAnswerError

Picture = npt.NDArray[np.float64]
T = TypeVar("T", bound=np.generic)
Volume = npt.NDArray[np.uint16]

# As the studies say, from the stored value to the shown one.
_INTERCEPT = -1000.0
# The part of a pane that a plane fills.
_FIT = 0.96
_BLOCK = 12
# Grey levels of 255. A slice is a sixth of a level brighter than the one below it.
_FAR = 1.0
# Noise is in a picture of full resolution, and mostly gone from one of less.
_SHARP = 0.8


@dataclass(frozen=True)
class Pane:
    """A pane on the canvas, in CSS pixels, and what it says that it shows."""

    plane: str
    index: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Shot:
    """What the device showed at a moment: the picture of the whole canvas, from its top, under a window."""

    at_ms: float
    ratio: float
    window: tuple[float, float]
    panes: tuple[Pane, ...]
    grey: Picture

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Shot":
        """Take over what the script in the page has read; a device gives the lowest row first."""
        rows = np.frombuffer(base64.b64decode(found["grey"]), np.uint8).reshape(found["height"], found["width"])
        panes = tuple(Pane(**pane) for pane in found["panes"])
        center, width = found["window"]
        return cls(found["atMs"], found["ratio"], (center, width), panes, rows[::-1].astype(np.float64))

    def picture(self, pane: Pane) -> Picture:
        """Return what one pane shows."""
        left, top = round(pane.x * self.ratio), round(pane.y * self.ratio)
        width, height = int(pane.width * self.ratio), int(pane.height * self.ratio)
        return self.grey[top : top + height, left : left + width]


def require_planes(shot: Shot, volume: Volume, planes: tuple[str, ...], *, is_sharp: bool) -> None:
    """Check that the panes show these planes of a volume: by grey values, and where it is to be sharp by its noise."""
    seen = tuple(pane.plane for pane in shot.panes)
    if seen != planes:
        raise WrongAnswerError(f"{seen} are shown instead of {planes}")
    for pane in shot.panes:
        _require_plane(shot, pane, volume, is_sharp=is_sharp)


def _require_plane(shot: Shot, pane: Pane, volume: Volume, *, is_sharp: bool) -> None:
    shown = shot.picture(pane)
    wanted = expected(volume, pane, shot.ratio, shot.window, shown.shape)
    off = float(np.abs(_blocks(shown) - _blocks(wanted)).mean())
    drift = abs(float(shown.mean() - wanted.mean()))
    what = f"{pane.plane} {pane.index}"
    if off > _FAR or drift > _FAR / 2:
        raise WrongAnswerError(f"{what} differs by {off:.2f} of 255 grey levels, {drift:.2f} in the mean")
    alike = likeness(shown, wanted)
    if is_sharp and alike < _SHARP:
        raise WrongAnswerError(f"{what} is not at full resolution: its details are {alike:.2f} alike")


def expected(volume: Volume, pane: Pane, ratio: float, window: tuple[float, float], shape: tuple[int, ...]) -> Picture:
    """Return the grey levels of a pane that shows a plane of the volume, fitted into it (PS3.3 C.11.2.1.2.1)."""
    center, window_width = window
    sheet = _sheet(volume, pane)
    height, width = sheet.shape
    scale = _FIT * min(pane.width / width, pane.height / height)
    down = (height - 1) / 2 + _from_middle(pane.y, pane.height, ratio, shape[0]) / scale
    right = (width - 1) / 2 + _from_middle(pane.x, pane.width, ratio, shape[1]) / scale
    values = _between(_between(sheet, down).T, right).T
    grey = np.clip((values + _INTERCEPT - (center - 0.5)) / (window_width - 1) + 0.5, 0, 1) * 255
    is_inside = np.outer(np.abs(down - (height - 1) / 2) <= height / 2, np.abs(right - (width - 1) / 2) <= width / 2)
    return np.where(is_inside, grey, 0.0)


def _sheet(volume: Volume, pane: Pane) -> Picture:
    """Return a plane as the reader faces it: the head is up, and slices go upwards."""
    if pane.plane == "axial":
        cut = volume[pane.index]
    else:
        cut = (volume[:, pane.index, :] if pane.plane == "coronal" else volume[:, :, pane.index])[::-1]
    return np.asarray(cut, np.float64)


def _from_middle(begin: float, size: float, ratio: float, count: int) -> Picture:
    """Return how far the centres of a row of device pixels lie from the middle of their pane, in CSS pixels."""
    return np.asarray((np.arange(count) + 0.5 + round(begin * ratio)) / ratio - begin - size / 2, np.float64)


def _between(rows: Picture, at: Picture) -> Picture:
    """Return rows at places between them, by linear interpolation."""
    held = np.clip(at, 0, len(rows) - 1)
    below = np.minimum(held.astype(int), len(rows) - 2)
    part = (held - below)[:, None]
    return np.asarray(rows[below] * (1 - part) + rows[below + 1] * part)


def _blocks(picture: Picture) -> Picture:
    height, width = (size // _BLOCK for size in picture.shape)
    tiles = picture[: height * _BLOCK, : width * _BLOCK].reshape(height, _BLOCK, width, _BLOCK)
    return np.asarray(tiles.mean(axis=(1, 3)))


def likeness(one: Picture, other: Picture) -> float:
    """Return how alike the details of two pictures are, without what is smooth in them, from -1 to 1."""
    details = [picture - sum(_around(picture)) / 4 for picture in (one, other)]
    is_grey = (one > 0) & (other > 0) & (one < 255) & (other < 255)
    # The edge of what is black or white is no detail.
    is_seen = np.logical_and.reduce([is_grey, *_around(is_grey)])
    first, second = (detail[is_seen] for detail in details)
    return float(np.corrcoef(first, second)[0, 1]) if is_seen.any() else 0.0


def _around(picture: npt.NDArray[T]) -> list[npt.NDArray[T]]:
    return [np.roll(picture, step, axis) for axis in (0, 1) for step in (-2, 2)]
