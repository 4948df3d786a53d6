"""Making images smaller by averaging areas."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@lru_cache(maxsize=64)
def area_weights(size: int, new_size: int) -> FloatArray:
    """Give the matrix (new_size, size) whose rows average `size` pixels over `new_size` equal stretches.

    Where the new pixels are smaller than the old, they take the value of the old pixel they lie in, or the weighted mean
    of the two.
    """
    edges = np.linspace(0, size, new_size + 1)
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(size)
    overlap = np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None)
    weights = (overlap / (high - low)).astype(np.float32)
    weights.setflags(write=False)
    return weights


def area_average(plane: npt.NDArray[np.generic], rows: int, columns: int) -> FloatArray:
    """Resample a plane (rows, columns) or (rows, columns, samples) by exact area averages, as float32."""
    values = plane.astype(np.float32)
    down = area_weights(values.shape[0], rows)
    across = area_weights(values.shape[1], columns)
    if values.ndim == 2:
        return np.asarray(down @ values @ across.T, dtype=np.float32)
    parts = [down @ values[..., sample] @ across.T for sample in range(values.shape[2])]
    return np.stack(parts, axis=-1).astype(np.float32)
