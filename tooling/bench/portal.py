"""Our portal as it runs in production: `serve` with two workers and `worker`, on a data folder of its own."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

from config.env import child_environment
from tests.factories.portal import SIGN_IN
from tests.servers import postgres
from tests.servers.process import accepts, running
from tooling.bench.client import AnswerError, Connection
from tooling.bench.processes import children_named
from tooling.bench.studies import Study
from tooling.bench.targets import CALLED, CALLING, ROOT, Target, free_port, new_folder

# The suite's server forgives a crash for speed; what is measured must not.
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_DEVICES = """
from accounts.models import Tenant
from common.actor import system_actor
from pacs.dimse import peers
actor = system_actor(Tenant.objects.get(slug={slug!r}).id)
peers.add_title(actor=actor, ae_title={called!r})
peers.add_peer(actor=actor, ae_title={calling!r}, values={{}})
"""
_SCOPES = ("dicomweb.read", "dicomweb.write", "dicomweb.delete")


@contextmanager
def on_sqlite(scratch: Path) -> Iterator[Target]:
    """Run the portal on its embedded defaults."""
    with _portal(scratch, "sqlite", "Bitewing on SQLite", {}, ()) as target:
        yield target


@contextmanager
def on_postgres(scratch: Path) -> Iterator[Target]:
    """Run the portal on a PostgreSQL server of its own, whose memory and processor time count as the portal's.

    They talk by a socket in a folder, as on one machine they should.
    """
    known = set(children_named("postgres"))
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as folder:
        # The server is another user where this one is root.
        Path(folder).chmod(0o777)
        settings = {**_DURABLE, "unix_socket_directories": folder}
        with patch.dict(postgres.SETTINGS, settings), postgres.postgres() as server:
            place = quote(folder, safe="")
            addresses = {
                "BITEWING_DATABASE_URL": server.app_url,
                "BITEWING_DATABASE_OWNER_URL": server.owner_url,
                "BITEWING_DATABASE_PLATFORM_URL": server.platform_url,
            }
            urls = {name: url.replace("@127.0.0.1:", f"@{place}:") for name, url in addresses.items()}
            database = tuple(set(children_named("postgres")) - known)
            with _portal(scratch, "postgres", "Bitewing on PostgreSQL", urls, database) as target:
                yield target


@contextmanager
def _portal(
    scratch: Path, name: str, title: str, urls: Mapping[str, str], database: tuple[int, ...]
) -> Iterator[Target]:
    folder = new_folder(scratch, name)
    port, dicom_port = free_port(), free_port()
    own = {
        "BITEWING_DATA_DIR": str(folder / "data"),
        "BITEWING_BASE_URL": f"http://127.0.0.1:{port}",
        "PYTHONPATH": str(ROOT),
    }
    environment = _environment({**own, **urls})
    _manage(environment, "migrate", "--verbosity=0", *(["--database=owner"] if urls else []))
    _manage(environment, "collectstatic", "--verbosity=0", "--no-input")
    slug = _manage(environment, "create_tenant", "Bench Imaging")
    scopes = [word for scope in _SCOPES for word in ("--scope", scope)]
    token = _manage(environment, "create_token", "--tenant", slug, "--name", "bench", *scopes)
    _manage(
        environment, "shell", "--verbosity=0", "--command", _DEVICES.format(slug=slug, called=CALLED, calling=CALLING)
    )
    manage: list[str | Path] = [sys.executable, ROOT / "manage.py"]
    with (
        running(
            [*manage, "worker"], is_ready=lambda: True, log=folder / "worker.log", environment=environment
        ) as worker,
        running(
            [*manage, "serve"], is_ready=lambda: _is_ready(port), log=folder / "serve.log", environment=environment
        ) as server,
        running(
            [*manage, "dicom_listen", "--plain", f"--port={dicom_port}"],
            is_ready=lambda: accepts(dicom_port),
            log=folder / "listen.log",
            environment=environment,
        ) as listener,
    ):
        yield Target(
            name=name,
            title=title,
            port=port,
            pids=(server.pid, worker.pid, listener.pid, *database),
            headers={"Authorization": f"Bearer {token}"},
            zip_path=_study_path,
            delete_path=_study_path,
            deflated_zip_path=lambda study: f"{_study_path(study)}?deflate=1",
            dicom_port=dicom_port,
            session=cache(lambda: _sign_in(environment, slug)),
            tenant=slug,
            manage=partial(_manage, environment),
        )


def _sign_in(environment: Mapping[str, str], slug: str) -> str:
    code = SIGN_IN.format(slug=slug, role="owner", email="owner@bench.example")
    return _manage(environment, "shell", "--verbosity=0", "--command", code)


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment, less what would change the portal, with changes."""
    kept = child_environment({})
    return {name: value for name, value in kept.items() if not name.startswith("BITEWING_")} | dict(changes)


def _manage(environment: Mapping[str, str], *words: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"manage.py {words[0]} failed:\n{run.stderr[-2000:]}")
    return run.stdout.strip()


def _is_ready(port: int) -> bool:
    try:
        with Connection(port, {}) as connection:
            return connection.get("/readyz").status == 200
    except (OSError, AnswerError):
        return False


def _study_path(study: Study) -> str:
    return f"/dicom-web/studies/{study.study_instance_uid}"
