"""What the processes of the web server share."""

import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # published without types
import pytest

from tests.factories.portal import Portal, portal

_LOAD = """
import sys, threading
from config.serving import load_portal

load_portal()
from django.db import connections

opened = [one.alias for one in connections.all(initialized_only=True) if one.connection is not None]
print([one.name for one in threading.enumerate()], opened, "pacs.viewer.views" in sys.modules)
"""


def test_what_is_loaded_before_the_workers_are_forked_opens_nothing(tmp_path: Path) -> None:
    environment = Portal(tmp_path).environment
    said = subprocess.run([sys.executable, "-c", _LOAD], env=environment, capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "['MainThread'] [] True"


def serve(tmp_path: Path, threads: int) -> str:
    """Start the server for an application that does not exist; return what it says."""
    command = [sys.executable, "-m", "config.serving", "--interface=wsgi", "--log-level=warning", "--port=0"]
    return subprocess.run(
        [*command, f"--blocking-threads={threads}", "config.wsgi:nothing"],
        env=Portal(tmp_path).environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout


def test_the_server_is_warned_of_threads_that_nobody_chose(tmp_path: Path) -> None:
    assert "spawning up to" not in serve(tmp_path, 64)
    assert "spawning up to 5000 Python threads" in serve(tmp_path, 5000)


@pytest.mark.embedded
def test_a_worker_shares_the_memory_of_what_was_loaded_before_it(tmp_path: Path) -> None:
    with portal(tmp_path / "portal", with_worker=False) as running:
        assert running.web is not None
        workers = psutil.Process(running.web.pid).children()
        shared = [_shared_bytes(worker.pid) for worker in workers]

    assert len(shared) == 1
    # Of the forty and more megabytes of what Python has loaded, which nobody reads from a file.
    assert min(shared) > 20e6


def _shared_bytes(pid: int) -> int:
    """Return the anonymous memory that a process has in common with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    found = dict(line.split(":", 1) for line in lines[1:])
    return int(found["Shared_Dirty"].split()[0]) * 1024
