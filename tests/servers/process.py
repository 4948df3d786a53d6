"""A child process that serves on loopback: started, waited for, ended."""

import atexit
import os
import pwd
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class ServerError(RuntimeError):
    """A server did not come up; the message ends with its own last words."""


# Below what Linux gives to connections that go out: between the look and the server's start none of them takes it.
_PORTS = range(10_000, 32_768)


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that no other process of a run is given meanwhile."""
    while True:
        # Of the system's own randomness: the processes of a run must not draw the same ports.
        port = random.SystemRandom().choice(_PORTS)
        if _is_free(port) and _claim(port):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _claim(port: int) -> bool:
    """Hold the port of UDP until this process ends: the server that is to listen may take a minute to come."""
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    atexit.register(claim.close)
    return True


def accepts(port: int) -> bool:
    """Say whether something accepts connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    is_ready: Callable[[], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    stop: signal.Signals = signal.SIGINT,
    timeout_s: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends: `stop` first, which is PostgreSQL's fast shutdown, SIGKILL after 10 s."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env=environment,
            user=user,
            group=None if user is None else _group_of(user),
            extra_groups=None if user is None else [],
            start_new_session=True,
        )
    try:
        _wait(process, is_ready, log, timeout_s)
        yield process
    finally:
        _end(process, stop)


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            last_words = log.read_text(errors="replace")[-2000:]
            raise ServerError(f"{Path(str(process.args[0])).name} did not come up:\n{last_words}")  # type: ignore[index]  # a list
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    if process.poll() is not None:
        return
    process.send_signal(stop)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        # Its children too: one that is left would keep the port and the data.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
