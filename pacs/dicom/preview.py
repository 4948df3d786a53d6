"""A small 8-bit copy of a CBCT volume, fitted to its own histogram, which all three planes can be cut from at once.

CBCT grey values are not calibrated, so nothing here assumes Hounsfield units.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

TARGET: Final = 128
_BINS: Final = 512

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Preview:
    """A reduced volume.

    Attributes
    ----------
    voxels
        Shape (slices, rows, columns), uint8: 0 at `low`, 255 at `high`, linear between.
    low, high
        Values after the Modality LUT (PS3.3 C.11.1).
    minimum, maximum
        Of all voxels of the original.
    window_center, window_width
        For bone and teeth, from the histogram (PS3.3 C.11.2.1.2).
    """

    voxels: ByteArray
    low: float
    high: float
    minimum: float
    maximum: float
    window_center: float
    window_width: float


class PreviewBuilder:
    """Take the slices of a volume in order and reduce them by area averages; memory is that of the result.

    Parameters
    ----------
    columns, rows, slices
        Size of the original.
    """

    def __init__(self, *, columns: int, rows: int, slices: int) -> None:
        self._slices = slices
        self._row_edges = _edges(rows)
        self._column_edges = _edges(columns)
        shape = (min(slices, TARGET), len(self._row_edges) - 1, len(self._column_edges) - 1)
        self._sum: FloatArray = np.zeros(shape, np.float32)
        self._count = np.zeros(shape[0], np.int32)
        self._minimum = np.inf
        self._maximum = -np.inf
        self._next = 0

    def add(self, values: FloatArray) -> None:
        """Add the next slice: values after the Modality LUT, shape (rows, columns)."""
        self._minimum = min(self._minimum, float(values.min()))
        self._maximum = max(self._maximum, float(values.max()))
        position = self._next * len(self._count) // self._slices
        self._sum[position] += _reduce(_reduce(values, self._row_edges, 0), self._column_edges, 1)
        self._count[position] += 1
        self._next += 1

    def finish(self) -> Preview:
        """Quantise what was gathered.

        Raises
        ------
        ValueError
            If slices are missing.
        """
        if self._next != self._slices:
            raise ValueError(f"{self._next} of {self._slices} slices were added")
        mean = self._sum / self._count[:, None, None]
        low, high = (float(p) for p in np.percentile(mean, (0.1, 99.98)))
        high = max(high, low + 1.0)
        center, width = fit_window(mean)
        scaled = (mean - low) * (255.0 / (high - low))
        voxels: ByteArray = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
        return Preview(voxels, low, high, self._minimum, self._maximum, center, width)


def fit_window(values: FloatArray) -> tuple[float, float]:
    """Return centre and width that show bone and teeth, from the histogram alone.

    The first threshold parts air from tissue, the second, above it, soft tissue from bone (Otsu, 1979). The window
    begins between air and soft tissue and ends above almost all enamel, so that metal does not darken the rest.
    """
    tissue = _otsu(values)
    inside = values[values > tissue]
    if inside.size < 16:
        low, high = float(values.min()), float(values.max())
        return (low + high) / 2, max(high - low, 1.0)
    bone = _otsu(inside)
    dense = inside[inside > bone]
    low = float(np.percentile(inside, 5))
    high = float(np.percentile(dense, 97)) if dense.size else float(inside.max())
    return (low + high) / 2, max(high - low, 1.0)


def _otsu(values: FloatArray) -> float:
    """Return the threshold that parts two classes with the least variance inside them."""
    top = float(np.percentile(values, 99.9))
    counts, edges = np.histogram(values, bins=_BINS, range=(float(values.min()), max(top, float(values.min()) + 1e-3)))
    centres = (edges[:-1] + edges[1:]) / 2
    weight = np.cumsum(counts)
    total = weight[-1]
    mass = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mass[-1] * weight - mass * total) ** 2 / (weight * (total - weight))
    return float(centres[int(np.nanargmax(np.where(np.isfinite(between), between, -1.0)))])


def _edges(size: int) -> npt.NDArray[np.intp]:
    parts = min(size, TARGET)
    return np.arange(parts + 1) * size // parts


def _reduce(values: FloatArray, edges: npt.NDArray[np.intp], axis: int) -> FloatArray:
    sums = np.add.reduceat(values, edges[:-1], axis=axis, dtype=np.float32)
    shape = [1, 1]
    shape[axis] = -1
    reduced: FloatArray = sums / np.diff(edges).reshape(shape).astype(np.float32)
    return reduced


def projection(preview: Preview, *, spacing_mm: tuple[float, float]) -> ByteArray:
    """Return the coronal maximum intensity projection as an 8-bit picture, windowed, with square pixels.

    Parameters
    ----------
    spacing_mm
        Distance between columns and between slices of the preview.
    """
    flat = preview.voxels.max(axis=1)[::-1].astype(np.float32)
    values = preview.low + flat * ((preview.high - preview.low) / 255.0)
    low = preview.window_center - preview.window_width / 2
    picture = np.clip((values - low) / preview.window_width * 255.0, 0, 255).astype(np.uint8)
    across, down = spacing_mm
    height = max(1, round(picture.shape[0] * down / across))
    lines = np.arange(height) * picture.shape[0] // height
    resized: ByteArray = picture[lines]
    return resized
