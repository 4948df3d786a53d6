"""The least that a server on this machine can do: granian and one function, without Django, database, keys or login.

What it receives it writes to files and syncs; what it sends lies ready in files, one for each address. The rest of an
answer, who asks and what for, is what the portal adds.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

_FOLDER = Path(os.environ["BENCH_BARE_FOLDER"])
_BLOCK = 1 << 20
_ANSWERS: dict[str, list[str]] = json.loads((_FOLDER / "answers.json").read_text())
_OPEN: dict[str, tuple[int, int]] = {}
_numbers = count()
_syncers = ThreadPoolExecutor(4)

Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer one request."""
    if environ["REQUEST_METHOD"] == "POST":
        return _received(environ, start)
    if environ["REQUEST_METHOD"] == "DELETE":
        start("204 No Content", [])
        return []
    query = environ.get("QUERY_STRING", "")
    name, content_type, encoding = _ANSWERS[environ["PATH_INFO"] + (f"?{query}" if query else "")]
    file, size = _opened(name)
    headers = [("Content-Type", content_type), ("Content-Length", str(size))]
    start("200 OK", headers + ([("Content-Encoding", encoding)] if encoding else []))
    return [os.pread(file, size, 0)] if size <= _BLOCK else _blocks(file, size)


def _opened(name: str) -> tuple[int, int]:
    if name not in _OPEN:
        file = os.open(_FOLDER / name, os.O_RDONLY)
        _OPEN[name] = file, os.fstat(file).st_size
    return _OPEN[name]


def _blocks(file: int, size: int) -> Iterator[bytes]:
    for offset in range(0, size, _BLOCK):
        yield os.pread(file, _BLOCK, offset)


def _received(environ: dict[str, Any], start: Start) -> list[bytes]:
    """Write the body to as many files as it has instances, sync them in threads, and say how many there are."""
    left = int(environ["CONTENT_LENGTH"])
    size = -(-left // int(environ["HTTP_X_INSTANCES"]))
    source = environ["wsgi.input"]
    synced = []
    while left:
        block = source.read(min(size, left))
        left -= len(block)
        path = _FOLDER / f"received-{os.getpid()}-{time.monotonic_ns()}-{next(_numbers)}"
        synced.append(_syncers.submit(_write, path, block))
    for one in synced:
        one.result()
    body = json.dumps({"00081199": {"vr": "SQ", "Value": [{} for _ in synced]}}).encode()
    start("200 OK", [("Content-Type", "application/dicom+json"), ("Content-Length", str(len(body)))])
    return [body]


def _write(path: Path, block: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(block)
        os.fsync(file.fileno())
    path.unlink()
