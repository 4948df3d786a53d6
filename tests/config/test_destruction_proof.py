"""The proof of X-01: of what was destroyed no backup brings anything back, and all the rest comes back to the bit."""

import datetime as dt
import shutil
import threading
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection

from common.actor import system_actor
from common.errors import UnavailableError
from common.scope import tenant_scope, tenant_transaction
from config.backup import creating, restoring, sets
from pacs import services as pacs
from pacs.models import Study
from tests.config.attacking import attack, keys_left, opens, stolen_keys, verdicts
from tests.config.practice import Practice
from tests.factories.studies import make_study
from tests.hostile.crashing import IN_RESTORE
from tests.vault import dying
from tests.vault.stored import doom, store
from vault import escrow, keys_of_studies, recovery, selectors, services, storage
from vault.services import barrier as barriers
from vault.services.removal import copy_address

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True), pytest.mark.req("X-01")]
SMALL = (40_000, 7)


@pytest.mark.parametrize(
    ("studies", "destroyed"), [(30, 3), pytest.param(1000, 10, marks=pytest.mark.soak)], ids=["share", "full"]
)
def test_a_restored_backup_has_everything_but_what_was_destroyed(
    practice: Practice, studies: int, destroyed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = [store(practice.tenant, f"1.2.{number}", sizes=SMALL) for number in range(studies)]
    doomed, kept = stored[:destroyed], stored[destroyed:]
    creating.create()
    (backup,) = sets.list_ids()
    shutil.copytree(practice.folder / "storage", practice.folder / "yesterday")
    in_backup = stolen_keys(backup, practice.folder / "stolen.sqlite3")
    doomed_rows = {study.key_id: in_backup[study.key_id] for study in doomed}
    # The attack works as long as the epoch is there: else that it fails later would prove nothing.
    assert attack(practice, doomed_rows, keys_left(practice)) == set(doomed_rows)

    doom(*doomed)
    services.run_barrier(tenant_id=practice.tenant.id)
    shutil.rmtree(practice.folder / "storage")
    shutil.copytree(practice.folder / "yesterday", practice.folder / "storage")
    told = restoring.restore(set_id=backup, recovery_key=None, is_confirmed=True)

    assert f"{studies - destroyed} keys brought up to date, {destroyed} destroyed ones dropped, 0 that" in told[-1]
    assert [opens(study) for study in doomed] == [False] * destroyed
    assert [opens(study) for study in kept] == [True] * (studies - destroyed)
    found = selectors.list_destructions(tenant_id=practice.tenant.id)
    assert sorted(one.key_id for one in found) == sorted(study.key_id for study in doomed)
    (until,) = {one.irrecoverable_after for one in found}
    assert until is not None
    with time_machine.travel(until + dt.timedelta(seconds=1)):
        services.run_barriers()
        assert attack(practice, doomed_rows, keys_left(practice)) == set()
        assert {one.state for one in selectors.list_destructions(tenant_id=practice.tenant.id)} == {"final"}
    assert verdicts(practice, doomed) == [0] * destroyed
    assert [verdicts(practice, doomed, at=at) for at in (1, 30)] == [[1] * destroyed] * 2


def test_the_restore_of_a_database_that_is_newer_than_the_barrier_changes_nothing(practice: Practice) -> None:
    kept, doomed = store(practice.tenant, "1.1", sizes=SMALL), store(practice.tenant, "1.2", sizes=SMALL)
    doom(doomed)
    services.run_barrier(tenant_id=practice.tenant.id)
    later = store(practice.tenant, "1.3", sizes=SMALL)
    creating.create()

    told = restoring.restore(set_id=None, recovery_key=None, is_confirmed=True)

    assert "0 keys brought up to date, 0 destroyed ones dropped, 0 that nothing opens" in told[-1]
    assert [opens(study) for study in (kept, doomed, later)] == [True, False, True]


def test_a_restored_database_goes_on_to_its_next_barrier(practice: Practice) -> None:
    """Also where the backup is two barriers old, and was made while something was queued."""
    studies = [store(practice.tenant, f"1.{number}", sizes=SMALL) for number in range(4)]
    doom(studies[0])
    creating.create()
    services.run_barrier(tenant_id=practice.tenant.id)
    doom(studies[1])
    services.run_barrier(tenant_id=practice.tenant.id)
    restoring.restore(set_id=None, recovery_key=None, is_confirmed=True)

    doom(studies[2])
    services.run_barriers()

    assert [opens(study) for study in studies] == [False, False, False, True]
    states = {one.key_id: one.state for one in selectors.list_destructions(tenant_id=practice.tenant.id)}
    assert states == {study.key_id: "certified" for study in studies[:3]}


def test_a_destruction_that_a_restore_finds_without_a_certificate_gets_one(practice: Practice) -> None:
    """The keys are newer than the database, and the copy of the certificate was never written."""
    kept, doomed = store(practice.tenant, "1.1", sizes=SMALL), store(practice.tenant, "1.2", sizes=SMALL)
    creating.create()
    doom(doomed)
    services.run_barrier(tenant_id=practice.tenant.id)
    storage.backups().delete([copy_address(practice.tenant.id, doomed.key_id)])
    restoring.restore(set_id=None, recovery_key=None, is_confirmed=True)

    services.run_barriers()

    assert [opens(study) for study in (kept, doomed)] == [True, False]
    assert selectors.get_certificate(tenant_id=practice.tenant.id, key_id=doomed.key_id).signature
    assert keys_of_studies.cached(practice.tenant.id, doomed.key_id) is None


def test_the_rows_of_a_study_whose_certificate_was_never_written_go_as_well(practice: Practice) -> None:
    actor, tenant_id = system_actor(practice.tenant.id), practice.tenant.id
    doomed, kept = make_study(tenant_id, seed="doomed"), make_study(tenant_id, seed="kept")
    creating.create()
    with tenant_transaction(tenant_id):
        pacs.doom_study(actor=actor, study_id=doomed.id, rule="default-10-years", reason="deletion-run:1")
    services.run_barrier(tenant_id=tenant_id)
    storage.backups().delete([copy_address(tenant_id, doomed.key_id)])

    restoring.restore(set_id=None, recovery_key=None, is_confirmed=True)
    services.run_barriers()

    with tenant_scope(tenant_id):
        assert list(Study.objects.values_list("id", flat=True)) == [kept.id]
    assert selectors.get_certificate(tenant_id=tenant_id, key_id=doomed.key_id).study_ref == doomed.id


def test_an_old_escrow_goes_with_the_epoch_that_it_holds(practice: Practice) -> None:
    doomed = store(practice.tenant, "1.2", sizes=SMALL)
    creating.create()
    before = escrow.open_with(practice.recovery_keys[0])
    (old,) = (practice.folder / "backup" / "escrow").glob("0*")
    doom(doomed)

    services.run_barrier(tenant_id=practice.tenant.id)

    after = escrow.open_with(practice.recovery_keys[1])
    assert {epoch for tenant, epoch in before.keys if tenant == practice.tenant.id} == {1}
    assert {epoch for tenant, epoch in after.keys if tenant == practice.tenant.id} == {2}
    assert not old.exists()
    assert recovery.recipients()


def escrows_of(practice: Practice) -> list[str]:
    """Return the addresses of all that the backup store holds of escrows, but for the label."""
    return sorted(f"escrow/{path.name}" for path in (practice.folder / "backup" / "escrow").glob("0*"))


def test_of_two_processes_that_replace_the_escrow_at_once_none_leaves_one_behind(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no label names nobody removes: it would open every epoch that it holds for ever."""
    store(practice.tenant, "1.1", sizes=SMALL)

    def other_process() -> None:
        escrow.refresh(is_forced=True)
        connection.close()

    other = threading.Thread(target=other_process)
    collect: Callable[[Any], Any] = escrow._collect

    def slowly(live: Any) -> Any:
        if not other.ident:
            other.start()
            other.join(0.5)
        return collect(live)

    monkeypatch.setattr(escrow, "_collect", slowly)
    escrow.refresh()
    other.join()

    assert escrows_of(practice) == [escrow._read_label()["current"]]


def test_an_escrow_that_nobody_replaces_any_more_goes_with_the_first_epoch(practice: Practice, settings: Any) -> None:
    """The recipients were taken out of the settings: what was sealed to them would open the epoch for ever."""
    doomed = store(practice.tenant, "1.2", sizes=SMALL)
    creating.create()
    settings.BITEWING_RECOVERY_RECIPIENTS = ""
    assert not escrow.refresh()
    assert escrows_of(practice)

    doom(doomed)
    services.run_barrier(tenant_id=practice.tenant.id)

    assert escrows_of(practice) == []
    (found,) = selectors.list_destructions(tenant_id=practice.tenant.id)
    assert found.unreadable_since is not None
    assert found.irrecoverable_after == found.unreadable_since + escrow.KEPT


def test_an_epoch_that_the_restored_database_never_knew_ends_as_well(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deployment was lost between the manifest of a barrier and the end of its epoch, two barriers after."""

    def lost(_: Any) -> None:
        raise UnavailableError

    studies = [store(practice.tenant, f"1.{number}", sizes=SMALL) for number in range(3)]
    creating.create()
    doom(studies[0])
    services.run_barrier(tenant_id=practice.tenant.id)
    doom(studies[1])
    with monkeypatch.context() as patch:
        patch.setattr(barriers, "_destroy_epochs", lost)
        with pytest.raises(UnavailableError):
            services.run_barrier(tenant_id=practice.tenant.id)
    restoring.restore(set_id=None, recovery_key=None, is_confirmed=True)

    services.run_barriers()

    keyring = practice.folder / "keyring" / str(practice.tenant.id)
    assert [path.name for path in keyring.iterdir()] == ["3.kek"]
    assert [opens(study) for study in studies] == [False, False, True]


def restore_across(practice: Practice, mark: str, backup: UUID) -> bool:
    """Restore in a process that dies at a mark, then once more in one that nothing happens to."""
    recovery_key = practice.folder / "recovery.key"
    recovery_key.write_text(practice.recovery_keys[0].text)
    work = partial(restoring.restore, set_id=backup, recovery_key=recovery_key, is_confirmed=True)
    died = dying.dies_at(mark, work)
    return died and dying.does(work)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("rounds", [len(IN_RESTORE), pytest.param(200, marks=pytest.mark.soak)])
def test_a_restore_that_is_killed_anywhere_is_done_again(practice: Practice, rounds: int) -> None:
    kept, doomed = store(practice.tenant, "1.1", sizes=SMALL), store(practice.tenant, "1.2", sizes=SMALL)
    creating.create()
    (backup,) = sets.list_ids()
    doom(doomed)
    services.run_barrier(tenant_id=practice.tenant.id)

    done = [
        (restore_across(practice, mark, backup), opens(kept), opens(doomed))
        for mark in islice(cycle(IN_RESTORE), rounds)
    ]

    assert done == [(True, True, False)] * rounds
