"""Semantic segmentation: connected regions of each label's map, as boxes with areas."""

from collections.abc import Iterator, Mapping

import numpy as np

from inference.networks.activation import activate
from inference.networks.errors import NetworkOutputError
from inference.networks.found import FloatArray, Found
from inference.networks.manifest import Label, Manifest, SegmentationOutput
from inference.networks.pixels import Fit
from inference.networks.regions import Mask, regions


def read(tensors: Mapping[str, FloatArray], fit: Fit, manifest: Manifest, *, floor: float) -> list[Found]:
    """Turn the maps of a network into findings, best first: the score of a region is its mean."""
    output = manifest.output
    assert isinstance(output, SegmentationOutput)
    table = tensors[output.tensor]
    expected = (1, manifest.classes, *manifest.input.size)
    if table.shape != expected:
        raise NetworkOutputError(f"output {output.tensor} has shape {table.shape}, the manifest says {expected}")
    maps = activate(table[0], output.activation, axis=0)
    found = [finding for label in manifest.labels for finding in _regions(maps, label, fit, output, floor)]
    return sorted(found, key=lambda finding: -finding.score)


def mask_of(maps: FloatArray, label: Label, output: SegmentationOutput, floor: float) -> Mask:
    """Give where a label holds: the highest of maps that exclude one another, else all above its threshold."""
    if output.activation == "sigmoid":
        return np.asarray(maps[label.index] >= max(floor, min(label.threshold, 0.5)))
    return np.asarray((maps.argmax(axis=0) == label.index) & (maps[label.index] >= floor))


def _regions(maps: FloatArray, label: Label, fit: Fit, output: SegmentationOutput, floor: float) -> Iterator[Found]:
    mask = mask_of(maps, label, output, floor)
    inside = _area_of_image(fit)
    for rows, columns in regions(mask, least=output.least_size):
        box = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        score = float(maps[label.index][rows, columns].mean())
        yield Found(label.index, min(score, 1.0), fit.to_image(box), share=min(1.0, len(rows) / inside))


def _area_of_image(fit: Fit) -> float:
    return max(1.0, fit.rows * fit.down * fit.columns * fit.across)
