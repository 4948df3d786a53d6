"""How a film is laid into the network's input for training, and where its boxes go. NumPy only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.training.annotations import Indices

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Recipe:
    """How far a pose may differ from the plain one."""

    close: float = 0.35  # share of films cut so close that little or none of the mask is left
    mosaic: float = 0.25  # share of inputs that show parts of four films
    scale: float = 0.25  # of the logarithm
    aspect: float = 0.10  # of the logarithm
    turn_deg: float = 5.0
    shift: float = 0.08  # of the input's sides
    upside_down: float = 0.5
    least_visible: float = 0.4  # of a box, for it to count


PLAIN = Recipe(close=0, mosaic=0, scale=0, aspect=0, turn_deg=0, shift=0, upside_down=0)


def plain_matrix(source: tuple[int, int], size: tuple[int, int]) -> Doubles:
    """Stretch a film of `source` (rows, columns) over an input of `size` (rows, columns): affine, shape (2, 3)."""
    return np.array([[size[1] / source[1], 0, 0], [0, size[0] / source[0], 0]], dtype=np.float64)


def draw_matrix(
    rng: np.random.Generator,
    recipe: Recipe,
    *,
    source: tuple[int, int],
    size: tuple[int, int],
    bounds: tuple[int, int, int, int],
) -> Doubles:
    """Draw an affine map (2, 3) from pixels of the film to pixels of the input."""
    across, down = size[1] / source[1], size[0] / source[0]
    centre = np.array([source[1] / 2, source[0] / 2])
    if rng.random() < recipe.close:
        left, top, right, bottom = bounds
        zoom = rng.uniform(1.0, 1.55)
        across, down = zoom * size[1] / (right - left), zoom * size[0] / (bottom - top)
        centre = np.array([(left + right) / 2, (top + bottom) / 2])
    scale, aspect = np.exp(rng.uniform(-recipe.scale, recipe.scale)), np.exp(rng.uniform(-recipe.aspect, recipe.aspect))
    mirror, flip = (
        (-1.0 if recipe.upside_down and rng.random() < 0.5 else 1.0),
        (-1.0 if rng.random() < recipe.upside_down else 1.0),
    )
    shift = rng.uniform(-recipe.shift, recipe.shift, 2) * (size[1], size[0])
    turn = np.deg2rad(rng.uniform(-recipe.turn_deg, recipe.turn_deg))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = turned @ np.diag([mirror * across * scale * aspect, flip * down * scale / aspect])
    offset = np.array([size[1] / 2, size[0] / 2]) + shift - linear @ centre
    return np.concatenate([linear, offset[:, None]], axis=1)


def draw_quarters(
    rng: np.random.Generator, recipe: Recipe, *, source: tuple[int, int], size: tuple[int, int]
) -> tuple[list[Doubles], list[tuple[float, float, float, float]]]:
    """Draw four maps and the four windows of the input that they fill, around a cross somewhere near the middle."""
    x, y = size[1] * rng.uniform(0.35, 0.65), size[0] * rng.uniform(0.35, 0.65)
    windows = [
        (0.0, 0.0, x, y),
        (x, 0.0, float(size[1]), y),
        (0.0, y, x, float(size[0])),
        (x, y, float(size[1]), float(size[0])),
    ]
    maps = []
    for left, top, right, bottom in windows:
        matrix = draw_matrix(rng, recipe, source=source, size=size, bounds=(0, 0, source[1], source[0]))
        linear = matrix[:, :2] * rng.uniform(0.65, 1.0)
        seen = np.array([source[1] * rng.uniform(0.35, 0.65), source[0] * rng.uniform(0.4, 0.6)])
        maps.append(
            np.concatenate(
                [linear, (np.array([(left + right) / 2, (top + bottom) / 2]) - linear @ seen)[:, None]], axis=1
            )
        )
    return maps, windows


def inverted(matrix: Doubles) -> Doubles:
    """Invert an affine map of shape (2, 3)."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.concatenate([linear, -linear @ matrix[:, 2:]], axis=1)


def move_boxes(
    boxes: npt.NDArray[np.floating], matrix: Doubles, window: tuple[float, float, float, float], least_visible: float
) -> tuple[Doubles, Indices]:
    """Carry boxes (n, 4) along with a film.

    Parameters
    ----------
    boxes
        Left, top, right, bottom in pixels of the film.
    matrix
        Affine map to pixels of the input, shape (2, 3).
    window
        The part of the input that shows this film.
    least_visible
        A box of which less is in the window is dropped.

    Returns
    -------
    tuple
        Clipped boxes in pixels of the input, and the places in `boxes` of those that are left. A turned box becomes
        the box around the ellipse that it
        holds, not around its corners: the tooth in it has none.
    """
    centres, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    centres = centres @ matrix[:, :2].T + matrix[:, 2]
    halves = np.sqrt((halves**2) @ (matrix[:, :2] ** 2).T)
    moved = np.concatenate([centres - halves, centres + halves], axis=1)
    clipped = np.clip(moved, np.array(window[:2] * 2), np.array(window[2:] * 2))
    area, left = 4 * halves.prod(axis=1), (clipped[:, 2:] - clipped[:, :2]).prod(axis=1)
    kept = np.flatnonzero((left > least_visible * area) & (clipped[:, 2:] - clipped[:, :2] > 4).all(axis=1))
    return clipped[kept], kept
