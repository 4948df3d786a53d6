"""A drawn panoramic, for checking that a network computes the same everywhere. No patient is in it."""

import numpy as np
import numpy.typing as npt

ROWS, COLUMNS = 320, 640
# Teeth with a filling, and teeth with a root filling and a crown; behind the last lower one lies another tooth.
FILLED = {("upper", 3), ("upper", 12), ("lower", 2), ("lower", 11)}
CROWNED = {("upper", 5), ("lower", 13)}
TEETH = 15


def draw() -> npt.NDArray[np.uint8]:
    """Draw it: display values (320, 640)."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float64)
    across = (x - COLUMNS / 2) / (COLUMNS / 2)
    bite = ROWS * (0.52 - 0.10 * across**2)
    image = 50 + 45 * np.exp(-(((y - bite) / (0.30 * ROWS)) ** 2)) * (np.abs(across) < 0.85)
    for row, sign in (("upper", -1), ("lower", 1)):
        for place in range(TEETH):
            centre = COLUMNS / 2 + (place - (TEETH - 1) / 2) * 29
            start = ROWS * (0.52 - 0.10 * ((centre - COLUMNS / 2) / (COLUMNS / 2)) ** 2) + sign * 5
            depth = sign * (y - start)
            _draw_tooth(image, x - centre, depth, is_filled=(row, place) in FILLED, is_crowned=(row, place) in CROWNED)
    _draw_ellipse(image, (x - 566) * 0.9, y - 168, width=17, height=12, value=185)
    return np.clip(np.rint(_softened(image)), 0, 255).astype(np.uint8)


def _softened(image: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    for axis in (0, 1):
        for _ in range(2):
            image = (np.roll(image, 1, axis) + 2 * image + np.roll(image, -1, axis)) / 4
    return image


def _draw_tooth(
    image: npt.NDArray[np.float64],
    aside: npt.NDArray[np.float64],
    depth: npt.NDArray[np.float64],
    *,
    is_filled: bool,
    is_crowned: bool,
) -> None:
    half = np.where(depth < 22, 12.0, 12.0 * np.clip((66 - depth) / 44, 0, 1))
    inside = (np.abs(aside) < half) & (depth > 0) & (depth < 62)
    image[inside] = np.where(depth < 22, 105, 90)[inside]
    image[inside & (np.abs(aside) < 2) & (depth > 14) & (depth < 55)] = 250 if is_crowned else 75
    if is_filled:
        image[inside & (np.abs(aside) < 8) & (depth < 11)] = 252
    if is_crowned:
        image[inside & (depth < 22)] = 253


def _draw_ellipse(
    image: npt.NDArray[np.float64],
    across: npt.NDArray[np.float64],
    down: npt.NDArray[np.float64],
    *,
    width: float,
    height: float,
    value: float,
) -> None:
    image[(across / width) ** 2 + (down / height) ** 2 < 1] = value
