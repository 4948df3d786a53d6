"""Classification: one score a label for a whole image."""

from collections.abc import Mapping

from inference.networks.activation import activate
from inference.networks.errors import NetworkOutputError
from inference.networks.found import FloatArray, Found
from inference.networks.manifest import ClassificationOutput, Manifest


def read(tensors: Mapping[str, FloatArray], manifest: Manifest, *, floor: float) -> list[Found]:
    """Turn the tensor of a classification network into findings of the whole image, best first."""
    output = manifest.output
    assert isinstance(output, ClassificationOutput)
    table = tensors[output.tensor]
    if table.shape != (1, manifest.classes):
        raise NetworkOutputError(
            f"output {output.tensor} has shape {table.shape}, the manifest says (1, {manifest.classes})"
        )
    scores = activate(table[0], output.activation, axis=0)
    found = [
        Found(index=label.index, score=min(max(float(scores[label.index]), 0.0), 1.0))
        for label in manifest.labels
        if scores[label.index] >= floor
    ]
    return sorted(found, key=lambda finding: -finding.score)
