"""The end of an epoch: what was queued is noise, everything else opens as before."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from accounts.models import Tenant
from common.errors import NotFoundError, UnavailableError
from common.scope import ScopeError, tenant_scope
from tests.vault.stored import Stored, doom, state_of, store
from vault import exclusive, keyring, keys_of_studies, manifest, selectors, services, storage, watch
from vault.errors import BarrierRefusedError, DestructionBegunError, KeyDestroyedError
from vault.models import Barrier, Blob, StudyKey, TenantKek
from vault.services import barrier as barriers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("X-01")]


@pytest.fixture
def tenant(transactional_db: None, vault_folder: Path) -> Tenant:
    return Tenant.objects.create(slug="centre-a", name="Centre A")


def barrier_of(tenant: Tenant) -> Barrier:
    with tenant_scope(tenant.id):
        found: Barrier = Barrier.objects.get()
    return found


def test_after_a_barrier_the_doomed_study_is_gone_and_the_others_open(tenant: Tenant, vault_folder: Path) -> None:
    kept, doomed = store(tenant, "1.1"), store(tenant, "1.2")
    doom(doomed)

    assert services.run_barrier(tenant_id=tenant.id)

    assert kept.read() == kept.contents
    with pytest.raises(NotFoundError):
        doomed.read()
    with pytest.raises(KeyDestroyedError):
        services.key_of(tenant_id=tenant.id, key_id=doomed.key_id)
    assert sorted(entry.key for entry in storage.current().entries()) == sorted(kept.addresses)
    assert state_of(doomed) == "final"
    assert sorted(path.name for path in vault_folder.glob(f"keyring/{tenant.id}/*")) == ["2.kek"]


def test_without_anything_queued_there_is_no_barrier(tenant: Tenant) -> None:
    store(tenant, "1.1")

    assert not services.run_barrier(tenant_id=tenant.id)
    with tenant_scope(tenant.id):
        assert TenantKek.objects.get().epoch == 1


def test_the_key_of_the_former_epoch_opens_a_row_of_an_old_backup_no_more(tenant: Tenant) -> None:
    """The row is as it was, the object too; only the epoch is gone."""
    doomed = store(tenant, "1.2")
    with tenant_scope(tenant.id):
        row = StudyKey.objects.values("epoch", "wrapped").get(id=doomed.key_id)
    doom(doomed)
    services.run_barrier(tenant_id=tenant.id)

    with tenant_scope(tenant.id):
        StudyKey.objects.filter(id=doomed.key_id).update(**row, shredded_at=None)

    with pytest.raises(KeyDestroyedError):
        services.key_of(tenant_id=tenant.id, key_id=doomed.key_id)


def test_a_withdrawn_key_survives_the_barrier(tenant: Tenant) -> None:
    from common.actor import system_actor

    held, doomed = store(tenant, "1.1"), store(tenant, "1.2")
    doom(held, doomed)
    services.withdraw_destruction(actor=system_actor(tenant.id), key_ids=[held.key_id])

    services.run_barrier(tenant_id=tenant.id)

    assert held.read() == held.contents
    with pytest.raises(DestructionBegunError):
        services.withdraw_destruction(actor=system_actor(tenant.id), key_ids=[doomed.key_id])


def test_the_rows_of_destroyed_objects_keep_no_fingerprint(tenant: Tenant) -> None:
    doomed = store(tenant, "1.2")
    doom(doomed)

    services.run_barrier(tenant_id=tenant.id)

    with tenant_scope(tenant.id):
        rows = list(Blob.objects.values_list("state", "sha256", "head"))
    assert [(state, bytes(digest), bytes(head)) for state, digest, head in rows] == [("gone", b"", b"")] * 2


def test_the_manifest_has_the_survivors_and_the_tombstones(tenant: Tenant) -> None:
    kept, doomed = store(tenant, "1.1"), store(tenant, "1.2")
    doom(doomed)

    services.run_barrier(tenant_id=tenant.id)

    found = manifest.read(tenant.id)
    assert found is not None
    assert (found.epoch, list(found.keys), list(found.tombstones)) == (2, [kept.key_id], [doomed.key_id])


def test_other_processes_are_told_to_forget(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that another process holds in memory opens what lies sealed in rows, without a look at the key's row."""
    monkeypatch.setattr(watch, "LOOK_S", 0)
    doomed = store(tenant, "1.2")
    key = services.key_of(tenant_id=tenant.id, key_id=doomed.key_id).key
    doom(doomed)
    services.run_barrier(tenant_id=tenant.id)
    watch.look()
    keys_of_studies.keep(tenant.id, doomed.key_id, key)

    keyring.current().announce()
    watch.look()

    assert keys_of_studies.cached(tenant.id, doomed.key_id) is None


