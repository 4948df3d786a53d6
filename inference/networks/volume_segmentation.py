"""Segmentation of a volume by a sliding window: windows overlap and are blended, so that no seam is seen."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from inference.networks import pixels
from inference.networks.activation import activate
from inference.networks.errors import NetworkOutputError
from inference.networks.found import FloatArray, Found
from inference.networks.manifest import Label, Manifest, SegmentationOutput
from inference.networks.regions import regions
from inference.networks.semantic_segmentation import mask_of

Spacing = tuple[float, float, float]
# One window to its maps: (1, channels, depth, height, width) to (1, classes, depth, height, width).
Run = Callable[[FloatArray], FloatArray]
# Cells of the network's grid, times classes, that are blended at once: 512 MiB of float32.
MAX_CELLS = 128 * 1024 * 1024


def read(
    volume: npt.NDArray[np.generic], spacing_mm: Spacing, manifest: Manifest, run: Run, *, floor: float
) -> list[Found]:
    """Segment a volume and give its regions, best first.

    Parameters
    ----------
    volume
        Values after the Modality LUT, (slices, rows, columns). CBCT values are not calibrated.
    spacing_mm
        Distance of voxel centres along slices, rows and columns.

    Raises
    ------
    NetworkOutputError
        If a window's maps have another shape than the manifest says.
    """
    output = manifest.output
    assert isinstance(output, SegmentationOutput)
    grid = to_grid(volume, spacing_mm, manifest)
    scaled = pixels.scale(grid, manifest.input)
    maps = activate(_blend(scaled, manifest, run), output.activation, axis=0)
    factors = tuple(before / after for before, after in zip(volume.shape, grid.shape, strict=True))
    found = [finding for label in manifest.labels for finding in _regions(maps, label, output, factors, floor)]
    return sorted(found, key=lambda finding: -finding.score)


def to_grid(volume: npt.NDArray[np.generic], spacing_mm: Spacing, manifest: Manifest) -> FloatArray:
    """Resample a volume to the voxels that the network was trained on."""
    voxel = manifest.input.voxel_mm
    assert voxel is not None
    depth, height, width = (
        max(1, round(count * spacing / voxel)) for count, spacing in zip(volume.shape, spacing_mm, strict=True)
    )
    if depth * height * width * manifest.classes > MAX_CELLS:
        raise NetworkOutputError(
            f"the volume has {depth} x {height} x {width} voxels of the network, more than are read at once"
        )
    planes = np.stack([pixels.resize(plane, height, width) for plane in volume])
    return pixels.resize(planes.reshape(len(planes), -1), depth, height * width).reshape(depth, height, width)


def _blend(scaled: FloatArray, manifest: Manifest, run: Run) -> FloatArray:
    """Run all windows and average what they say, the middle of each counting most."""
    size = manifest.input.size
    padded = np.pad(scaled, [(0, max(0, want - have)) for want, have in zip(size, scaled.shape, strict=True)])
    total = np.zeros((manifest.classes, *padded.shape), dtype=np.float32)
    weight = np.zeros(padded.shape, dtype=np.float32)
    bump = _bump(tuple(size))
    expected = (1, manifest.classes, *size)
    for window in _windows(padded.shape, tuple(size), manifest.input.overlap):
        maps = run(pixels.normalise(padded[window], manifest.input)[None])
        if maps.shape != expected:
            raise NetworkOutputError(f"a window's maps have shape {maps.shape}, the manifest says {expected}")
        total[(slice(None), *window)] += maps[0] * bump
        weight[window] += bump
    total /= weight
    kept: FloatArray = total[(slice(None), *(slice(0, count) for count in scaled.shape))]
    return kept


def _windows(shape: tuple[int, ...], size: tuple[int, ...], overlap: float) -> Iterator[tuple[slice, ...]]:
    """Yield windows that cover everything; the last of each axis ends at the edge."""
    begins = []
    for count, want in zip(shape, size, strict=True):
        step = max(1, int(want * (1 - overlap)))
        begins.append([*range(0, count - want, step), count - want])
    for corner in itertools.product(*begins):
        yield tuple(slice(begin, begin + want) for begin, want in zip(corner, size, strict=True))


def _bump(size: tuple[int, ...]) -> FloatArray:
    """Give weights that are highest in the middle of a window, and never zero."""
    bump = np.ones(size, dtype=np.float32)
    for axis, count in enumerate(size):
        place = (np.arange(count, dtype=np.float32) + 0.5) / count
        side = np.maximum(1 - np.abs(2 * place - 1), np.float32(0.05))
        bump *= side.reshape([-1 if other == axis else 1 for other in range(len(size))])
    return bump


def _regions(
    maps: FloatArray, label: Label, output: SegmentationOutput, factors: tuple[float, ...], floor: float
) -> Iterator[Found]:
    mask = mask_of(maps, label, output, floor)
    for slices, rows, columns in regions(mask, least=output.least_size):
        score = float(maps[label.index][slices, rows, columns].mean())
        box = (
            float(columns.min() * factors[2]),
            float(rows.min() * factors[1]),
            float((columns.max() + 1) * factors[2]),
            float((rows.max() + 1) * factors[1]),
        )
        yield Found(
            label.index,
            min(score, 1.0),
            box,
            share=len(slices) / mask.size,
            first_slice=int(slices.min() * factors[0]),
            last_slice=int(np.ceil((slices.max() + 1) * factors[0])) - 1,
        )
