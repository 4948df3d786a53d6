"""`backup verify`: a backup restored into a scratch place, looked at from all sides, and a signed report of it.

The scratch deployment is a process of its own with a database of its own. Its store of objects is the backup store,
where the objects lie under the same addresses; its keyring is the living one: the newest keys with the older database,
as in a restore.
"""

import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.conf import settings
from django.db import connections

from common.clock import now
from common.errors import UnavailableError
from config.backup import database, sets
from config.backup.errors import BackupDamagedError
from config.env import ROOT, child_environment, load
from vault import backup_log, certificate, storage

KIND = "bitewing-restore-test/v1"
REPORT = "reports/{at:%Y%m%dT%H%M%SZ}.json"
SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was seen in the scratch deployment.

    Parameters
    ----------
    opened
        Studies of which every object was opened and compared with its digest.
    refused
        Those of the sample that did not open, or not as they were stored.
    """

    tenants: int
    objects: int
    missing: int
    damaged: int
    studies: int
    opened: int
    refused: int
    lost_keys: int
    dropped_keys: int
    audit_logs: int
    audit_failures: int

    @property
    def is_sound(self) -> bool:
        """Say whether the backup would bring everything back."""
        return not (self.missing or self.damaged or self.refused or self.lost_keys or self.audit_failures)


def verify(*, set_id: UUID | None, sample: int = SAMPLE) -> list[str]:
    """Restore a backup into scratch, the newest where none is named, and leave a signed report.

    Raises
    ------
    BackupDamagedError
        If it would not bring everything back; the report says what lacks.
    """
    made = sets.read(set_id)
    with _scratch() as environment:
        _manage(environment, "backup", "load-scratch", str(made.id))
        seen = Inspected(**json.loads(_manage(environment, "backup", "inspect", "--sample", str(sample))))
    _report(made.id, seen)
    told = (
        f"{seen.objects} objects, {seen.opened} of {seen.studies} studies opened, {seen.audit_logs} audit logs verified"
    )
    if not seen.is_sound:
        raise BackupDamagedError(
            "missing {missing}, damaged {damaged}, not opened {refused}, keys lost {lost_keys}, logs broken {logs}",
            **{**asdict(seen), "logs": seen.audit_failures},
        )
    return [f"backup {made.id} of {made.created_at:%Y-%m-%d %H:%M} UTC restores: {told}"]


def _report(set_id: UUID, seen: Inspected) -> None:
    """Leave the dated, signed report beside the backups, and what the risk analysis reads of it in the store."""
    at = now()
    document = {"type": KIND, "at": certificate.instant(at), "backup": str(set_id), **asdict(seen)}
    document["sound"] = seen.is_sound
    address = REPORT.format(at=at)
    storage.backups().put(address, sets.signed(document), is_replacing=True)
    backup_log.note_test(at=at, report=address, is_sound=seen.is_sound, opened=seen.opened, objects=seen.objects)


@contextmanager
def _scratch() -> Iterator[dict[str, str]]:
    """Yield the variables of a deployment that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=settings.BITEWING_DATA_DIR) as folder:
        shared = {
            "BITEWING_DATA_DIR": folder,
            "BITEWING_STORAGE_URL": settings.BITEWING_BACKUP_URL,
            "BITEWING_BACKUP_URL": settings.BITEWING_BACKUP_URL,
            "BITEWING_KEYRING_URL": settings.BITEWING_KEYRING_URL,
            "BITEWING_ROOT_KEY_URL": settings.BITEWING_ROOT_KEY_URL,
            "BITEWING_BASE_URL": settings.BITEWING_BASE_URL,
            "BITEWING_SECRET_KEY": settings.SECRET_KEY,
            "BITEWING_REDIS_URL": "",
        }
        if database.engine() == "sqlite":
            yield shared | {
                "BITEWING_DATABASE_URL": f"sqlite://{folder}/scratch.sqlite3",
                "BITEWING_DATABASE_OWNER_URL": "",
                "BITEWING_DATABASE_PLATFORM_URL": "",
            }
        else:
            with _scratch_database() as addresses:
                yield shared | addresses


@contextmanager
def _scratch_database() -> Iterator[dict[str, str]]:
    """Make a database on the same server; takes the right CREATEDB for the owner of the schema."""
    name = f"bitewing_scratch_{secrets.token_hex(8)}"
    env = load()
    urls = {
        "BITEWING_DATABASE_URL": env.database_url,
        "BITEWING_DATABASE_OWNER_URL": env.database_owner_url,
        "BITEWING_DATABASE_PLATFORM_URL": env.database_platform_url,
    }
    owner = connections["owner" if "owner" in settings.DATABASES else "default"]
    with owner.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield {key: _renamed(url, name) for key, url in urls.items() if url}
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _manage(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(  # noqa: S603  our own program
        command, env=child_environment(environment), capture_output=True, text=True, check=False, cwd=Path("/")
    )
    if done.returncode != 0:
        raise UnavailableError("The scratch deployment failed: {reason}", reason=done.stderr.strip()[-300:])
    return done.stdout
