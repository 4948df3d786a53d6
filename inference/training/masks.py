"""The white mask around a film, and films without it.

Every image of the data is cut out by a white ellipse. A network that has seen nothing else reads the edge of a plain
film as something new, so
training also shows the films with the mask filled, and cut so close that none of it is left.
"""

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

WHITE = 244


def find_mask(image: Grey) -> Mask:
    """Find the white area that is connected to the border, row by row.

    Parameters
    ----------
    image
        Display values, shape (rows, columns).

    Returns
    -------
    numpy.ndarray
        True where the mask is: runs of near-white pixels that begin at the left or right edge, or at the top or
        bottom one, and the two pixels next to
        them, which JPEG has blurred.
    """
    white = image >= WHITE
    across = np.logical_and.accumulate(white, axis=1) | np.logical_and.accumulate(white[:, ::-1], axis=1)[:, ::-1]
    down = np.logical_and.accumulate(white, axis=0) | np.logical_and.accumulate(white[::-1], axis=0)[::-1]
    return _grown(across | down, 2)


def fill_mask(image: Grey, mask: Mask) -> Grey:
    """Continue a film smoothly into its mask, by averages over ever larger areas (pull) laid into the holes (push)."""
    known = (~mask).astype(np.float32)
    filled = _pull_push(image.astype(np.float32) * known, known)
    return np.where(mask, np.clip(np.rint(filled), 0, 255).astype(np.uint8), image)


def bounds(mask: Mask) -> tuple[int, int, int, int]:
    """Give left, top, right and bottom of what the mask leaves to see; the whole image where it leaves nothing."""
    rows, columns = np.flatnonzero(~mask.all(axis=1)), np.flatnonzero(~mask.all(axis=0))
    if not rows.size:
        return 0, 0, mask.shape[1], mask.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _grown(mask: Mask, times: int) -> Mask:
    for _ in range(times):
        padded = np.pad(mask, 1)
        mask = padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return mask


def _pull_push(weighted: npt.NDArray[np.float32], weight: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rows, columns = weight.shape
    if min(rows, columns) < 2:
        return np.asarray(weighted.sum() / max(float(weight.sum()), 1e-6), dtype=np.float32) * np.ones_like(weighted)
    coarse = _pull_push(_halved(weighted), _halved(weight))
    larger = coarse.repeat(2, axis=0).repeat(2, axis=1)[:rows, :columns]
    return (weighted + (1 - np.minimum(weight, 1)) * _smoothed(larger)).astype(np.float32)


def _halved(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rows, columns = values.shape
    even = np.pad(values, ((0, rows % 2), (0, columns % 2)))
    halved: npt.NDArray[np.float32] = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).mean(
        axis=(1, 3), dtype=np.float32
    )
    return halved


def _smoothed(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    padded = np.pad(values, 1, mode="edge")
    lines = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return ((lines[:, :-2] + 2 * lines[:, 1:-1] + lines[:, 2:]) / 4).astype(np.float32)
