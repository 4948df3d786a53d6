"""When the deployment was last backed up: a small file in the store, so that every process and every database sees it.

The log says only what was done, never where the copy lies.
"""

import datetime as dt
from dataclasses import asdict, dataclass

import orjson

from common.clock import now
from vault import storage

LOG_KEY = "backup/log.json"
TESTS_KEY = "backup/tests.json"
_KEPT = 200


@dataclass(frozen=True, slots=True)
class BackupRun:
    """One backup that was written and verified; `is_encrypted` is None where nobody can tell."""

    at: dt.datetime
    files: int
    is_encrypted: bool | None
    is_elsewhere: bool


@dataclass(frozen=True, slots=True)
class RestoreTest:
    """One restore into scratch: what came of it, and where in the backup store its signed report lies."""

    at: dt.datetime
    report: str
    is_sound: bool
    opened: int
    objects: int


def note(*, files: int, is_encrypted: bool | None, is_elsewhere: bool) -> None:
    """Add a backup that was written and verified just now."""
    made = BackupRun(at=now(), files=files, is_encrypted=is_encrypted, is_elsewhere=is_elsewhere)
    kept = [*list_runs(), made][-_KEPT:]
    storage.current().put(LOG_KEY, orjson.dumps([asdict(run) for run in kept]), is_replacing=True)


def list_runs() -> list[BackupRun]:
    """List the backups that are remembered, oldest first."""
    data = storage.current().get(LOG_KEY)
    rows = orjson.loads(data) if data else []
    return [BackupRun(**{**row, "at": dt.datetime.fromisoformat(row["at"])}) for row in rows]


def last() -> BackupRun | None:
    """Return the newest backup."""
    return next(reversed(list_runs()), None)


def note_test(*, at: dt.datetime, report: str, is_sound: bool, opened: int, objects: int) -> None:
    """Add a restore into scratch."""
    kept = [*list_tests(), RestoreTest(at, report, is_sound, opened, objects)][-_KEPT:]
    storage.current().put(TESTS_KEY, orjson.dumps([asdict(test) for test in kept]), is_replacing=True)


def list_tests() -> list[RestoreTest]:
    """List the restores into scratch that are remembered, oldest first."""
    data = storage.current().get(TESTS_KEY)
    rows = orjson.loads(data) if data else []
    return [RestoreTest(**{**row, "at": dt.datetime.fromisoformat(row["at"])}) for row in rows]
