"""What the pixels of a display image say about its quality: flags for a person, not measurements."""

from typing import Final

import numpy as np
import numpy.typing as npt

from inference.networks.pixels import resize, to_grey

LEAST_SIDE: Final = 200
_SIDE: Final = 256


def flags(image: npt.NDArray[np.generic]) -> list[str]:
    """Give the flags of a display image (rows, columns[, 3]), uint8.

    ``small``, ``dark``, ``bright``, ``flat`` (hardly any contrast), ``blurred``. The limits were chosen on synthetic
    films darkened, lightened, flattened and smoothed by hand.
    """
    found = ["small"] if min(image.shape[:2]) < LEAST_SIDE else []
    grey = to_grey(image)
    rows, columns = grey.shape
    factor = min(1.0, _SIDE / max(rows, columns))
    small = resize(grey, max(8, round(rows * factor)), max(8, round(columns * factor)))
    low, high = (float(value) for value in np.percentile(small, [5, 95]))
    if high < 0.35:
        found.append("dark")
    if low > 0.65:
        found.append("bright")
    if high - low < 0.15:
        found.append("flat")
    elif _sharpness(grey, high - low) < 0.002:
        found.append("blurred")
    return found


def _sharpness(grey: npt.NDArray[np.float32], contrast: float) -> float:
    """Give the mean step between neighbouring pixels at full resolution, relative to the contrast."""
    step = np.abs(np.diff(grey, axis=1))
    strongest = float(np.percentile(step, 98))
    return strongest / max(contrast, 1e-6)
