"""A portal whose `dicom_listen` runs beside it, and dcmtk's programs as its devices."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.env import ROOT, child_environment
from tests.factories.portal import Portal
from tests.servers.process import accepts, free_port, running

CALLED = "PORTAL"
_SETTLE = """
from accounts import services as accounts
from common.actor import system_actor
from pacs.dimse import peers
tenant = accounts.create_tenant(name={name!r})
actor = system_actor(tenant.id)
peers.add_title(actor=actor, ae_title={called!r}, takes_unknown_classes={unknown!r})
for title, values in {devices!r}.items():
    peers.add_peer(actor=actor, ae_title=title, values=values)
print(accounts.create_token(actor=actor, name="t", scopes=[
    "dicomweb.read", "dicomweb.write", "dicomweb.delete", "api.read", "api.write"]))
"""
EVERYTHING = {"can_query": True, "can_retrieve": True}


def program(name: str) -> str:
    """Return the path of a program of dcmtk or another judge, or skip the test."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install dcmtk orthanc dicom3tools, or `make test` as root")
    return found


@dataclass
class Listening:
    """A running `dicom_listen` of a portal."""

    portal: Portal
    port: int
    process: subprocess.Popen[bytes]
    options: Sequence[str] = field(default=())

    def run(self, name: str, *words: str | Path, calling: str = "DEVICE", called: str = CALLED, ok: bool = True) -> str:
        """Run one of dcmtk's programs against it and return what it said."""
        command = [program(name), "-aet", calling, "-aec", called, *self.options, "127.0.0.1", str(self.port)]
        command[1:1] = [str(word) for word in words if str(word).startswith(("-", "+"))]
        raise NotImplementedError


def settle(
    portal: Portal,
    name: str,
    *,
    called: str = CALLED,
    devices: dict[str, dict[str, Any]] | None = None,
    takes_unknown: bool = False,
) -> str:
    """Make a tenant that is called by a name and knows some devices; return a token of every scope."""
    code = _SETTLE.format(name=name, called=called, unknown=takes_unknown, devices=devices or {"DEVICE": EVERYTHING})
    return portal.manage("shell", "--verbosity=0", "--command", code)


@contextmanager
def listening(portal: Portal, *words: str, port: int = 0, crash_at: str = "") -> Iterator[Listening]:
    """Run `dicom_listen` until the block ends; plain on loopback unless the words say otherwise."""
    number = port or free_port()
    options = words if "--tls-key" in words else ("--plain", *words)
    command = [*_python(), "dicom_listen", f"--port={number}", "--host=127.0.0.1", *options]
    environment = child_environment({**portal.environment, "BITEWING_CRASH_AT": crash_at})
    log = portal.folder / f"dimse-{number}-{len(list(portal.folder.glob('dimse-*')))}.log"
    with running(command, is_ready=partial(accepts, number), log=log, environment=environment) as process:
        yield Listening(portal, number, process)


def _python() -> list[str]:
    import sys

    return [sys.executable, str(ROOT / "manage.py")]
