"""A database of PostgreSQL: dumped by pg_dump, restored by pg_restore into an empty one."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections

from common.errors import ConflictError, UnavailableError
from config.backup.errors import BackupDamagedError

_BLOCK = 1 << 20


@contextmanager
def dumped() -> Iterator[Iterable[bytes]]:
    """Dump as the role that sees the rows of all tenants."""
    command = [_program("pg_dump"), "--format=custom", "--no-owner", "--compress=1"]
    alias = "platform" if "platform" in settings.DATABASES else "default"
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment(alias)) as running:  # noqa: S603  fixed words
        assert running.stdout is not None
        yield iter(lambda: running.stdout.read(_BLOCK), b"")  # type: ignore[union-attr]  # as just asserted
        if running.wait() != 0:
            raise UnavailableError("pg_dump did not succeed.")


def require_empty() -> None:
    if connections[_owner()].introspection.table_names():
        raise ConflictError("The database is not empty: make a new one, and let the addresses of the database name it.")


def load(blocks: Iterable[bytes]) -> list[str]:
    """Restore as the owner of the schema, into an empty database."""
    require_empty()
    connections.close_all()
    alias = _owner()
    database = str(settings.DATABASES[alias]["NAME"])
    command = [_program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={database}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment(alias)) as running:  # noqa: S603  fixed words
        assert running.stdin is not None
        running.stdin.writelines(blocks)
        running.stdin.close()
        if running.wait() != 0:
            raise BackupDamagedError("pg_restore did not succeed.")
    return []


def _owner() -> str:
    return "owner" if "owner" in settings.DATABASES else "default"


def _program(name: str) -> str:
    folder = settings.BITEWING_POSTGRES_PROGRAMS
    found = shutil.which(name, path=str(folder) if folder else None)
    if found is None:
        raise UnavailableError("{name} is not installed; BITEWING_POSTGRES_PROGRAMS names its folder.", name=name)
    return found


def _environment(alias: str) -> dict[str, str]:
    """Hand over the address by variables: words of a command can be read by everybody on the machine."""
    address: dict[str, Any] = settings.DATABASES[alias]
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return {"PATH": os.defpath, "LC_ALL": "C"} | {name: str(address[key]) for name, key in names.items()}
