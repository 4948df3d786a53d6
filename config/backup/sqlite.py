"""A database of SQLite: copied while it is in use, put back in its place."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings

from common.clock import now
from config.backup.errors import BackupDamagedError, DatabaseExistsError, DatabaseInUseError

_BLOCK = 1 << 20


@contextmanager
def copied() -> Iterator[Iterable[bytes]]:
    with _scratch_file() as copy:
        with closing(sqlite3.connect(_path())) as live, closing(sqlite3.connect(copy)) as target:
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


def _path() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def require_replaceable(*, is_confirmed: bool) -> None:
    place = _path()
    if not place.exists():
        return
    if not is_confirmed:
        raise DatabaseExistsError()
    _require_unused(place)


def load(blocks: Iterable[bytes]) -> list[str]:
    place, told = _path(), []
    with _scratch_file() as copy:
        with copy.open("wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
        _require_intact(copy)
        if place.exists():
            _require_unused(place)
            kept = place.with_name(f"{place.name}.before-restore-{now():%Y%m%d%H%M%S%f}")
            for suffix in ("-wal", "-shm", ""):
                with_suffix = place.with_name(place.name + suffix)
                if with_suffix.exists():
                    with_suffix.rename(kept.with_name(kept.name + suffix))
            told.append(f"the former database was kept as {kept.name}")
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.rename(place)
    return told


def _require_unused(place: Path) -> None:
    """Refuse while somebody has the database open: as they leave, they remove the log of the one in its place."""
    with closing(sqlite3.connect(place, timeout=0, isolation_level=None)) as database:
        try:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise DatabaseInUseError() from None
            raise
        except sqlite3.DatabaseError:
            # Nobody uses what is no database any more.
            return


def _require_intact(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as database:
            verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError:
        verdict = "no database"
    if verdict != "ok":
        raise BackupDamagedError("The database of the backup is not intact.")
