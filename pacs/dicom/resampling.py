"""Making images smaller by averaging areas."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@lru_cache(maxsize=64)
def area_weights(size: int, new_size: int) -> FloatArray:
    """Give the matrix (new_size, size) whose rows average `size` pixels over `new_size` equal stretches.

    New pixels smaller than the old take the value of the old one they lie in, or the weighted mean of two.
    """
    edges = np.linspace(0, size, new_size + 1)
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(size)
    overlap = np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None)
    weights: FloatArray = (overlap / (high - low)).astype(np.float32)
    weights.setflags(write=False)
    return weights


def area_average(plane: npt.NDArray[np.generic], rows: int, columns: int) -> FloatArray:
    """Resample a plane (rows, columns) or (rows, columns, samples) by exact area averages, as float32.

    By sums of runs, not by matrices: those would wake a thread for each core for every slice of a volume.
    """
    smaller = _average_rows(plane.astype(np.float32), rows)
    smaller = _average_rows(smaller.swapaxes(0, 1), columns).swapaxes(0, 1)
    return np.ascontiguousarray(smaller, dtype=np.float32)


def _average_rows(values: FloatArray, count: int) -> FloatArray:
    """Average along the first axis: whole pixels from edge to edge, and the shares that the edges cut off."""
    size = values.shape[0]
    if count == size:
        return values
    edges = np.linspace(0, size, count + 1)
    pixel = np.minimum(edges.astype(np.intp), size - 1)
    cut = (edges - pixel).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1)) * values[pixel]
    # The last run reaches to the end, so nothing is to be added to it.
    cut[-1] = 0
    whole = np.add.reduceat(values, pixel[:-1], axis=0)
    # Between edges within one pixel there is none: `reduceat` gives the pixel itself there.
    whole[:-1][pixel[:-2] == pixel[1:-1]] = 0
    means: FloatArray = (whole - cut[:-1] + cut[1:]) * np.float32(count / size)
    return means
