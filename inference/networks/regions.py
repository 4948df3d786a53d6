"""Connected regions of a mask, of any number of dimensions."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


def regions(mask: Mask, *, least: int) -> Iterator[tuple[npt.NDArray[np.intp], ...]]:
    """Yield the places (one array an axis) of each region of at least `least` cells, the largest first.

    Cells that share a face are one region. Runs along the last axis are joined, which is fast enough for masks of a
    few million cells without another library.
    """
    labels = label(mask)
    places = np.nonzero(labels)
    of = labels[places]
    sizes = np.bincount(of)
    order = np.argsort(-sizes, kind="stable")
    for number in order[(sizes[order] >= least) & (order > 0)]:
        chosen = of == number
        yield tuple(axis[chosen] for axis in places)


def label(mask: Mask) -> npt.NDArray[np.intp]:
    """Number the regions of a mask from 1; 0 is outside."""
    rows = mask.reshape(-1, mask.shape[-1])
    padded = np.zeros((rows.shape[0], rows.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = rows
    change = np.diff(padded, axis=1)
    line, begin = np.nonzero(change == 1)
    _, end = np.nonzero(change == -1)
    parents = np.arange(len(line))
    for step in _steps(mask.shape[:-1]):
        _join(parents, _Runs(line, begin, end), step, mask.shape[:-1])
    roots = np.array([_root(parents, run) for run in range(len(parents))], dtype=np.intp)
    _, numbers = np.unique(roots, return_inverse=True)
    labels = np.zeros(rows.shape, dtype=np.intp)
    for run in range(len(line)):
        labels[line[run], begin[run] : end[run]] = numbers[run] + 1
    return labels.reshape(mask.shape)


def _steps(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Give for each axis but the last its number, and how many lines lie between neighbours along it."""
    return [(axis, int(np.prod(shape[axis + 1 :], dtype=np.intp))) for axis in range(len(shape))]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Stretches of a mask along its last axis: line, first place, the place after the last."""

    line: npt.NDArray[np.intp]
    begin: npt.NDArray[np.intp]
    end: npt.NDArray[np.intp]


def _join(parents: npt.NDArray[np.intp], runs: _Runs, step: tuple[int, int], shape: tuple[int, ...]) -> None:
    """Join the runs of neighbouring lines that overlap."""
    axis, distance = step
    line, begin, end = runs.line, runs.begin, runs.end
    first = np.searchsorted(line, np.arange(int(np.prod(shape, dtype=np.intp)) + 1))
    for here in range(len(first) - 1 - distance):
        there = here + distance
        if here // distance % shape[axis] == shape[axis] - 1:
            continue
        a, b = int(first[here]), int(first[there])
        while a < first[here + 1] and b < first[there + 1]:
            if begin[a] < end[b] and begin[b] < end[a]:
                _unite(parents, a, b)
            if end[a] < end[b]:
                a += 1
            else:
                b += 1


def _root(parents: npt.NDArray[np.intp], run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = int(parents[run])
    return run


def _unite(parents: npt.NDArray[np.intp], one: int, other: int) -> None:
    parents[_root(parents, other)] = _root(parents, one)
