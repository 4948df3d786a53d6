"""What this machine can do at best, one thread and no server: crypto, disk, ZIP."""

import hashlib
import io
import os
import secrets
import statistics
import time
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tooling.bench.studies import Study
from tooling.bench.targets import new_folder

_BLOCK = 1 << 20
_BLOCKS = 128
_SYNCERS = 4


def measure(scratch: Path, study: Study, *, repeats: int = 3) -> dict[str, float]:
    """Return MB/s by name, medians; `scratch` lies on the disk to measure."""
    folder = new_folder(scratch, "limits")
    block = secrets.token_bytes(_BLOCK)
    key, nonce = AESGCM(bytes(32)), bytes(12)
    crypto_mb = _BLOCK * _BLOCKS / 1e6
    works: dict[str, tuple[Callable[[], object], float]] = {
        "aes_256_gcm": (lambda: [key.encrypt(nonce, block, None) for _ in range(_BLOCKS)], crypto_mb),
        "sha256": (lambda: [hashlib.sha256(block) for _ in range(_BLOCKS)], crypto_mb),
        "crc32": (lambda: [zlib.crc32(block) for _ in range(_BLOCKS)], crypto_mb),
        "files_fsynced": (lambda: _write_files(folder, study), study.size / 1e6),
        "zip_stored": (lambda: _zip(study), study.size / 1e6),
    }
    return {name: statistics.median(_rate(work, mb) for _ in range(repeats)) for name, (work, mb) in works.items()}


def _rate(work: Callable[[], object], amount: float) -> float:
    started = time.perf_counter()
    work()
    return amount / (time.perf_counter() - started)


def _write_files(folder: Path, study: Study) -> None:
    """Write each slice to a file and sync it, four at a time; what the system still holds of others is not ours."""

    def write(number: int) -> None:
        one = study.slices[number]
        with (folder / str(number)).open("wb", buffering=0) as file:
            file.write(one.pixels)
            os.fsync(file.fileno())

    with ThreadPoolExecutor(_SYNCERS) as pool:
        list(pool.map(write, range(len(study.slices))))


class _Sink(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(memoryview(data))


def _zip(study: Study) -> None:
    with zipfile.ZipFile(_Sink(), "w") as archive:
        for number, one in enumerate(study.slices):
            archive.writestr(f"{number:08d}", bytes(one.pixels))
