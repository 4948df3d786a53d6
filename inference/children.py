"""The children that networks run in: one kept warm for each network used lately, without network, files or programs.

A child is spoken to over two pipes (`common.sandbox`); it holds the network and nothing of an image once it answered.
Those that nobody has asked for a while are ended, so that a centre at rest has none (AI-09).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson

from common.errors import DomainError
from common.sandbox import Buffer, Sandbox, SandboxError
from inference.networks import errors

# Named, not imported: it brings the runtime, eighteen megabytes that no other process needs.
MODULE: Final = "inference.networks.jobs"
# What the runtime loads with itself, beside the images: the address space of a child.
_MEMORY_BYTES: Final = 4 << 30
# Processes of a few hundred megabytes each.
WARM: Final = 2
IDLE_S: Final = 300.0
# In the place of a digest, for the child of jobs that need no network.
NO_NETWORK: Final = ""
_FILM_S: Final = 60
_VOLUME_S: Final = 900
_CODES: Final[dict[str, type[errors.NetworkError]]] = {
    kind.code: kind
    for kind in (
        errors.ManifestError,
        errors.NetworkFileError,
        errors.NetworkOutputError,
        errors.GoldenError,
        errors.EscapeError,
        errors.NotLoadedError,
    )
}


class ImageUnreadableError(DomainError):
    """The image cannot be decoded, or is none that a network can be shown."""

    code = "image-unreadable"
    status = 422
    title = "The image cannot be read for an analysis."


@dataclass(frozen=True, slots=True)
class Spec:
    """A network as a child is told it: the digest of its manifest, the manifest, and how to get the .onnx."""

    digest: str
    manifest: str
    is_volume: bool
    read_onnx: Callable[[], bytes]


class Children:
    """The children of this process, by network."""

    def __init__(
        self,
        *,
        warm: int = WARM,
        modules: tuple[str, ...] = (MODULE,),
        threads: int = 2,
        idle_s: float = IDLE_S,
    ) -> None:
        self._warm = warm
        self._modules = modules
        self._threads = threads
        self._lock = threading.Lock()
        self._boxes: OrderedDict[str, Sandbox] = OrderedDict()
        self._idle_s = idle_s
        self._used_at = 0.0
        self._clock: threading.Timer | None = None

    def ask(self, spec: Spec, job: str, data: Buffer, **params: Any) -> dict[str, Any]:
        """Run a job of `inference.networks.jobs` in the child of a network, which reads the network first if need be.

        Raises
        ------
        NetworkError, ImageUnreadableError
            What the child found wrong.
        SandboxError
            If it crashed, or used too much time or memory.
        """
        box = self._box(spec)
        asked = {**params, "digest": spec.digest}
        for _ in range(3):
            try:
                return _read(self._run(box, job, data, asked))
            except errors.NotLoadedError:
                self.load(spec)
        raise SandboxError("the network's process ended again and again", reason="crashed")

    def load(self, spec: Spec) -> dict[str, Any]:
        """Let the child read the network; also checks it (`jobs.load_job`)."""
        params = {"digest": spec.digest, "manifest": spec.manifest, "threads": self._threads}
        return _read(self._run(self._box(spec), "load_job", spec.read_onnx(), params))

    def isolation(self, spec: Spec | None = None) -> dict[str, Any]:
        """Tell what a child has given up."""
        box = self._box(spec) if spec else self.plain()
        try:
            return box.isolation()
        finally:
            self._was_used()

    def plain(self) -> Sandbox:
        """Return the child without a network: for the proof of the walls."""
        return self._get(NO_NETWORK, _FILM_S)

    def ask_plain(self, job: str, data: Buffer, params: Mapping[str, Any] | None) -> dict[str, Any]:
        """Run a job that needs no network."""
        return _read(self._run(self.plain(), job, data, params or {}))

    def close(self) -> None:
        """End all children."""
        with self._lock:
            boxes, self._boxes = list(self._boxes.values()), OrderedDict()
            if self._clock:
                self._clock.cancel()
                self._clock = None
        for box in boxes:
            box.close()

    def forget(self, digest: str) -> None:
        """End the child of one network, or of `NO_NETWORK`; one that is at work goes on."""
        with self._lock:
            box = self._boxes.pop(digest, None)
        if box:
            box.close()

    def _run(self, box: Sandbox, job: str, data: Buffer, params: Mapping[str, Any]) -> bytes:
        try:
            return box.run(f"{MODULE}:{job}", data, params=params)
        finally:
            self._was_used()

    def _was_used(self) -> None:
        with self._lock:
            self._used_at = time.monotonic()
            if self._clock is None:
                self._wind(self._idle_s)

    def _close_idle(self) -> None:
        """End the children once nobody has asked any of them for a while; one that is at work goes on."""
        with self._lock:
            left_s = self._used_at + self._idle_s - time.monotonic()
            self._clock = None
            if left_s > 0:
                self._wind(left_s)
                return
            boxes = list(self._boxes.values())
        for box in boxes:
            box.close()

    def _wind(self, seconds: float) -> None:
        self._clock = threading.Timer(seconds, self._close_idle)
        self._clock.daemon = True
        self._clock.start()

    def _box(self, spec: Spec) -> Sandbox:
        return self._get(spec.digest, _VOLUME_S if spec.is_volume else _FILM_S)

    def _get(self, digest: str, seconds: int) -> Sandbox:
        with self._lock:
            box = self._boxes.pop(digest, None) or Sandbox(
                self._modules, workers=1, memory_bytes=_MEMORY_BYTES, cpu_s=seconds, timeout_s=seconds
            )
            self._boxes[digest] = box
            networks = [key for key in self._boxes if key]
            old = [self._boxes.pop(key) for key in networks[: -self._warm]]
        for one in old:
            one.close()
        return box


@cache
def children() -> Children:
    """Return those of this process."""
    return Children()


def ask_plain(job: str, data: Buffer = b"", params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run a job that needs no network."""
    return children().ask_plain(job, data, params)


def _read(answer: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(answer)
    code = found.get("error")
    if code is None:
        return found
    raise _CODES.get(code, ImageUnreadableError)(found["detail"])
