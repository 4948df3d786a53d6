"""What runs in the child of a network: reading it, its golden image, images, volumes, and the proof of its walls.

The one page to look at for what such a child may do. A job answers JSON: ``{"error": code, "detail": text}`` for a
foreseen refusal, else what it found. Images are gone when it has answered: a child keeps the network only.
"""

import errno
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import numpy as np
import numpy.ma
import numpy.typing as npt
import orjson

from common.errors import DomainError
from inference.networks import adapters, golden, guard, onnx_file, quality, runtime, volume_segmentation, walls
from inference.networks.errors import EscapeError, NetworkFileError, NotLoadedError
from inference.networks.found import Found
from inference.networks.manifest import Manifest, Task, read_manifest
from pacs.dicom.codecs import decode_frame
from pacs.dicom.luts import modality_values
from pacs.dicom.pixel_format import Frame, PixelFormat
from pacs.dicom.rendering import render

FLOOR: Final = 0.05
Parameters = dict[str, Any]
Job = Callable[[Parameters, bytes], bytes]


@dataclass(frozen=True, slots=True)
class _Loaded:
    manifest: Manifest
    session: runtime.Session


_loaded: dict[str, _Loaded] = {}


def enveloped(job: Callable[[Parameters, bytes], dict[str, Any]]) -> Job:
    """Make a job of a function: put up the guard, and answer a foreseen refusal with its code."""

    @wraps(job)
    def run(parameters: Parameters, data: bytes) -> bytes:
        guard.install()
        begin, began = time.process_time(), time.perf_counter()
        try:
            answer = job(parameters, data)
        except DomainError as error:
            answer = {"error": error.code, "detail": str(error)}
        except OSError as error:
            # The kernel's walls answer with EPERM; behind an empty namespace nothing can be reached.
            refused = EscapeError(f"a system call was refused ({errno.errorcode.get(error.errno or 0, '?')})")
            answer = {"error": refused.code, "detail": str(refused)}
        spent = {"cpu_s": time.process_time() - begin, "wall_s": time.perf_counter() - began}
        return orjson.dumps({**answer, **spent})

    return run


@enveloped
def load_job(parameters: Parameters, data: bytes) -> dict[str, Any]:
    """Read a network: `manifest` is its text, the data the .onnx; it is kept under `digest`."""
    manifest = read_manifest(parameters["manifest"].encode())
    digest = hashlib.sha256(data).hexdigest()
    if digest != manifest.sha256:
        raise NetworkFileError(f"the file's SHA-256 is {digest[:16]}..., the manifest says {manifest.sha256[:16]}...")
    opset = onnx_file.read(data).opset
    _loaded.clear()
    session = runtime.Session(data, manifest, threads=parameters.get("threads", 2))
    _loaded[parameters["digest"]] = _Loaded(manifest, session)
    return {"runtime": runtime.NAME, "opset": opset}


@enveloped
def golden_job(parameters: Parameters, data: bytes) -> dict[str, Any]:
    """Run a network on its golden image and compare."""
    loaded = _get(parameters)
    manifest = loaded.manifest
    if hashlib.sha256(data).hexdigest() != manifest.golden.sha256:
        raise NetworkFileError("the golden image is not the one that the manifest names")
    found = _look(loaded, golden.read_image(data, manifest), manifest.golden.spacing_mm)
    golden.compare(found, manifest)
    return {"findings": [finding.as_json() for finding in found]}


@enveloped
def run_job(parameters: Parameters, data: bytes) -> dict[str, Any]:
    """Decode one stored frame and run a network on it."""
    loaded = _get(parameters)
    began = time.perf_counter()
    frame = _decode(parameters, data)
    if loaded.manifest.input.scaling == "display":
        image: npt.NDArray[np.generic] = render(frame, parameters["attributes"])
    else:
        image = np.asarray(modality_values(frame.pixels, parameters["attributes"]), dtype=np.float32)
    decoded = time.perf_counter()
    found = _look(loaded, image, None)
    return {
        "findings": [finding.as_json() for finding in found],
        "runtime": runtime.NAME,
        "rows": image.shape[0],
        "columns": image.shape[1],
        "decode_s": decoded - began,
    }


@enveloped
def picture_job(parameters: Parameters, data: bytes) -> dict[str, Any]:
    """Run a network on display values, uint8 (rows, columns): for evaluations."""
    image = np.frombuffer(data, dtype=np.uint8).reshape(parameters["shape"])
    found = _look(_get(parameters), image, None)
    return {"findings": [finding.as_json() for finding in found]}


@enveloped
def volume_job(parameters: Parameters, data: bytes) -> dict[str, Any]:
    """Run a network on a volume: float32 (slices, rows, columns) with its spacing."""
    volume = np.frombuffer(data, dtype=np.float32).reshape(parameters["shape"])
    found = _look(_get(parameters), volume, parameters["spacing_mm"])
    return {"findings": [finding.as_json() for finding in found], "runtime": runtime.NAME}


@enveloped
def quality_job(parameters: Parameters, data: bytes) -> dict[str, Any]:
    """Decode one stored frame and tell what its pixels say about its quality."""
    image = render(_decode(parameters, data), parameters["attributes"])
    return {"flags": quality.flags(image), "rows": image.shape[0], "columns": image.shape[1]}


@enveloped
def attempt_job(_parameters: Parameters, _data: bytes) -> dict[str, Any]:
    """Try to leave: by Python, and past it by the C library; tell what happened each time."""
    return {"attempts": walls.attempts()}


def _get(parameters: Parameters) -> _Loaded:
    loaded = _loaded.get(parameters["digest"])
    if loaded is None:
        raise NotLoadedError()
    return loaded


def _look(loaded: _Loaded, image: npt.NDArray[np.generic], spacing_mm: list[float] | None) -> list[Found]:
    manifest = loaded.manifest
    if manifest.output.task is not Task.VOLUME_SEGMENTATION:
        return adapters.look(image, manifest, loaded.session, floor=FLOOR)
    first, second, third = spacing_mm or (1.0, 1.0, 1.0)
    (name,) = manifest.output.names
    return volume_segmentation.read(
        image,
        (first, second, third),
        manifest,
        lambda window: adapters.checked(loaded.session(window))[name],
        floor=FLOOR,
    )


def _decode(parameters: Parameters, data: bytes) -> Frame:
    return decode_frame(
        data,
        PixelFormat.of(parameters["attributes"]),
        parameters["transfer_syntax_uid"],
        first_bit=parameters.get("first_bit", 0),
        vr=parameters.get("vr", "OW"),
    )
