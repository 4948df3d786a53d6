"""From an image to the tensor of a network, and boxes back."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inference.networks.found import Box, FloatArray
from inference.networks.manifest import Input


@dataclass(frozen=True, slots=True)
class Fit:
    """How an image lies in the input: offsets in pixels of the input, factors from image to input."""

    left: float
    top: float
    across: float
    down: float
    rows: int
    columns: int

    def to_image(self, box: npt.NDArray[np.generic]) -> Box:
        """Give a box of the input in pixels of the image, cut at its edges."""
        left, top, right, bottom = (float(side) for side in box)
        return (
            min(max((left - self.left) / self.across, 0.0), float(self.columns)),
            min(max((top - self.top) / self.down, 0.0), float(self.rows)),
            min(max((right - self.left) / self.across, 0.0), float(self.columns)),
            min(max((bottom - self.top) / self.down, 0.0), float(self.rows)),
        )


def to_grey(image: npt.NDArray[np.generic]) -> FloatArray:
    """Give display values (rows, columns) or (rows, columns, 3) of uint8 as one grey plane of 0..1.

    Colour becomes luma (ITU-R BT.601).
    """
    plane = image.astype(np.float32)
    if plane.ndim == 3:
        plane = plane @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return plane * np.float32(1 / 255)


def make_tensor(image: npt.NDArray[np.generic], wanted: Input) -> tuple[FloatArray, Fit]:
    """Prepare one image for a two-dimensional network.

    Parameters
    ----------
    image
        Display values, uint8, (rows, columns) or (rows, columns, 3); or float32 (rows, columns) after the Modality LUT
        where the manifest scales by percentiles or range.

    Returns
    -------
    tensor
        float32 (1, channels, height, width).
    fit
        How to bring boxes back.
    """
    plane = scale(image, wanted)
    height, width = wanted.size
    rows, columns = plane.shape
    if wanted.resize == "stretch":
        fitted, fit = (
            resize(plane, height, width),
            Fit(0.0, 0.0, width / columns, height / rows, rows, columns),
        )
    else:
        factor = min(height / rows, width / columns)
        inner = (max(1, round(rows * factor)), max(1, round(columns * factor)))
        top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
        fitted = np.full((height, width), np.float32(wanted.fill), dtype=np.float32)
        fitted[top : top + inner[0], left : left + inner[1]] = resize(plane, *inner)
        fit = Fit(float(left), float(top), inner[1] / columns, inner[0] / rows, rows, columns)
    return normalise(fitted, wanted)[None], fit


def scale(image: npt.NDArray[np.generic], wanted: Input) -> FloatArray:
    """Bring values to 0..1 as the manifest says; volumes too."""
    if wanted.scaling == "display":
        return to_grey(image) if image.ndim != 3 or image.shape[-1] == 3 else image.astype(np.float32) / np.float32(255)
    assert wanted.bounds is not None
    values = image.astype(np.float32)
    low, high = wanted.bounds
    if wanted.scaling == "percentiles":
        low, high = (float(bound) for bound in np.percentile(values, wanted.bounds))
    scaled: FloatArray = np.clip((values - np.float32(low)) / np.float32(max(high - low, 1e-6)), 0, 1)
    return scaled


def normalise(plane: FloatArray, wanted: Input) -> FloatArray:
    """Give (channels, ...) with mean and standard deviation of each channel taken off."""
    shape = (wanted.channels, *([1] * plane.ndim))
    mean = np.array(wanted.mean, dtype=np.float32).reshape(shape)
    std = np.array(wanted.std, dtype=np.float32).reshape(shape)
    return np.ascontiguousarray((plane[None] - mean) / std, dtype=np.float32)


def resize(plane: npt.NDArray[np.generic], rows: int, columns: int) -> FloatArray:
    """Resample a plane (rows, columns): averages of areas where it shrinks, bilinear where it grows.

    Pixels are areas: the centre of the first lies half a pixel from the edge (no corner alignment).
    """
    values = plane.astype(np.float32)
    values = _along(values, rows)
    return np.ascontiguousarray(_along(np.ascontiguousarray(values.T), columns).T)


def _along(values: FloatArray, count: int) -> FloatArray:
    """Resample the first axis."""
    size = values.shape[0]
    if count == size:
        return values
    first, shares = _taps(size, count)
    out = np.zeros((count, *values.shape[1:]), dtype=np.float32)
    for tap in range(shares.shape[1]):
        index = np.minimum(first + tap, size - 1)
        out += values[index] * shares[:, tap].reshape(-1, *([1] * (values.ndim - 1)))
    return out


@lru_cache(maxsize=64)
def _taps(size: int, count: int) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Give for each new pixel the first old one that it takes from, and the shares of that and the following ones."""
    if count > size:
        centre = np.clip((np.arange(count) + 0.5) * size / count - 0.5, 0, size - 1)
        first = np.floor(centre).astype(np.intp)
        part = (centre - first).astype(np.float32)
        return first, np.stack([1 - part, part], axis=1)
    edges = np.linspace(0, size, count + 1)
    low, high = edges[:-1], edges[1:]
    first = np.minimum(np.floor(low + 1e-9).astype(np.intp), size - 1)
    taps = int(np.ceil(size / count)) + 1
    pixel = first[:, None] + np.arange(taps)
    overlap = np.clip(np.minimum(high[:, None], pixel + 1) - np.maximum(low[:, None], pixel), 0, None)
    overlap[pixel >= size] = 0
    return first, (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)
