"""An S3 store on loopback (SeaweedFS), with real signatures, ranges and conditional writes."""

import json
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import accepts, free_port, running


@dataclass(frozen=True)
class S3Store:
    """How to reach the store."""

    endpoint: str
    access_key: str
    secret_key: str


def program() -> Path | None:
    """Return the server program, or nothing where there is none."""
    path = Path(sys.executable).parent / "weed"
    return path if path.exists() else None


@contextmanager
def s3(server: Path) -> Iterator[S3Store]:
    """Run a fresh store until the block ends."""
    with tempfile.TemporaryDirectory(prefix="bitewing-s3-") as scratch:
        folder = Path(scratch)
        port = free_port()
        store = S3Store(f"http://127.0.0.1:{port}", secrets.token_hex(8), secrets.token_urlsafe(24))
        with running(
            _command(server, folder, port, store),
            is_ready=lambda: accepts(port),
            log=folder / "server.log",
            environment={"WEED_S3_SSE_KEK": secrets.token_hex(32), "HOME": scratch},
            # Its orderly shutdown takes ten seconds, and nothing of it is kept.
            stop=signal.SIGKILL,
        ):
            yield store


def _command(server: Path, folder: Path, port: int, store: S3Store) -> list[str]:
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": store.access_key, "secretKey": store.secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    configuration = folder / "s3.json"
    configuration.write_text(json.dumps({"identities": [identity]}))
    return [
        *(str(server), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", "-master.telemetry=false"),
        *("-s3", f"-s3.port={port}", f"-s3.config={configuration}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *(f"-master.port={free_port()}", f"-volume.port={free_port()}", f"-filer.port={free_port()}"),
        *(f"-{part}.port.grpc={free_port()}" for part in ("master", "volume", "filer", "s3")),
    ]
