"""`python -m tooling.bench.vault`: barrier, scrub, backup and restore, beside what the machine can do at best.

All run in one process after another on one disk, the limits in the same run: ratios mean more than rates.
"""

import argparse
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.factories.portal import Portal
from tooling.bench.targets import ROOT

JSON: Final = ROOT / "build" / "bench-vault.json"
# SECURITY-DESIGN part 9.
BARRIER_S: Final = 10.0
_BLOCK: Final = 1 << 20
_WRAPS: Final = 50_000
_SLUG: Final = "bench"


def main() -> int:
    """Measure, print a table, write the raw figures; the exit status says whether the barrier takes too long."""
    parser = argparse.ArgumentParser(prog="bench.vault")
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--megabytes", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bitewing-bench-", dir=ROOT / "build") as folder:
        figures = _limits(Path(folder), options.megabytes)
        portal = Portal(Path(folder))
        portal.prepare()
        portal.create_tenant(_SLUG)
        for step in ("fill", "scrub", "backup", "restore", "barrier"):
            amount = options.keys if step == "barrier" else options.megabytes
            code = f"from tooling.bench import vault_steps as steps; steps.{step}({_SLUG!r}, {amount})"
            figures |= json.loads(portal.manage("shell", "--verbosity=0", "--command", code) or "{}")
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(json.dumps(figures, indent=1))
    for name, value in figures.items():
        print(f"{name:44} {value:10.1f}")
    return int(figures["barrier, s"] > BARRIER_S)


def _limits(folder: Path, megabytes: int) -> dict[str, float]:
    block, cipher, nonce = secrets.token_bytes(_BLOCK), AESGCM(bytes(32)), bytes(12)
    blocks = range(min(megabytes, 256))
    path = folder / "limit"
    return {
        "AES-256-GCM, one core, MB/s": _rate(lambda: [cipher.encrypt(nonce, block, None) for _ in blocks], len(blocks)),
        "AES-256-GCM, one core, keys wrapped anew/s": _wrapped_per_s(cipher),
        "SHA-256, one core, MB/s": _rate(lambda: [hashlib.sha256(block) for _ in blocks], len(blocks)),
        "disk, written and synced, MB/s": _rate(lambda: _write(path, block, len(blocks)), len(blocks)),
        "disk, read back (cached), MB/s": _rate(path.read_bytes, len(blocks)),
    }


def _wrapped_per_s(cipher: AESGCM) -> float:
    """Return how many keys can be opened and sealed again: what no barrier can be faster than."""
    nonce, key, aad = bytes(12), bytes(32), bytes(40)
    sealed, started = cipher.encrypt(nonce, key, aad), time.perf_counter()
    for _ in range(_WRAPS):
        cipher.encrypt(nonce, cipher.decrypt(nonce, sealed, aad), aad)
    return _WRAPS / (time.perf_counter() - started)


def _rate(work: Callable[[], object], blocks: int) -> float:
    started = time.perf_counter()
    work()
    return blocks * _BLOCK / 1e6 / (time.perf_counter() - started)


def _write(path: Path, block: bytes, count: int) -> None:
    with path.open("wb", buffering=0) as file:
        for _ in range(count):
            file.write(block)
        os.fsync(file.fileno())


if __name__ == "__main__":
    raise SystemExit(main())
