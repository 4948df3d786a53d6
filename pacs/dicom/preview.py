"""A small copy of a volume that a viewer can show at once, made in one pass over the slices.

Memory is one slice and the copy itself, whatever the size of the volume.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pacs.dicom.luts import VoiFunction, Window
from pacs.dicom.resampling import area_average, area_weights

FloatArray = npt.NDArray[np.float32]

TARGET_VOXELS: Final = 128**3
_MOST_VOXELS: Final = 1.2 * TARGET_VOXELS
# Half the resolution is an eighth of the voxels: from here on at least twice those of the preview.
_WORTHWHILE_VOXELS: Final = 16 * TARGET_VOXELS
_HISTOGRAM_BINS: Final = 512


@dataclass(frozen=True, slots=True)
class Preview:
    """The small volume.

    Attributes
    ----------
    data
        uint8, C order (slices, rows, columns): 0 is `low`, 255 is `high`, linear between. It covers the same box as the
        volume, so its voxels are as many times larger as they are fewer.
    low, high
        Values after the Modality LUT.
    window
        A suggestion that shows bone and teeth, from the volume's own histogram: CBCT values are no Hounsfield units.
    value_range
        The lowest and the highest value of the full volume.
    """

    columns: int
    rows: int
    slices: int
    low: float
    high: float
    data: bytes
    window: Window
    value_range: tuple[float, float]


class PreviewBuilder:
    """Takes the slices of a volume in order and makes its preview, and on the way a volume of half the resolution.

    Parameters
    ----------
    columns, rows, slices
        Size of the volume.
    spacing_mm
        Between columns, rows and slices; decides the shape of the preview's voxels.
    half
        Is given the same slices, if it is wanted.
    """

    def __init__(
        self,
        *,
        columns: int,
        rows: int,
        slices: int,
        spacing_mm: tuple[float, float, float],
        half: "HalfVolume | None" = None,
    ) -> None:
        self.columns, self.rows, self.slices = preview_size((columns, rows, slices), spacing_mm)
        self._sums = np.zeros((self.slices, self.rows, self.columns), dtype=np.float32)
        self._weights = np.zeros(self.slices, dtype=np.float32)
        self._depth_weights = area_weights(slices, self.slices)
        self._half = half
        self._range = (np.inf, -np.inf)
        self._next = 0
        self._total = slices

    def add(self, index: int, values: npt.NDArray[Any]) -> None:
        """Take one slice.

        Parameters
        ----------
        index
            Counted from 0, ascending; missing slices are left out.
        values
            After the Modality LUT, shape (rows, columns), any type.
        """
        if not self._next <= index < self._total:
            raise ValueError(f"slice {index} is out of order: {self._next} to {self._total - 1} was expected")
        self._next = index + 1
        plane = values.astype(np.float32, copy=False)
        self._range = (min(self._range[0], float(values.min())), max(self._range[1], float(values.max())))
        small = area_average(plane, self.rows, self.columns)
        for k in np.flatnonzero(self._depth_weights[:, index]):
            weight = self._depth_weights[k, index]
            self._sums[k] += weight * small
            self._weights[k] += weight
        if self._half:
            self._half.add(index, plane)

    def finish(self) -> Preview:
        """Give the preview; black where all slices are missing."""
        if self._half:
            self._half.finish()
        has_data = self._weights > 0
        volume = self._sums
        volume[has_data] /= self._weights[has_data, None, None]
        shown = volume[has_data] if has_data.any() else np.zeros((1, 1, 1), dtype=np.float32)
        window = bone_window(shown)
        low, high = _preview_range(shown, window)
        volume -= np.float32(low)
        volume *= np.float32(255 / (high - low))
        data = np.clip(np.rint(volume, out=volume), 0, 255).astype(np.uint8)
        data[~has_data] = 0
        value_range = self._range if has_data.any() else (0.0, 0.0)
        return Preview(self.columns, self.rows, self.slices, low, high, data.tobytes(), window, value_range)


class HalfVolume:
    """Averages 2 x 2 x 2 voxels, one pair of slices at a time.

    Parameters
    ----------
    columns, rows, slices
        Size of the volume.
    sink
        Receives the smaller volume slice by slice, bottom up: int16, little endian, values after the Modality LUT,
        (ceil(rows / 2), ceil(columns / 2)); ceil(slices / 2) of them. Where the number of slices is odd, the last one
        reaches beyond the volume by half of its thickness.
    """

    def __init__(self, *, columns: int, rows: int, slices: int, sink: Callable[[bytes], object]) -> None:
        self.columns, self.rows, self.slices = (columns + 1) // 2, (rows + 1) // 2, (slices + 1) // 2
        self._shape = (self.rows, self.columns)
        self._sink = sink
        self._pair = 0
        self._planes: list[FloatArray] = []

    @staticmethod
    def is_worthwhile(columns: int, rows: int, slices: int) -> bool:
        """Say whether it would show clearly more than the preview."""
        return columns * rows * slices >= _WORTHWHILE_VOXELS

    @staticmethod
    def holds(value_range: tuple[float, float]) -> bool:
        """Say whether all values of a volume can be given as int16."""
        low, high = value_range
        return low >= np.iinfo(np.int16).min and high <= np.iinfo(np.int16).max

    def add(self, index: int, plane: FloatArray) -> None:
        """Take one slice, in ascending order."""
        self._emit_until(index // 2)
        self._planes.append(_halved(plane, self._shape))

    def finish(self) -> None:
        """Give the sink what is left."""
        self._emit_until(self.slices)

    def _emit_until(self, pair: int) -> None:
        while self._pair < pair:
            empty = np.full(self._shape, np.iinfo(np.int16).min, dtype=np.float32)
            plane = np.mean(self._planes, axis=0) if self._planes else empty
            self._sink(np.clip(np.rint(plane), -32768, 32767).astype("<i2").tobytes())
            self._pair += 1
            self._planes = []


def _halved(plane: FloatArray, shape: tuple[int, int]) -> FloatArray:
    if plane.shape != (2 * shape[0], 2 * shape[1]):
        return area_average(plane, *shape)
    columns = plane[:, 0::2] + plane[:, 1::2]
    return (columns[0::2] + columns[1::2]) * np.float32(0.25)


def preview_size(size: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> tuple[int, int, int]:
    """Choose about `TARGET_VOXELS` voxels, as cubic as the volume allows and never smaller than its own.

    Parameters
    ----------
    size, spacing_mm
        Columns, rows, slices, and the distances between them.
    """
    extent = [max(count * spacing, 1e-6) for count, spacing in zip(size, spacing_mm, strict=True)]
    edge_mm = float(np.cbrt(np.prod(extent) / TARGET_VOXELS))
    while True:
        columns, rows, slices = (
            max(1, min(count, round(length / edge_mm))) for count, length in zip(size, extent, strict=True)
        )
        if columns * rows * slices <= _MOST_VOXELS:
            return columns, rows, slices
        # A side shorter than a voxel is one voxel all the same: the others are coarser for it.
        edge_mm *= 1.02


def bone_window(values: FloatArray) -> Window:
    """Suggest a window from air to enamel.

    The lower edge is Otsu's threshold between air and tissue; the upper one leaves out the brightest half per cent of
    the tissue, where there is metal.
    """
    edge = float(_otsu_threshold(values))
    tissue = values[values > edge]
    high = float(np.percentile(tissue, 99.5)) if tissue.size else edge + 1
    width = max(high - edge, 1.0)
    return Window(round(edge + width / 2, 1), round(width, 1), VoiFunction.LINEAR_EXACT)


def _otsu_threshold(values: FloatArray) -> float:
    """Find the value that separates two classes best (Otsu 1979)."""
    low, high = np.percentile(values, (0.1, 99.9))
    if high <= low:
        return float(low)
    counts, edges = np.histogram(values, bins=_HISTOGRAM_BINS, range=(low, high))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[int(np.nanargmax(between)) + 1])


def _preview_range(values: FloatArray, window: Window) -> tuple[float, float]:
    low, high = np.percentile(values, (0.1, 99.95))
    low = min(float(low), window.center - window.width / 2)
    high = max(float(high), window.center + window.width / 2, low + 1)
    return round(low, 3), round(high, 3)