def test_a_row_that_was_read_before_the_barrier_still_opens(tenant: Tenant) -> None:
    kept, doomed = store(tenant, "1.1"), store(tenant, "1.2")
    blob_id = next(iter(kept.contents))
    before = selectors.get_blob_ref(tenant_id=tenant.id, blob_id=blob_id)
    doom(doomed)
    services.run_barrier(tenant_id=tenant.id)

    assert selectors.open_blob(before).read(0, 100_000) == kept.contents[blob_id]


def test_a_key_whose_row_still_names_the_epoch_stops_the_barrier(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, doomed = store(tenant, "1.1"), store(tenant, "1.2")
    doom(doomed)
    monkeypatch.setattr(barriers, "put_wrapped", lambda _tenant, _epoch, rows: len(rows))

    with pytest.raises(BarrierRefusedError):
        services.run_barrier(tenant_id=tenant.id)

    assert kept.read() == kept.contents
    assert keyring.current().has_epoch(tenant.id, 1)


def test_a_key_that_vanishes_while_it_is_wrapped_anew_takes_everything_back(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, doomed = store(tenant, "1.1"), store(tenant, "1.2")
    doom(doomed)
    monkeypatch.setattr(barriers, "put_wrapped", lambda *_: 0)

    with pytest.raises(BarrierRefusedError, match="vanished"):
        services.run_barrier(tenant_id=tenant.id)

    assert (kept.read(), doomed.read()) == (kept.contents, doomed.contents)
    assert state_of(doomed) == "shred_queued"


def test_a_store_that_keeps_an_old_version_leaves_the_certificate_open(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = store(tenant, "1.2")
    doom(doomed)
    monkeypatch.setattr(type(storage.current()), "remaining", lambda _self, keys: [key for key in keys if "o/" in key])

    with pytest.raises(UnavailableError, match="keeps what it was told"):
        services.run_barrier(tenant_id=tenant.id)
    assert state_of(doomed) == "barrier_done"

    monkeypatch.undo()
    services.run_barrier(tenant_id=tenant.id)
    assert state_of(doomed) == "final"


def test_a_backup_store_that_is_away_keeps_the_epoch(tenant: Tenant, vault_folder: Path) -> None:
    """Without the manifest an older backup would lose everything, not only what is destroyed."""
    kept, doomed = store(tenant, "1.1"), store(tenant, "1.2")
    doom(doomed)
    (vault_folder / "backups").write_text("a file where the folder should be")

    with pytest.raises(UnavailableError):
        services.run_barrier(tenant_id=tenant.id)
    assert (keyring.current().has_epoch(tenant.id, 1), state_of(doomed)) == (True, "barrier_begun")

    (vault_folder / "backups").unlink()
    services.run_barrier(tenant_id=tenant.id)
    assert (keyring.current().has_epoch(tenant.id, 1), state_of(doomed)) == (False, "final")
    assert kept.read() == kept.contents


def test_an_object_that_was_lost_before_is_named_so(tenant: Tenant) -> None:
    doomed = store(tenant, "1.2")
    storage.current().delete([doomed.addresses[0]])
    doom(doomed)

    services.run_barrier(tenant_id=tenant.id)

    found = json.loads(selectors.get_certificate(tenant_id=tenant.id, key_id=doomed.key_id).body)
    assert [thing["sha256"] == "missing" for thing in found["objects"]] == [True, False]


def test_two_barriers_of_a_tenant_do_not_run_at_once(tenant: Tenant) -> None:
    doomed = store(tenant, "1.2")
    doom(doomed)
    answers: list[bool] = []

    def other_process() -> None:
        answers.append(services.run_barrier(tenant_id=tenant.id))
        connection.close()

    with exclusive.barrier_of(tenant.id) as is_mine:
        thread = threading.Thread(target=other_process)
        thread.start()
        thread.join()

    assert (is_mine, answers, state_of(doomed)) == (True, [False], "shred_queued")


def test_a_barrier_inside_of_a_transaction_is_a_mistake(tenant: Tenant) -> None:
    with tenant_scope(tenant.id), pytest.raises(ScopeError):
        services.run_barrier(tenant_id=tenant.id)


def test_every_tenant_has_its_turn_though_one_is_stuck(
    tenant: Tenant, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Tenant.objects.create(slug="centre-b", name="Centre B")
    stuck, doomed = store(tenant, "1.1"), store(other, "1.1")
    doom(stuck)
    doom(doomed)
    with tenant_scope(tenant.id):
        StudyKey.objects.create(tenant=tenant, name="x", epoch=1, wrapped=b"x" * 60, kcv=b"x" * 8)

    with capture_logs() as told:
        services.run_barriers()

    assert (state_of(stuck), state_of(doomed)) == ("shred_queued", "final")
    assert [line["tenant_id"] for line in told] == [str(tenant.id)]


def test_barriers_follow_each_other(tenant: Tenant) -> None:
    kept, first, second = (store(tenant, name) for name in ("1.1", "1.2", "1.3"))
    for doomed in (first, second):
        doom(doomed)
        services.run_barrier(tenant_id=tenant.id)

    with tenant_scope(tenant.id):
        states = dict(TenantKek.objects.values_list("epoch", "state"))
    assert states == {1: "destroyed", 2: "destroyed", 3: "active"}
    assert kept.read() == kept.contents


def test_the_same_study_may_be_stored_again_after_its_destruction(tenant: Tenant) -> None:
    doomed = store(tenant, "1.2")
    doom(doomed)
    services.run_barrier(tenant_id=tenant.id)

    again = store(tenant, "1.2")

    assert again.key_id != doomed.key_id
    assert again.read() == again.contents


def test_an_upload_under_a_key_that_was_destroyed_meanwhile_is_refused(tenant: Tenant) -> None:
    from tests.vault.builders import stage

    doomed = store(tenant, "1.2")
    writer = services.key_of(tenant_id=tenant.id, key_id=doomed.key_id)
    staged = stage(storage.current(), writer, b"late")
    doom(doomed)
    services.run_barrier(tenant_id=tenant.id)

    with pytest.raises((KeyDestroyedError, Exception)) as refused:
        services.commit(keys=[writer], staged=[staged])
    assert refused.value.code in {"key-destroyed", "conflict"}  # type: ignore[attr-defined]  # either is a DomainError


@pytest.mark.embedded
def test_the_log_of_sqlite_is_emptied(tenant: Tenant) -> None:
    doomed = store(tenant, "1.2")
    doom(doomed)

    services.run_barrier(tenant_id=tenant.id)

    log = Path(f"{connection.settings_dict['NAME']}-wal")
    assert not log.exists() or log.stat().st_size == 0


def test_an_urgent_destruction_does_not_wait_for_the_hour(tenant: Tenant) -> None:
    from common.actor import system_actor
    from outbox import services as outbox

    doomed = store(tenant, "1.2")
    keys = [services.DoomedKey(doomed.key_id, doomed.study_ref, "request", "request:1")]
    services.queue_destruction(actor=system_actor(tenant.id), keys=keys, is_urgent=True)

    outbox.drain([tenant.id])

    assert state_of(doomed) == "final"


def test_the_dates_of_a_destruction_are_told(tenant: Tenant, settings: Any) -> None:
    settings.BITEWING_BACKUP_KEEP_DAYS = 10
    doomed: Stored = store(tenant, "1.2")
    doom(doomed)

    services.run_barrier(tenant_id=tenant.id)

    (found,) = selectors.list_destructions(tenant_id=tenant.id)
    assert found.unreadable_since is not None
    assert found.backups_expire_at is not None
    assert (found.backups_expire_at - found.unreadable_since).days == 11
    # There are no recovery recipients, hence no escrow that could hold the epoch for longer.
    assert found.irrecoverable_after == found.unreadable_since
