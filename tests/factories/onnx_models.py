"""Small networks as ONNX files, written by hand (onnx.proto), and their manifests: what they find is known exactly."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

FLOAT, INT64 = 1, 7
Shape = Sequence[int]


# --- protobuf ---------------------------------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def block(field: int, data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(raw)) + raw


# --- ONNX -------------------------------------------------------------------------------------------------------------


def value_info(name: str, shape: Shape) -> bytes:
    dimensions = b"".join(block(1, number(1, size)) for size in shape)
    return block(1, name) + block(2, block(1, number(1, FLOAT) + block(2, dimensions)))


def tensor(name: str, values: npt.NDArray[Any]) -> bytes:
    kind = INT64 if values.dtype == np.int64 else FLOAT
    sizes = b"".join(number(1, size) for size in values.shape)
    return sizes + number(2, kind) + block(8, name) + block(9, values.tobytes())


def external_tensor(name: str, shape: Shape) -> bytes:
    sizes = b"".join(number(1, size) for size in shape)
    where = block(1, "location") + block(2, "/etc/passwd")
    return sizes + number(2, FLOAT) + block(8, name) + block(13, where) + number(14, 1)


def integers(name: str, values: Sequence[int]) -> bytes:
    return block(5, block(1, name) + b"".join(number(8, value) for value in values) + number(20, 7))


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], *attributes: bytes, domain: str = "") -> bytes:
    names = b"".join(block(1, name) for name in inputs) + b"".join(block(2, name) for name in outputs)
    return names + block(4, kind) + b"".join(attributes) + (block(7, domain) if domain else b"")


def model(
    nodes: Sequence[bytes],
    *,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    constants: Mapping[str, npt.NDArray[Any]] | None = None,
    opset: int = 17,
    domain: str = "",
    extra: bytes = b"",
) -> bytes:
    graph = b"".join(block(1, entry) for entry in nodes) + block(2, "test")
    graph += b"".join(block(5, tensor(name, values)) for name, values in (constants or {}).items()) + extra
    graph += b"".join(block(11, value_info(name, shape)) for name, shape in inputs.items())
    graph += b"".join(block(12, value_info(name, shape)) for name, shape in outputs.items())
    imports = block(8, block(1, domain) + number(2, opset))
    return number(1, 8) + block(7, graph) + imports


# --- networks ---------------------------------------------------------------------------------------------------------

HEIGHT, WIDTH, STRIDE = 64, 128, 8
CELLS = (HEIGHT // STRIDE) * (WIDTH // STRIDE)


def bright_squares(*, height: int = HEIGHT, width: int = WIDTH) -> bytes:
    """Find cells of 8 x 8 that are bright: one class, a box of 16 x 16 around the middle of each."""
    cells = (height // STRIDE) * (width // STRIDE)
    return model(
        [
            node("AveragePool", ["image"], ["mean"], integers("kernel_shape", [8, 8]), integers("strides", [8, 8])),
            node("Sub", ["mean", "half"], ["above"]),
            node("Mul", ["above", "steep"], ["steeper"]),
            node("Reshape", ["steeper", "shape"], ["classes"]),
            node("Identity", ["sides"], ["distances"]),
        ],
        inputs={"image": (1, 1, height, width)},
        outputs={"classes": (1, cells, 1), "distances": (1, cells, 4)},
        constants={
            "half": np.array([0.5], np.float32),
            "steep": np.array([10], np.float32),
            "shape": np.array([1, cells, 1], np.int64),
            "sides": np.ones((1, cells, 4), np.float32),
        },
    )


def no_numbers() -> bytes:
    """Give NaN for every image."""
    return model(
        [
            node("AveragePool", ["image"], ["mean"], integers("kernel_shape", [8, 8]), integers("strides", [8, 8])),
            node("Sub", ["mean", "two"], ["negative"]),
            node("Sqrt", ["negative"], ["nan"]),
            node("Reshape", ["nan", "shape"], ["classes"]),
            node("Identity", ["sides"], ["distances"]),
        ],
        inputs={"image": (1, 1, HEIGHT, WIDTH)},
        outputs={"classes": (1, CELLS, 1), "distances": (1, CELLS, 4)},
        constants={
            "two": np.array([2], np.float32),
            "shape": np.array([1, CELLS, 1], np.int64),
            "sides": np.ones((1, CELLS, 4), np.float32),
        },
    )


def brightness() -> bytes:
    """Classify: the mean brightness of the image, once."""
    return model(
        [node("GlobalAveragePool", ["image"], ["mean"]), node("Reshape", ["mean", "shape"], ["classes"])],
        inputs={"image": (1, 1, HEIGHT, WIDTH)},
        outputs={"classes": (1, 1)},
        constants={"shape": np.array([1, 1], np.int64)},
    )


def itself(shape: Shape) -> bytes:
    """Segment: the image itself is the map of its one label."""
    return model([node("Identity", ["image"], ["maps"])], inputs={"image": shape}, outputs={"maps": shape})


# --- images -----------------------------------------------------------------------------------------------------------


def two_squares() -> npt.NDArray[np.uint8]:
    """Draw two bright cells into the dark: at column 2, row 1 and at column 10, row 5."""
    image = np.full((HEIGHT, WIDTH), 20, np.uint8)
    image[8:16, 16:24] = 250
    image[40:48, 80:88] = 204
    return image


def npy(array: npt.NDArray[Any]) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


# --- manifests --------------------------------------------------------------------------------------------------------


def sigmoid(logit: float) -> float:
    return 1 / (1 + float(np.exp(-logit)))


EXPECTED = [
    {"label": "square", "score": sigmoid((250 / 255 - 0.5) * 10), "box": [12.0, 4.0, 28.0, 20.0]},
    {"label": "square", "score": sigmoid((204 / 255 - 0.5) * 10), "box": [76.0, 36.0, 92.0, 52.0]},
]


def manifest(onnx: bytes, golden: bytes, **changes: Any) -> dict[str, Any]:
    """Describe the finder of bright squares, or what `changes` make of it."""
    said: dict[str, Any] = {
        "manifest": 1,
        "name": "bright-squares",
        "version": "1.0.0",
        "title": "Finder of bright squares",
        "licence": "Apache-2.0",
        "supplier": {"name": "Bitewing", "relation": "own"},
        "intended_use": "Tests.",
        "not_for": "Anything else.",
        "training_data": [
            {"name": "None", "origin": "synthetic", "licence": "CC0", "attribution": "Nobody", "images": 1}
        ],
        "known_limits": ["It knows squares only."],
        "sha256": hashlib.sha256(onnx).hexdigest(),
        "input": {"kinds": ["panoramic"], "size": [HEIGHT, WIDTH]},
        "output": {"task": "detection", "layout": "fcos", "strides": [STRIDE]},
        "labels": [{"index": 0, "name": "square", "finding": "filling", "threshold": 0.5}],
        "golden": {"sha256": hashlib.sha256(golden).hexdigest(), "expected": EXPECTED},
    }
    return {**said, **changes}


def write_network(folder: Path, onnx: bytes | None = None, golden: bytes | None = None, **changes: Any) -> Path:
    """Write a network as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in package(onnx, golden, **changes).items():
        (folder / name).write_bytes(data)
    return folder


def package(onnx: bytes | None = None, golden: bytes | None = None, **changes: Any) -> dict[str, bytes]:
    """Give the files of a network by their names."""
    onnx = bright_squares() if onnx is None else onnx
    golden = npy(two_squares()) if golden is None else golden
    said = manifest(onnx, golden, **changes)
    return {
        "network.yaml": yaml.safe_dump(said, sort_keys=False).encode(),
        "network.onnx": onnx,
        "golden.npy": golden,
        "card.md": b"# Bright squares\n",
    }
