"""The portal as it is deployed, on fresh data: granian on a loopback port."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.env import ROOT, child_environment
from tests.servers import deployment, migrated, process

SCOPES = ("dicomweb.read", "dicomweb.write", "dicomweb.delete")


@dataclass(frozen=True)
class Portal:
    """A running portal with one tenant."""

    port: int
    tenant: str
    environment: dict[str, str]
    server_pid: int = 0

    @property
    def root(self) -> str:
        """Return the address of its DICOMweb services."""
        return f"http://127.0.0.1:{self.port}/dicom-web"

    def manage(self, *words: str) -> str:
        """Run a management command and return its only line."""
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True, timeout=120)
        return done.stdout.strip()

    def new_token(self) -> str:
        """Create a token of the tenant with all scopes of DICOMweb."""
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        return self.manage("create_token", "--tenant", self.tenant, "--name", "test", *scopes)


@contextmanager
def running(folder: Path) -> Iterator[Portal]:
    """Run a fresh portal until the block ends."""
    port = process.free_port()
    environment = child_environment(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "BITEWING_DATA_DIR": str(folder),
            "BITEWING_BASE_URL": f"http://127.0.0.1:{port}",
            "PYTHONPATH": str(ROOT),
            **(addresses := deployment.addresses()),
        }
    )
    if not addresses:
        migrated.copy(folder / migrated.NAME)
    portal = Portal(port, "", environment)
    portal.manage("migrate", "--verbosity=0")
    tenant = portal.manage("create_tenant", "Centre")
    command: list[str | Path] = [sys.executable, ROOT / "manage.py", "serve", "--workers=1"]
    with process.running(
        command, is_ready=lambda: process.accepts(port), log=folder / "serve.log", environment=environment
    ) as server:
        yield Portal(port, tenant, environment, server.pid)
