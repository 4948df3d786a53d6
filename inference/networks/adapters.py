"""Which adapter reads what a network says about an image."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from inference.networks import classification, detection, pixels, semantic_segmentation
from inference.networks.errors import NetworkOutputError
from inference.networks.found import FloatArray, Found
from inference.networks.manifest import Manifest, Task

Run = Callable[[FloatArray], Mapping[str, FloatArray]]


def look(image: npt.NDArray[np.generic], manifest: Manifest, run: Run, *, floor: float) -> list[Found]:
    """Ask a two-dimensional network about one image.

    Parameters
    ----------
    image
        See `pixels.make_tensor`.
    run
        The network: tensor to tensors by name.
    floor
        Scores below are dropped.
    """
    tensor, fit = pixels.make_tensor(image, manifest.input)
    tensors = checked(run(tensor))
    if manifest.output.task is Task.DETECTION:
        return detection.read(tensors, fit, manifest, floor=floor)
    if manifest.output.task is Task.CLASSIFICATION:
        return classification.read(tensors, manifest, floor=floor)
    return semantic_segmentation.read(tensors, fit, manifest, floor=floor)


def checked(tensors: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    """Refuse values that are no numbers: a finding made of them would be none."""
    for name, table in tensors.items():
        if not np.isfinite(table).all():
            raise NetworkOutputError(f"output {name} holds values that are no numbers (NaN or infinite)")
    return tensors
