"""Marks where a test may kill the process: each is visited, and production knows none."""

import re
import signal
import subprocess
import sys

import pytest

from config.env import ROOT, child_environment
from tests.contracts.house import PACKAGES, texts
from tests.hostile import crashing


def marks() -> list[str]:
    code = [text for path, text in texts(".py").items() if path.split("/")[0] in PACKAGES]
    return [name for text in code for name in re.findall(r'\bcrashpoint\("([^"]+)"\)', text)]


def test_every_mark_of_the_code_has_a_test_that_dies_there() -> None:
    places = (
        *(crashing.IN_WEB, crashing.IN_WORKER, crashing.IN_SWEEP, crashing.IN_SEQUENCER),
        *(crashing.IN_BARRIER, crashing.IN_RESTORE, crashing.IN_RETENTION, crashing.IN_ANALYSES),
        *(crashing.IN_GATEWAY, crashing.IN_WATCH, crashing.IN_SPLIT),
    )
    assert sorted(marks()) == sorted(mark for place in places for mark in place)


def run(code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = child_environment({"PYTHONPATH": str(ROOT), **changes})
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


PASS_TWICE = """
from django.conf import settings
settings.configure(BITEWING_CRASH_AT=%r)
from common.crashpoint import crashpoint
crashpoint("here"), print("once", flush=True), crashpoint("here"), print("twice", flush=True)
"""


@pytest.mark.parametrize(
    ("named", "printed", "status"),
    [
        ("", "once\ntwice\n", 0),
        ("elsewhere", "once\ntwice\n", 0),
        ("here", "", -signal.SIGKILL),
        ("here:2", "once\n", -signal.SIGKILL),
    ],
)
def test_a_process_dies_at_the_pass_that_was_named(named: str, printed: str, status: int) -> None:
    done = run(PASS_TWICE % named)

    assert (done.stdout, done.returncode) == (printed, status)


def test_production_refuses_to_be_killed() -> None:
    addresses = {
        f"BITEWING_{name}": value
        for name, value in {
            "SECRET_KEY": "x" * 50,
            "BASE_URL": "https://images.example",
            "DATABASE_URL": "sqlite:////tmp/db",
            "STORAGE_URL": "file:///tmp/objects",
            "KEYRING_URL": "file:///tmp/keyring",
            "ROOT_KEY_URL": "file:/tmp/root.key",
            "EMAIL_URL": "smtp://mail.example",
            "CRASH_AT": "intake.staged",
        }.items()
    }

    done = run("import config.settings.prod", **addresses)

    assert "BITEWING_CRASH_AT is for tests" in done.stderr
