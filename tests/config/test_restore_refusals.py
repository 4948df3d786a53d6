"""A backup that is not as it was made is refused before anything is replaced."""

import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from common.errors import DomainError, UnavailableError
from common.ids import uuid7
from config import backup
from config.backup import creating, database, restoring, sets
from config.backup.errors import BackupDamagedError, BackupMissingError, DatabaseExistsError, DatabaseInUseError
from tests.config.practice import Practice
from tests.factories.damage import change_last_byte
from tests.vault.stored import Stored, store
from vault import services, storage
from vault.errors import ObjectTamperedError, RecoveryKeyError
from vault.recovery import RecoveryKey

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True), pytest.mark.req("PA-08")]


@pytest.fixture
def study(practice: Practice) -> Stored:
    """A study that is in a backup, and still there."""
    stored = store(practice.tenant, "1.1", sizes=(5000,))
    creating.create()
    return stored


def restore(**changes: Any) -> list[str]:
    return restoring.restore(**{"set_id": None, "recovery_key": None, "is_confirmed": True, **changes})


def newest() -> sets.BackupSet:
    return sets.read(None)


def refusal(**changes: Any) -> type[DomainError]:
    """Return how a restore is refused."""
    with pytest.raises(DomainError) as refused:
        restore(**changes)
    return refused.type


def test_without_any_backup_there_is_nothing_to_restore(practice: Practice) -> None:
    assert refusal() is BackupMissingError


def test_a_database_that_is_there_is_not_replaced_unasked(study: Stored) -> None:
    assert refusal(is_confirmed=False) is DatabaseExistsError
    assert study.read() == study.contents


def test_while_a_process_has_the_database_open_nothing_is_put_back(practice: Practice, study: Stored) -> None:
    lost = practice.folder / "storage" / study.addresses[0]
    lost.unlink()
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as portal:
        portal.execute("SELECT count(*) FROM sqlite_master").fetchone()
        assert refusal() is DatabaseInUseError
    assert not lost.exists()
    restore()
    assert study.read() == study.contents


def test_what_is_no_database_any_more_is_replaced(study: Stored) -> None:
    connection.close()
    Path(connection.settings_dict["NAME"]).write_bytes(os.urandom(100_000))

    restore()

    assert study.read() == study.contents


def test_a_changed_description_is_refused(practice: Practice, study: Stored) -> None:
    path = practice.folder / "backup" / "sets" / f"{newest().id}.json"
    path.write_text(path.read_text().replace('"objects": 1', '"objects": 2'))

    assert refusal() is BackupDamagedError


@pytest.mark.parametrize("archive", ["database", "inventory"])
def test_a_damaged_archive_is_refused(practice: Practice, study: Stored, archive: str) -> None:
    path = practice.folder / "backup" / getattr(newest(), archive).object_key
    change_last_byte(path)

    assert refusal() is ObjectTamperedError
    assert study.read() == study.contents


def test_another_recovery_key_opens_nothing(practice: Practice, study: Stored, tmp_path: Path) -> None:
    (tmp_path / "other").write_text(RecoveryKey.fresh().text)

    assert refusal(recovery_key=tmp_path / "other") is RecoveryKeyError


def test_objects_that_no_store_has_are_counted(practice: Practice, study: Stored) -> None:
    for folder in ("storage", "backup"):
        (practice.folder / folder / study.addresses[0]).unlink()

    assert "0 objects are there, 1 are in no store" in restore()[1]


def test_backups_expire_and_take_along_what_only_they_had(practice: Practice, study: Stored, settings: Any) -> None:
    settings.BITEWING_BACKUP_KEEP_DAYS = 0
    first: UUID = newest().id
    services.delete_blobs(tenant_id=practice.tenant.id, blob_ids=study.contents)
    _age(practice.folder / "backup")
    with_study = newest().database.object_key

    told = creating.create()

    assert told[1] == "1 older backups expired"
    assert first not in sets.list_ids()
    assert [entry.key for entry in storage.backups().entries() if entry.key in (*study.addresses, with_study)] == []


def test_backups_expire_though_no_new_one_can_be_made(
    practice: Practice, study: Stored, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificates say until when the backups hold names and dates."""
    creating.create()
    _, second = sets.list_ids()
    settings.BITEWING_BACKUP_KEEP_DAYS = 0

    def away() -> Any:
        raise UnavailableError

    monkeypatch.setattr(database, "dumped", away)
    with pytest.raises(UnavailableError):
        creating.create()

    assert sets.list_ids() == [second]


def test_backups_expire_though_nothing_is_left_to_back_up(practice: Practice, study: Stored, settings: Any) -> None:
    creating.create()
    _, second = sets.list_ids()
    settings.BITEWING_BACKUP_KEEP_DAYS = 0
    services.delete_blobs(tenant_id=practice.tenant.id, blob_ids=study.contents)

    backup.make_nightly()

    assert sets.list_ids() == [second]


def test_of_two_backups_that_end_at_once_both_are_listed(study: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (replace(newest(), id=uuid7()) for _ in range(2))
    list_ids = sets.list_ids

    def other_process() -> None:
        sets.write(second)
        connection.close()

    other = threading.Thread(target=other_process)

    def slowly() -> list[UUID]:
        found = list_ids()
        if not other.ident:
            other.start()
            other.join(0.5)
        return found

    monkeypatch.setattr(sets, "list_ids", slowly)
    sets.write(first)
    other.join()

    assert {first.id, second.id} <= set(list_ids())


def test_a_damaged_object_that_no_backup_has_stays_where_it_is(practice: Practice, study: Stored) -> None:
    live, copy = (practice.folder / folder / study.addresses[0] for folder in ("storage", "backup"))
    os.truncate(live, 1000)
    copy.unlink()

    assert "0 objects are there, 1 are in no store" in restore()[1]
    assert live.stat().st_size == 1000


def _age(folder: Path) -> None:
    """Let everything in a folder be two days old."""
    old = time.time() - 2 * 86_400
    for path in folder.rglob("*"):
        os.utime(path, (old, old))
