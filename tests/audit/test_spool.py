"""The log of an emergency while the database refuses it: spooled, drained in order, once; or nothing is shown."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

from audit import producer, selectors, services, spool
from audit.errors import NotWrittenError
from audit.models import AuditEvent
from audit.selectors import Entry
from audit.services import draining, recording
from common import inserting
from common.actor import Actor
from common.ids import uuid7
from common.scope import tenant_scope
from tests.factories.cast import make_actor, make_tenant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("X-16")]

Switch = Callable[[bool], None]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.BITEWING_DATA_DIR = tmp_path
    return tmp_path / "audit-spool"


@pytest.fixture
def rescuer() -> Actor:
    """Somebody who broke the glass."""
    return replace(make_actor(make_tenant(), "assistant"), emergency_id=uuid7())


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Switch:
    """A database that refuses entries of the log while it is told to, and nothing else."""
    told = [False]

    def insert(rows: Sequence[Any], *, ignore_conflicts: bool = False) -> int:
        if told[-1]:
            with connection.cursor() as cursor:
                # A real refusal: it spoils the transaction of PostgreSQL.
                cursor.execute("INSERT INTO a_table_that_is_not_there VALUES (1)")
        return inserting.insert(rows, ignore_conflicts=ignore_conflicts)

    monkeypatch.setattr(recording, "insert", insert)
    monkeypatch.setattr(draining, "insert", insert)
    return told.append


def entries(actor: Actor) -> list[Entry]:
    """All of the log since the people came, oldest first."""
    with tenant_scope(actor.tenant_id):
        found = selectors.list_events(selectors.Filter())[::-1]
    return [one for one in found if one.action.startswith(("study.", "log."))]


def waiting(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.events"))


# --- going on ---------------------------------------------------------------------------------------------------------


def test_who_broke_the_glass_goes_on_and_the_log_has_it_later(rescuer: Actor, refuse: Switch, folder: Path) -> None:
    refuse(True)
    with tenant_scope(rescuer.tenant_id):
        session = services.open_access(actor=rescuer, study_id=uuid7(), purpose="view")
        # The transaction of the reader is as good as before.
        assert not AuditEvent.objects.filter(action="study.opened").exists()
    session.count(recording.FLUSH_FRAMES)
    refuse(False)

    assert services.drain_spool() == 2
    found = entries(rescuer)
    assert [one.action for one in found] == [
        "study.opened",
        "study.frames-read",
        "log.spool-drained",
        "log.spool-drained",
    ]
    assert [one.detail.get("emergency") for one in found[:2]] == [str(rescuer.emergency_id)] * 2
    assert [one.detail["events"] for one in found[2:]] == [[str(one.id)] for one in found[:2]]
    assert list(folder.iterdir()) == []


def test_without_an_emergency_what_cannot_be_logged_is_not_shown(rescuer: Actor, refuse: Switch, folder: Path) -> None:
    refuse(True)
    with pytest.raises(DatabaseError):
        services.open_access(actor=replace(rescuer, emergency_id=None), study_id=uuid7(), purpose="view")
    assert not folder.exists()


def test_an_emergency_uses_the_log_itself_while_it_can(rescuer: Actor, folder: Path) -> None:
    services.open_access(actor=rescuer, study_id=uuid7(), purpose="view")
    assert [one.action for one in entries(rescuer)] == ["study.opened"]
    assert not folder.exists()


# --- failing closed ---------------------------------------------------------------------------------------------------


def test_nothing_is_shown_when_the_spool_cannot_be_written_either(rescuer: Actor, refuse: Switch, folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    refuse(True)
    with pytest.raises(NotWrittenError):
        services.open_access(actor=rescuer, study_id=uuid7(), purpose="view")


@pytest.mark.parametrize(
    ("limit", "value"), [("audit.spool.MAX_FILES", 2), ("audit.spool.free_bytes", lambda _: spool.RESERVE_BYTES - 1)]
)
def test_nothing_is_shown_when_the_spool_is_full(
    rescuer: Actor, refuse: Switch, folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: Any
) -> None:
    refuse(True)
    for _ in range(2):
        services.record(actor=rescuer, action="study.exported")
    monkeypatch.setattr(limit, value)
    with pytest.raises(NotWrittenError):
        services.record(actor=rescuer, action="study.exported")
    assert len(waiting(folder)) == 2


def test_a_disk_that_fails_leaves_no_half_file(
    rescuer: Actor, refuse: Switch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError("the disk is gone")

    refuse(True)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(NotWrittenError):
        services.record(actor=rescuer, action="study.exported")
    assert list(folder.iterdir()) == []


# --- in the file ------------------------------------------------------------------------------------------------------


def test_a_file_is_durable_before_it_has_its_name_and_says_nothing(
    rescuer: Actor, refuse: Switch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        fsync(descriptor)
        seen.append([path.suffix for path in folder.iterdir()])

    monkeypatch.setattr(os, "fsync", watch)
    refuse(True)
    services.record(actor=rescuer, action="study.exported", study_id=(study_id := uuid7()))

    (path,) = waiting(folder)
    assert seen == [[".part"], [".events"]]
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    assert not [word for word in (str(study_id), str(rescuer.id), "study.exported") if word.encode() in content]


def test_a_file_is_opened_after_the_secret_was_replaced(rescuer: Actor, refuse: Switch, settings: Any) -> None:
    refuse(True)
    services.record(actor=rescuer, action="study.exported")
    refuse(False)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new one", [settings.SECRET_KEY]
    assert services.drain_spool() == 1


def test_a_damaged_file_is_set_aside_and_the_others_come(rescuer: Actor, refuse: Switch, folder: Path) -> None:
    refuse(True)
    for _ in range(2):
        services.record(actor=rescuer, action="study.exported")
    first, _ = waiting(folder)
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)
    refuse(False)

    assert services.drain_spool() == 1
    assert [path.suffix for path in folder.iterdir()] == [".damaged"]


# --- draining ---------------------------------------------------------------------------------------------------------


def test_while_the_database_refuses_all_of_it_waits_in_order(rescuer: Actor, refuse: Switch, folder: Path) -> None:
    refuse(True)
    ids = [services.record(actor=rescuer, action="study.exported") for _ in range(3)]
    with pytest.raises(DatabaseError):
        services.drain_spool()
    assert len(waiting(folder)) == 3
    refuse(False)

    assert services.drain_spool() == 3
    services.sequence(tenant_id=rescuer.tenant_id)
    assert [one.id for one in entries(rescuer) if one.action == "study.exported"] == ids
    verdict = services.verify_log(tenant_id=rescuer.tenant_id)
    assert (verdict.holds, verdict.gaps) == (True, 0)


def test_a_process_that_dies_after_its_transaction_writes_nothing_twice(
    rescuer: Actor, refuse: Switch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(True)
    services.record(actor=rescuer, action="study.exported")
    refuse(False)
    with monkeypatch.context() as dying:
        dying.setattr(spool.Spool, "remove", lambda _self, _path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            services.drain_spool()
    assert len(waiting(folder)) == 1

    assert services.drain_spool() == 0
    assert [one.action for one in entries(rescuer)] == ["study.exported", "log.spool-drained"]
    assert waiting(folder) == []


def test_a_file_that_another_process_took_meanwhile_is_passed_over(
    rescuer: Actor, refuse: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(True)
    services.record(actor=rescuer, action="study.exported")
    refuse(False)
    listed = spool.of_this_machine().waiting()
    assert services.drain_spool() == 1
    monkeypatch.setattr(spool.Spool, "waiting", lambda _self: listed)
    assert services.drain_spool() == 0


def test_a_number_in_the_spool_is_not_declared_void(rescuer: Actor, refuse: Switch) -> None:
    refuse(True)
    services.record(actor=rescuer, action="study.exported")
    assert producer.this().give_up(after_s=0.0).get(rescuer.tenant_id) is None
