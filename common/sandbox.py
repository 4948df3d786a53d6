"""Running pure functions on hostile bytes in long-lived child processes.

A child is a fresh interpreter (never a fork of a threaded server), with an empty environment, no network, no files to
open, bounded memory and time. It has the modules that it was started with and runs nothing else; a job is a function
``name_job(parameters, data) -> bytes`` of one of them. A child that crashes or overruns its time is replaced.

Frames on its pipes: a 4-byte length of the head, an 8-byte length of the body, the head as JSON, the body.
"""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final, cast

import orjson

from common import isolation
from common.errors import DomainError

Buffer = bytes | bytearray | memoryview

_ROOT: Final = Path(__file__).resolve().parent.parent
_LENGTHS: Final = struct.Struct("<IQ")
_PIPE_BYTES: Final = 1 << 20
# Nothing of the parent's environment, where secrets are; one thread a job: the stacks of many would count as memory.
_ENVIRONMENT: Final = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_START_TIMEOUT_S: Final = 60
_FOREVER_S: Final = 1e9
_MAX_HEAD_BYTES: Final = 16 << 20
_MAX_BODY_BYTES: Final = 1 << 30


class SandboxError(DomainError):
    """A job refused its bytes, crashed, or used more time or memory than it may.

    Attributes
    ----------
    reason
        ``"refused"``, ``"memory"``, ``"timeout"`` or ``"crashed"``.
    """

    code: ClassVar[str] = "sandbox-failed"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "The data cannot be read."

    def __init__(self, detail: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(detail)


class Sandbox:
    """A pool of children that know the given modules.

    Parameters
    ----------
    modules
        What a child imports before it gives up opening files; jobs are functions of these.
    workers
        Children at most; a job waits for a free one.
    memory_bytes
        Address space of a child.
    cpu_s, timeout_s
        Processor time and elapsed time of a job.
    jobs_per_child
        After so many jobs a child is replaced.
    """

    def __init__(
        self,
        modules: Sequence[str],
        *,
        workers: int = 2,
        memory_bytes: int = 1 << 30,
        cpu_s: int = 20,
        timeout_s: float = 30,
        jobs_per_child: int = 2000,
    ) -> None:
        self.modules = tuple(modules)
        self._memory_bytes = memory_bytes
        self._cpu_s = cpu_s
        self._timeout_s = timeout_s
        self._jobs_per_child = jobs_per_child
        self._free = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._adopt()

    def _adopt(self) -> None:
        """Begin without children; those of this process end with it, or with the sandbox."""
        self._owner = os.getpid()
        self._idle: list[_Child] = []
        self._end = weakref.finalize(self, _kill_all, self._owner, self._idle)

    def run(self, job: str, data: Buffer = b"", *, params: Mapping[str, Any] | None = None) -> bytes:
        """Run ``"module:function"`` on some bytes and give its bytes.

        Parameters
        ----------
        job
            A function of one of the sandbox's modules whose name ends in ``_job``.
        params
            Its first argument: JSON values.

        Raises
        ------
        SandboxError
            If it refuses the data, crashes, or uses too much.
        """
        head = orjson.dumps({"job": job, "params": params or {}, "cpu_s": self._cpu_s})
        with self._free:
            child = self._take()
            try:
                answer, body = child.ask(head, data, self._timeout_s)
            except BaseException:
                child.kill()
                raise
            self._give_back(child)
        if answer["status"] != "done":
            raise SandboxError(answer["detail"], reason=answer["status"])
        return body

    def close(self) -> None:
        """End the idle children; the sandbox starts new ones when it is used again."""
        with self._lock:
            _kill_all(self._owner, self._idle)

    def isolation(self) -> dict[str, Any]:
        """Tell what a child has given up: ``network`` (namespace, filter or empty), ``files`` and ``programs``."""
        with self._free:
            child = self._take()
            self._give_back(child)
        return dict(child.isolation)

    def _take(self) -> "_Child":
        with self._lock:
            if self._owner != os.getpid():  # a forked copy must not share its parent's pipes
                self._end.detach()
                self._adopt()
            if self._idle:
                return self._idle.pop()
        return _Child(self.modules, self._memory_bytes)

    def _give_back(self, child: "_Child") -> None:
        if child.jobs >= self._jobs_per_child:
            child.kill()
            return
        with self._lock:
            self._idle.append(child)


def _kill_all(owner: int, children: "list[_Child]") -> None:
    while owner == os.getpid() and children:
        children.pop().kill()


class _Child:
    """One process, used by one thread at a time."""

    def __init__(self, modules: Sequence[str], memory_bytes: int) -> None:
        self.jobs = 0
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "common.sandbox", str(memory_bytes), *modules],
            cwd=_ROOT,
            env=dict(_ENVIRONMENT),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        self._in, self._out = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)
        for pipe in (self._in, self._out):
            os.set_blocking(pipe.fileno(), False)
            with suppress(OSError):  # beyond the user's allowance the pipe stays small
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            self.isolation, _ = self._exchange(b"", b"", _START_TIMEOUT_S)
        except BaseException:
            self.kill()
            raise

    def ask(self, head: bytes, data: Buffer, timeout_s: float) -> tuple[dict[str, Any], bytes]:
        """Send one job and wait for its answer."""
        self.jobs += 1
        return self._exchange(_LENGTHS.pack(len(head), len(data)) + head, data, timeout_s)

    def _exchange(self, head: bytes, data: Buffer, timeout_s: float) -> tuple[dict[str, Any], bytes]:
        deadline = _Deadline(timeout_s)
        try:
            _send(self._in, head, deadline)
            _send(self._in, data, deadline)
            return _receive(self._out, deadline)
        except TimeoutError:
            raise SandboxError("the data took too long to read", reason="timeout") from None
        except (EOFError, ConnectionError):
            raise self._death() from None

    def _death(self) -> SandboxError:
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            status = 0
        if status == -signal.SIGXCPU:
            return SandboxError("the data took too long to read", reason="timeout")
        return SandboxError("the reader ended unexpectedly", reason="crashed")

    def kill(self) -> None:
        """End the process and forget its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with suppress(OSError):
                pipe.close()


class _Deadline:
    """The end of a job's time."""

    def __init__(self, timeout_s: float) -> None:
        self._end = time.monotonic() + timeout_s

    def wait_for(self, pipe: BinaryIO, event: int) -> None:
        """Wait until a pipe can go on; raise TimeoutError after the end."""
        poll = select.poll()
        poll.register(pipe.fileno(), event)
        left_s = self._end - time.monotonic()
        if left_s <= 0 or not poll.poll(left_s * 1000):
            raise TimeoutError


