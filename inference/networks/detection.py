"""Detection: boxes from anchor-free (FCOS-like) and YOLO-style heads; suppression here, outside of the network."""

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inference.networks import boxes as geometry
from inference.networks import pixels
from inference.networks.activation import sigmoid
from inference.networks.errors import NetworkOutputError
from inference.networks.found import FloatArray, Found
from inference.networks.manifest import FcosOutput, Manifest, YoloOutput

Tensors = Mapping[str, FloatArray]
MAX_BOXES = 100


def read(tensors: Tensors, fit: pixels.Fit, manifest: Manifest, *, floor: float) -> list[Found]:
    """Turn the tensors of a detection network into findings, best first, at most a hundred.

    Parameters
    ----------
    fit
        How the image lies in the input (`pixels.make_tensor`).
    floor
        Scores below are dropped.
    """
    output = manifest.output
    decode = _decode_fcos if isinstance(output, FcosOutput) else _decode_yolo
    scores, corners = decode(tensors, manifest)
    assert isinstance(output, FcosOutput | YoloOutput)
    cells, classes = geometry.pick(
        corners, scores, floor=floor, candidates=output.candidates, iou=output.iou, most=MAX_BOXES
    )
    return [
        Found(index=int(index), score=float(scores[cell, index]), box=fit.to_image(corners[cell]))
        for cell, index in zip(cells, classes, strict=True)
    ]


def _decode_fcos(tensors: Tensors, manifest: Manifest) -> tuple[FloatArray, FloatArray]:
    """Give scores (N, C) and corners (N, 4) in pixels of the input."""
    output = manifest.output
    assert isinstance(output, FcosOutput)
    centres, stride = _cells(tuple(output.strides), *manifest.input.size)
    count = len(stride)
    scores = sigmoid(_expect(tensors, output.classes, (1, count, manifest.classes))[0])
    if output.centreness:
        scores = np.sqrt(scores * sigmoid(_expect(tensors, output.centreness, (1, count, 1))[0]))
    distances = np.maximum(_expect(tensors, output.distances, (1, count, 4))[0], 0) * stride[:, None]
    corners = np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1)
    return scores, corners


def _decode_yolo(tensors: Tensors, manifest: Manifest) -> tuple[FloatArray, FloatArray]:
    output = manifest.output
    assert isinstance(output, YoloOutput)
    values = 4 + output.has_objectness + manifest.classes
    table = tensors[output.tensor]
    axis = 1 if output.order == "values-first" else 2
    if table.ndim != 3 or table.shape[0] != 1 or table.shape[axis] != values:
        raise _wrong(output.tensor, table.shape, f"{values} values a box along axis {axis}")
    rows = table[0].T if axis == 1 else table[0]
    scores = sigmoid(rows[:, 4:]) if output.is_logit else rows[:, 4:]
    if output.has_objectness:
        scores = scores[:, :1] * scores[:, 1:]
    half = rows[:, 2:4] / 2
    return np.clip(scores, 0, 1), np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1)


@lru_cache(maxsize=16)
def _cells(
    strides: tuple[int, ...], height: int, width: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Give the point of each cell (N, 2) as x, y, and its stride (N)."""
    centres, steps = [], []
    for stride in strides:
        rows, columns = math.ceil(height / stride), math.ceil(width / stride)
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        centres.append(np.stack([x.ravel(), y.ravel()], axis=1) * stride + np.float32(stride / 2))
        steps.append(np.full(rows * columns, stride, dtype=np.float32))
    return np.concatenate(centres), np.concatenate(steps)


def _expect(tensors: Tensors, name: str, shape: tuple[int, ...]) -> FloatArray:
    table = tensors[name]
    if table.shape != shape:
        raise _wrong(name, table.shape, f"shape {shape}")
    return table


def _wrong(name: str, shape: tuple[int, ...], expected: str) -> NetworkOutputError:
    return NetworkOutputError(f"output {name} has shape {tuple(shape)}, the manifest says {expected}")
