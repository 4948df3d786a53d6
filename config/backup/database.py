"""The database as one stream of bytes and back: SQLite by its own copy, PostgreSQL by pg_dump and pg_restore."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from common.clock import now
from common.errors import ConflictError, UnavailableError
from config.backup.errors import BackupDamagedError, DataFolderInUseError

_BLOCK = 1 << 20


def engine() -> str:
    """Return `sqlite` or `postgresql`."""
    return str(connections["default"].vendor)


@contextmanager
def dumped() -> Iterator[Iterable[bytes]]:
    """Copy the database consistently while it is in use; yields the bytes of the copy."""
    dump = _sqlite_copy if engine() == "sqlite" else _pg_dump
    with dump() as blocks:
        yield blocks


def load(blocks: Iterable[bytes], *, is_confirmed: bool) -> list[str]:
    """Put the bytes of a copy in the place of the database; what was there is kept, or the place must be empty.

    Raises
    ------
    DataFolderInUseError
        If there is a database and nobody confirmed that it is to be replaced.
    ConflictError
        If a database of PostgreSQL is not empty: it is never replaced.
    BackupDamagedError
        If the copy is not intact.
    """
    connections.close_all()
    return _load_sqlite(blocks, is_confirmed=is_confirmed) if engine() == "sqlite" else _load_postgres(blocks)


# --- SQLite -----------------------------------------------------------------------------------------------------------


@contextmanager
def _sqlite_copy() -> Iterator[Iterable[bytes]]:
    with _scratch_file() as copy:
        with sqlite3.connect(_sqlite_path()) as live, sqlite3.connect(copy) as target:
            live.backup(target)
        with copy.open("rb") as file:
            yield iter(lambda: file.read(_BLOCK), b"")


@contextmanager
def _scratch_file() -> Iterator[Path]:
    """Yield a file beside the database, on the same volume, which is removed in the end."""
    folder = Path(settings.BITEWING_DATA_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".copy-", dir=folder)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        for path in folder.glob(f"{Path(name).name}*"):
            path.unlink(missing_ok=True)


def _sqlite_path() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _load_sqlite(blocks: Iterable[bytes], *, is_confirmed: bool) -> list[str]:
    place, told = _sqlite_path(), []
    if place.exists() and not is_confirmed:
        raise DataFolderInUseError()
    with _scratch_file() as copy:
        with copy.open("wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
        _require_intact(copy)
        if place.exists():
            kept = place.with_name(f"{place.name}.before-restore-{now():%Y%m%d%H%M%S%f}")
            for suffix in ("-wal", "-shm", ""):
                with_suffix = place.with_name(place.name + suffix)
                if with_suffix.exists():
                    with_suffix.rename(kept.with_name(kept.name + suffix))
            told.append(f"the former database was kept as {kept.name}")
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.rename(place)
    return told


def _require_intact(copy: Path) -> None:
    try:
        with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError:
        verdict = "no database"
    if verdict != "ok":
        raise BackupDamagedError("The database of the backup is not intact.")


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@contextmanager
def _pg_dump() -> Iterator[Iterable[bytes]]:
    """Dump as the role that sees the rows of all tenants."""
    command = [_program("pg_dump"), "--format=custom", "--no-owner", "--compress=1"]
    alias = "platform" if "platform" in settings.DATABASES else "default"
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment(alias)) as running:  # noqa: S603  fixed words
        assert running.stdout is not None
        yield iter(lambda: running.stdout.read(_BLOCK), b"")  # type: ignore[union-attr]  # as just asserted
        if running.wait() != 0:
            raise UnavailableError("pg_dump did not succeed.")


def _load_postgres(blocks: Iterable[bytes]) -> list[str]:
    """Restore as the owner of the schema, into an empty database."""
    alias = "owner" if "owner" in settings.DATABASES else "default"
    if connections[alias].introspection.table_names():
        raise ConflictError("The database is not empty: make a new one, and let the addresses of the database name it.")
    connections.close_all()
    database = str(settings.DATABASES[alias]["NAME"])
    command = [_program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={database}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment(alias)) as running:  # noqa: S603  fixed words
        assert running.stdin is not None
        running.stdin.writelines(blocks)
        running.stdin.close()
        if running.wait() != 0:
            raise BackupDamagedError("pg_restore did not succeed.")
    return []


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
