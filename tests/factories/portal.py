"""A whole portal for tests: the real web server and the real worker, on fresh data and a free port."""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx

from config.env import ROOT, child_environment
from tests.servers import deployment, migrated
from tests.servers.process import free_port, running

APPLICATION = "config.wsgi:application"
SCOPES = ("dicomweb.read", "dicomweb.write", "dicomweb.delete")
STOP_S = 10
# One process for all: starting each takes longer than its work.
_PREPARE = """
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
call_command("collectstatic", verbosity=0, interactive=False)
"""
SIGN_IN = """
import time
from django.contrib.sessions.backends.db import SessionStore
from django_otp.plugins.otp_totp.models import TOTPDevice
from accounts import services
tenant_id = services.tenant_id_of_slug({slug!r})
user = services.create_member(tenant_id=tenant_id, email={email!r}, name="Person", roles=[{role!r}])
device = TOTPDevice.objects.create(user=user, confirmed=True)
now = int(time.time())
session = SessionStore()
session.update({{
    "_auth_user_id": str(user.pk), "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
    "_auth_user_hash": user.get_session_auth_hash(), "otp_device_id": device.persistent_id,
    "started": now, "seen": now, "factor_at": now, "tenant_id": str(tenant_id),
}})
session.create()
print(session.session_key)
"""
_SEED_CAST = "from config.demo import seed; seed.seed_people()"


@dataclass
class Portal:
    """A deployment; its processes run between `start` and `stop`, its data outlive them."""

    folder: Path
    port: int = field(default_factory=free_port)
    is_demo: bool = False
    workers: int = 1
    application: str = APPLICATION
    addresses: dict[str, str] = field(default_factory=deployment.addresses, repr=False)
    _running: ExitStack = field(default_factory=ExitStack)
    web: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """Database, objects, keyring and mails."""
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        return child_environment(
            {
                "DJANGO_SETTINGS_MODULE": "config.settings.dev",
                "BITEWING_DATA_DIR": str(self.data),
                "BITEWING_BASE_URL": self.url,
                "BITEWING_DEMO": "1" if self.is_demo else "0",
                "PYTHONPATH": str(ROOT),
                # SIGABRT makes a process say where its threads are.
                "PYTHONFAULTHANDLER": "1",
                **self.addresses,
            }
        )

    def manage(self, *words: str, statuses: Sequence[int] = (0,)) -> str:
        """Run a command of `manage.py` and return what it printed; any other status of exit is an error."""
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, cwd=self.folder
        )
        if done.returncode not in statuses:
            raise RuntimeError(f"manage.py {words[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def prepare(self) -> None:
        """Make what processes need before they start: a copy of what the first portal of this run made."""
        made = _made(self.is_demo)
        if made is not None and not self.addresses:
            shutil.copytree(made, self.data, dirs_exist_ok=True)
        else:
            self.make()

    def make(self) -> None:
        """Make a database and the files of the pages."""
        self.data.mkdir(parents=True, exist_ok=True)
        if not self.addresses:
            migrated.copy(self.data / migrated.NAME)
        self.manage("shell", "--verbosity=0", "--command", _PREPARE + (_SEED_CAST if self.is_demo else ""))

    def start(self, *, with_worker: bool = True) -> None:
        """Start the processes; return when the web server answers."""
        self.web = self._running.enter_context(
            running(
                self._serve(),
                is_ready=partial(answers, f"{self.url}/healthz"),
                log=self._log("web"),
                environment=self.environment,
                stop=signal.SIGTERM,
            )
        )
        if with_worker:
            command = [sys.executable, str(ROOT / "manage.py"), "worker"]
            self._running.enter_context(
                running(command, is_ready=lambda: True, log=self._log("worker"), environment=self.environment)
            )

    def _serve(self) -> list[str]:
        if self.application == APPLICATION:
            return [sys.executable, str(ROOT / "manage.py"), "serve", f"--workers={self.workers}", "--threads=16"]
        return [
            *(sys.executable, "-m", "granian", "--interface=wsgi", "--no-ws", "--host=127.0.0.1"),
            *(f"--port={self.port}", f"--workers={self.workers}", "--blocking-threads=16", "--log-level=warning"),
            self.application,
        ]

    def kill(self) -> None:
        """End the web server as a power cut would: all of its processes at once, without a word."""
        assert self.web is not None
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.wait()

    def _log(self, name: str) -> Path:
        number = len(list(self.folder.glob(f"{name}-*.log")))
        return self.folder / f"{name}-{number}.log"

    def stop(self) -> None:
        """End the processes in order."""
        self._running.close()

    def client(self, **options: Any) -> httpx.Client:
        """Return a browser or a script that lasts as long as the processes do."""
        return self._running.enter_context(httpx.Client(base_url=self.url, timeout=60, **options))

    def logs(self) -> bytes:
        """Return everything that the processes wrote, of all starts."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("*.log")))

    def mails(self) -> list[str]:
        """Return the texts of the mails that were sent, oldest first."""
        paths = sorted((self.data / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        return [_text_of(raw) for path in paths for raw in _mails_of(path)]

    def create_tenant(self, name: str) -> str:
        """Create a tenant and return its slug."""
        return self.manage("create_tenant", name)

    def create_token(self, slug: str, *scopes: str) -> str:
        """Create a token of a tenant that may do everything, or what the scopes say."""
        wanted = [f"--scope={scope}" for scope in scopes or SCOPES]
        return self.manage("create_token", f"--tenant={slug}", "--name=test", *wanted)

    def sign_in(self, slug: str, role: str) -> str:
        """Give a new person of a role a session with both factors; return the value of the cookie `bitewing`."""
        code = SIGN_IN.format(slug=slug, role=role, email=f"{role}@{slug}.example")
        return self.manage("shell", "--verbosity=0", "--command", code)


@cache
def _made(is_demo: bool) -> Path | None:
    """Return the data of a portal that nobody has used; where there are servers, the database is copied there."""
    if deployment.has_servers():
        return None
    # Goes with the process.
    folder = tempfile.TemporaryDirectory(prefix="bitewing-portal-")
    atexit.register(folder.cleanup)
    first = Portal(folder=Path(folder.name), is_demo=is_demo)
    first.make()
    return first.data


@contextmanager
def portal(
    folder: Path, *, is_demo: bool = False, with_worker: bool = True, application: str = APPLICATION
) -> Iterator[Portal]:
    """Run a fresh portal until the block ends; with `is_demo`, its cast and their one-click sign-ins are there."""
    found = Portal(folder=folder, is_demo=is_demo, application=application)
    found.prepare()
    try:
        found.start(with_worker=with_worker)
        yield found
    finally:
        found.stop()


def answers(url: str) -> bool:
    """Say whether an address answers with success."""
    try:
        with urlopen(url, timeout=2) as response:
            return int(response.status) == 200
    except OSError:
        return False


def _mails_of(path: Path) -> list[bytes]:
    """Split a file of Django's file backend: each message ends with a line of hyphens."""
    return [raw for raw in re.split(rb"\n-{79}\n", path.read_bytes()) if raw.strip()]


def _text_of(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",))
    return f"{message['To']}\n{message['Subject']}\n{body.get_content() if body else ''}"
