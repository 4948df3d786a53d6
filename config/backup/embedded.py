"""Backup of the embedded deployment (SQLite and files): a folder with a manifest of hashes.

The database is copied first: an object that arrives meanwhile is a sweepable orphan in the copy, while a row without
its object would be a loss.
"""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connections

from common import disks
from common.clock import now
from common.errors import ConflictError, InvalidInputError
from vault import backup_log

WARNING = (
    "KEEP THIS BACKUP SAFE AND APART: it holds the keyring and the root key. Whoever has it can read every image; "
    "without a copy of both, every image is lost for ever."
)
_PARTS = ("objects", "keyring")
_MANIFEST = "manifest.json"


class NotEmbeddedError(InvalidInputError):
    code = "backup-not-embedded"
    title = "This command backs up SQLite with file storage; use your database's own tools for the rest."


class BackupDamagedError(ConflictError):
    code = "backup-damaged"
    title = "The backup is damaged or incomplete."


class DataFolderInUseError(ConflictError):
    code = "data-folder-in-use"
    title = "The data folder is not empty. Stop the portal, then restore with --yes to replace it."


def create(folder: Path) -> list[str]:
    """Copy database, keyring, root key and objects into a new folder, then verify the copy."""
    data = _data_dir()
    if folder.exists() and any(folder.iterdir()):
        raise ConflictError("The target folder is not empty.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy_database(data / "bitewing.sqlite3", folder / "bitewing.sqlite3")
    for part in _PARTS:
        if (data / part).is_dir():
            shutil.copytree(data / part, folder / part)
    for name in ("root.key", "secret.key"):
        if (data / name).exists():
            shutil.copy2(data / name, folder / name)
    manifest = {"created_at": now().isoformat(), "files": {name: _hash(folder / name) for name in _names(folder)}}
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1))
    report = verify(folder)
    backup_log.note(
        files=len(manifest["files"]),
        is_encrypted=disks.is_encrypted(folder),
        is_elsewhere=disks.is_other_disk(folder, data),
    )
    return report


def verify(folder: Path) -> list[str]:
    """Check every file against the manifest, and the database's integrity."""
    path = folder / _MANIFEST
    if not path.is_file():
        raise BackupDamagedError("There is no manifest in this folder.")
    manifest = json.loads(path.read_text())
    wanted: dict[str, str] = manifest["files"]
    missing = sorted(set(wanted) - set(_names(folder)))
    if missing:
        raise BackupDamagedError("{n} files are missing.", n=len(missing))
    changed = [name for name, digest in wanted.items() if _hash(folder / name) != digest]
    if changed:
        raise BackupDamagedError("{n} files differ from what was backed up.", n=len(changed))
    with sqlite3.connect(f"file:{folder / 'bitewing.sqlite3'}?mode=ro", uri=True) as database:
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise BackupDamagedError("The database is not intact.")
    return [f"backup of {manifest['created_at']}: {len(wanted)} files, all as recorded; the database is intact"]


def restore(folder: Path, *, is_confirmed: bool) -> list[str]:
    """Put a verified backup in place of the data folder; what was there is kept beside it."""
    report = verify(folder)
    data = _data_dir()
    connections.close_all()
    if data.exists():
        # Every command makes the secret of a session, so that alone is not a deployment.
        if not is_confirmed and any(path.name != "secret.key" for path in data.iterdir()):
            raise DataFolderInUseError()
        kept = data.with_name(f"{data.name}.before-restore-{now():%Y%m%d%H%M%S}")
        data.rename(kept)
        report.append(f"the former data folder was kept as {kept.name}")
    shutil.copytree(folder, data, ignore=shutil.ignore_patterns(_MANIFEST))
    return [*report, "restored"]


def _data_dir() -> Path:
    data = Path(settings.BITEWING_DATA_DIR)
    is_embedded = (
        settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
        and f"file://{data / 'objects'}" == settings.BITEWING_STORAGE_URL
        and f"file://{data / 'keyring'}" == settings.BITEWING_KEYRING_URL
    )
    if not is_embedded:
        raise NotEmbeddedError()
    return data


def _copy_database(source: Path, target: Path) -> None:
    """Copy a live SQLite database consistently (its online backup interface)."""
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != _MANIFEST and not path.name.endswith(("-wal", "-shm")):
            yield str(path.relative_to(folder))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