def _send(pipe: BinaryIO, data: Buffer, deadline: _Deadline) -> None:
    view = memoryview(data).cast("B")
    while view:
        try:
            view = view[os.write(pipe.fileno(), view) :]
        except BlockingIOError:
            deadline.wait_for(pipe, select.POLLOUT)


def _receive(pipe: BinaryIO, deadline: _Deadline) -> tuple[dict[str, Any], bytes]:
    head_length, body_length = _LENGTHS.unpack(_read(pipe, _LENGTHS.size, deadline))
    if head_length > _MAX_HEAD_BYTES or body_length > _MAX_BODY_BYTES:  # a child that was taken over may claim anything
        raise EOFError
    head = orjson.loads(_read(pipe, head_length, deadline))
    return head, bytes(_read(pipe, body_length, deadline))


def _read(pipe: BinaryIO, length: int, deadline: _Deadline) -> bytearray:
    buffer = bytearray(length)
    view = memoryview(buffer)
    while view:
        try:
            count = os.readv(pipe.fileno(), [view])
        except BlockingIOError:
            deadline.wait_for(pipe, select.POLLIN)
            continue
        if not count:
            raise EOFError
        view = view[count:]
    return buffer


# --- inside the child -------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> None:
    """Be a child: import, give up rights, answer jobs until the pipe closes, as it does when the parent ends."""
    memory_bytes, modules = int(arguments[0]), arguments[1:]
    isolation.hide_memory()
    network = isolation.drop_network()
    loaded = {name: import_module(name) for name in modules}
    isolation.limit_resources(memory_bytes=memory_bytes)
    is_filtered = isolation.forbid(("network", "programs", "files"))
    given_up = {
        "network": network or ("filter" if is_filtered else ""),
        "files": is_filtered,
        "programs": is_filtered,
    }
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    never = _Deadline(_FOREVER_S)
    _answer(answers, given_up, b"", never)
    with suppress(EOFError, ConnectionError):
        while True:
            head, data = _receive(requests, never)
            isolation.limit_cpu(head["cpu_s"])
            answer, body = _run(loaded, head, data)
            _answer(answers, answer, body, never)


def _run(loaded: Mapping[str, Any], head: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], Buffer]:
    module, _, function = head["job"].partition(":")
    if module not in loaded or not function.endswith("_job"):
        return {"status": "refused", "detail": "this job is not one of the sandbox's"}, b""
    try:
        return {"status": "done"}, getattr(loaded[module], function)(head["params"], data)
    except DomainError as error:
        return {"status": "refused", "detail": str(error)}, b""
    except MemoryError:
        return {"status": "memory", "detail": "the data needs more memory than is granted"}, b""
    except Exception as error:  # noqa: BLE001  # the sandbox is one of the two places: any failure is the data's verdict
        return {"status": "crashed", "detail": f"the data could not be read ({type(error).__name__})"}, b""


def _answer(pipe: BinaryIO, head: Mapping[str, Any], body: Buffer, deadline: _Deadline) -> None:
    encoded = orjson.dumps(head)
    _send(pipe, _LENGTHS.pack(len(encoded), len(body)) + encoded, deadline)
    _send(pipe, body, deadline)


if __name__ == "__main__":
    main(sys.argv[1:])
