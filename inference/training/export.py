"""Write a fit as ONNX: `python -m inference.training.export FIT.pt network.onnx`.

The network looks at the film and at its mirror image and gives the mean of both; weights are stored in half precision
and widened when the file is
loaded, so that it is half as large and computes in single precision.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from inference.training.network import STRIDES, Detector, distances

SIZE = (512, 1024)
OPSET = 17
# Smaller tensors stay as they are: they are shapes, or too small to matter.
LEAST_VALUES = 64


class Exported(nn.Module):
    """Logits (1, points, classes) and distances in strides (1, points, 4) of an image (1, 3, rows, columns)."""

    def __init__(self, net: Detector, size: tuple[int, int], *, mirrored: bool = True) -> None:
        super().__init__()
        self.net, self.size, self.mirrored = net, size, mirrored

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        if not self.mirrored:
            output = self.net(image)
            return output.classes, distances(output.sides)
        output = self.net(torch.cat([image, image.flip(3)]))
        scores, away = output.classes.sigmoid(), distances(output.sides)
        scores = (scores[:1] + self._mirrored(scores[1:])) / 2
        away = (away[:1] + self._mirrored(away[1:])[..., [2, 1, 0, 3]]) / 2
        return torch.logit(scores, eps=1e-6), away

    def _mirrored(self, values: Tensor) -> Tensor:
        """Turn the rows of each level round."""
        parts, start = [], 0
        for stride in STRIDES:
            rows, columns = self.size[0] // stride, self.size[1] // stride
            level = values[:, start : start + rows * columns].reshape(1, rows, columns, -1)
            parts.append(level.flip(2).reshape(1, rows * columns, -1))
            start += rows * columns
        return torch.cat(parts, dim=1)


def load_fit(path: Path, scale: str = "lite2") -> Detector:
    """Read what `fit` saved."""
    net = Detector(scale)
    state = torch.load(path, map_location="cpu", weights_only=True)
    net.load_state_dict({name: value.float() if value.is_floating_point() else value for name, value in state.items()})
    return net.eval()


def export(net: Detector, path: Path, size: tuple[int, int] = SIZE, *, mirrored: bool = True) -> None:
    """Write the network with the names that its manifest gives."""
    torch.onnx.export(
        Exported(net, size, mirrored=mirrored).eval(), (torch.zeros(1, 3, *size),), str(path), opset_version=OPSET,
        dynamo=False,
        input_names=["image"], output_names=["classes", "distances"],
    )  # fmt: skip
    model = halved(onnx.load(path))
    model.producer_name, model.doc_string = "Bitewing", ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store the large weights in half precision, each behind a Cast of its own."""
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < LEAST_VALUES:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)
    return model


def main() -> None:
    """Export one fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fit", type=Path)
    parser.add_argument("onnx", type=Path)
    parser.add_argument("--mirrored", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    export(load_fit(options.fit), options.onnx, mirrored=options.mirrored)


if __name__ == "__main__":
    main()
