"""What an .onnx file says of itself, read without a runtime: ONNX IR, `onnx.proto` (ModelProto).

Only the outer messages are walked: operator sets, functions, and where weights lie. Bytes that are no protobuf are
refused here, before a runtime sees them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inference.networks.errors import NetworkFileError

MAX_BYTES: Final = 100 * 1024 * 1024
OPSETS: Final = range(11, 24)
_STANDARD: Final = ("", "ai.onnx")
# ModelProto: graph 7, opset_import 8, functions 25. GraphProto: initializer 5. TensorProto: data_location 14.
_GRAPH, _OPSET, _FUNCTIONS, _INITIALIZER, _LOCATION = 7, 8, 25, 5, 14
_EXTERNAL: Final = 1

Value = int | memoryview


@dataclass(frozen=True, slots=True)
class OnnxFile:
    """What was read."""

    opset: int


def read(data: bytes | memoryview) -> OnnxFile:
    """Look at a file and refuse what the portal does not run.

    Raises
    ------
    NetworkFileError
        If it is too large, no ONNX, of another operator set, or keeps weights in other files.
    """
    if len(data) > MAX_BYTES:
        raise NetworkFileError(f"the file has {len(data)} bytes, at most {MAX_BYTES} are read")
    fields = list(_fields(memoryview(data)))
    graph = [value for number, value in fields if number == _GRAPH and isinstance(value, memoryview)]
    if len(graph) != 1:
        raise NetworkFileError("the file is no ONNX model: it has no graph")
    opset = _opset([value for number, value in fields if number == _OPSET and isinstance(value, memoryview)])
    if any(number == _FUNCTIONS for number, _ in fields):
        raise NetworkFileError("functions of the model's own are not read: export it with operators only")
    for number, value in _fields(graph[0]):
        if number == _INITIALIZER and isinstance(value, memoryview) and (_LOCATION, _EXTERNAL) in _fields(value):
            raise NetworkFileError("weights lie in another file: they must be inside the .onnx")
    return OnnxFile(opset)


def _opset(imports: list[memoryview]) -> int:
    found: int | None = None
    for message in imports:
        fields = dict(_fields(message))
        name = fields.get(1, memoryview(b""))
        domain = bytes(name).decode("utf-8", "replace") if isinstance(name, memoryview) else "?"
        version = fields.get(2, 0)
        if domain not in _STANDARD:
            raise NetworkFileError(f"operators of the domain {domain[:40]!r} are not run, only those of ONNX itself")
        found = version if isinstance(version, int) else 0
    if found is None or found not in OPSETS:
        raise NetworkFileError(f"operator set {found} is not run, only {OPSETS[0]} to {OPSETS[-1]}")
    return found


def _fields(data: memoryview) -> Iterator[tuple[int, Value]]:
    """Yield the fields of a message: numbers for varints, bytes for what has a length (protobuf wire format)."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == 2:
            length, at = _varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise _broken(at)
        if number == 0 or at + length > len(data):
            raise _broken(at)
        yield number, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _broken(at)
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise _broken(at)


def _broken(at: int) -> NetworkFileError:
    return NetworkFileError(f"the file is no ONNX model, or is cut off: byte {at} cannot be read")
