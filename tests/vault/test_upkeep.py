"""Orphans are swept, nothing else is; a store that cannot be used is told."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine

from accounts.models import Tenant
from common.clock import now
from common.errors import ConflictError, UnavailableError
from common.scope import tenant_scope
from tests.vault.builders import make_key, stage
from vault import selectors, services, storage
from vault.errors import KeyringError
from vault.models import Blob
from vault.services import upkeep
from vault.storage.file import FileStorage
from vault.writer import StagedObject

LONG_AGO = dt.timedelta(days=2)


def age(vault_folder: Path, staged: StagedObject) -> None:
    path = vault_folder / "objects" / staged.object_key
    old = path.stat().st_mtime - LONG_AGO.total_seconds()
    os.utime(path, (old, old))


def orphan(tenant: Tenant) -> StagedObject:
    return stage(storage.current(), make_key(tenant_id=tenant.id), b"content")


def stored(tenant: Tenant, name: str) -> StagedObject:
    key = services.key_for(tenant_id=tenant.id, name=name)
    staged = stage(storage.current(), key, b"content")
    services.commit(keys=[key], staged=[staged])
    return staged


def sweep_after(minutes: int) -> services.SweepReport:
    with time_machine.travel(now() + dt.timedelta(minutes=minutes)):
        return services.sweep()


def test_an_orphan_goes_when_two_sweeps_an_hour_apart_have_seen_it(tenant: Tenant, vault_folder: Path) -> None:
    staged = orphan(tenant)
    age(vault_folder, staged)

    first, soon, later = sweep_after(0), sweep_after(59), sweep_after(61)

    assert [(report.suspects, report.removed) for report in (first, soon, later)] == [(1, 0), (1, 0), (0, 1)]
    assert storage.current().size(staged.object_key) is None


def test_objects_of_every_tenant_stay(tenant: Tenant, other_tenant: Tenant, vault_folder: Path) -> None:
    kept = [stored(tenant, "1.1"), stored(other_tenant, "1.2")]
    age(vault_folder, kept[0])
    age(vault_folder, kept[1])

    reports = [sweep_after(0), sweep_after(120)]

    assert [(report.seen, report.suspects, report.removed) for report in reports] == [(2, 0, 0)] * 2
    assert selectors.check_objects(other_tenant.id, full=True).is_clean


def test_a_store_whose_rows_are_elsewhere_is_left_alone(
    tenant: Tenant, vault_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new and empty database beside a full store: every image in it would look like an orphan."""
    monkeypatch.setattr(upkeep, "_FEW", 1)
    strangers = [orphan(tenant), orphan(tenant)]
    age(vault_folder, strangers[0])
    age(vault_folder, strangers[1])
    sweep_after(0)

    with pytest.raises(ConflictError, match="not its database"):
        sweep_after(120)
    assert len(list(storage.current().entries())) == 2


def test_a_young_orphan_is_not_looked_at(tenant: Tenant) -> None:
    orphan(tenant)

    assert (sweep_after(0).seen, sweep_after(120).seen) == (0, 0)


def test_an_object_that_got_its_row_between_two_sweeps_stays(tenant: Tenant, vault_folder: Path) -> None:
    key = services.key_for(tenant_id=tenant.id, name="1.2")
    staged = stage(storage.current(), key, b"content")
    age(vault_folder, staged)
    sweep_after(0)
    services.commit(keys=[key], staged=[staged])

    report = sweep_after(120)

    assert (report.suspects, report.removed) == (0, 0)
    assert selectors.open_object(tenant_id=tenant.id, blob_id=staged.id).read(0, 9) == b"content"


def test_a_removal_that_a_kill_interrupted_is_finished(tenant: Tenant) -> None:
    doomed, kept = stored(tenant, "1.1"), stored(tenant, "1.2")
    with tenant_scope(tenant.id):
        Blob.objects.filter(id=doomed.id).update(state=Blob.State.DELETING)

    sweep_after(0)

    assert [entry.key for entry in storage.current().entries()] == [kept.object_key]
    with tenant_scope(tenant.id):
        assert Blob.objects.get(id=doomed.id).state == Blob.State.GONE


def test_small_files_that_were_never_finished_go_at_once(tenant: Tenant, vault_folder: Path) -> None:
    storage.current().put("manifest", b"kept", is_replacing=False)
    (vault_folder / "objects" / "tmp" / "begun").write_bytes(b"left by a process that died")

    assert sweep_after(0).unfinished == 0
    assert sweep_after(25 * 60).unfinished == 1


def test_a_process_killed_between_sync_and_commit_leaves_only_what_the_sweep_takes(
    tenant: Tenant, vault_folder: Path
) -> None:
    script = (
        "import os, signal; from pathlib import Path; from vault.storage.file import FileStorage\n"
        "from tests.vault.builders import make_key, stage\n"
        f"stage(FileStorage(Path({str(vault_folder / 'objects')!r})), make_key(), b'content')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    (entry,) = storage.current().entries()
    old = entry.modified_at - LONG_AGO
    os.utime(vault_folder / "objects" / entry.key, (old.timestamp(), old.timestamp()))

    removed = [sweep_after(0).removed, sweep_after(61).removed]

    assert (ended.returncode, removed) == (-9, [0, 1])
    assert list(storage.current().entries()) == []


def test_a_probe_of_a_sound_vault_is_silent(vault_folder: Path) -> None:
    services.probe()


def test_a_probe_tells_that_the_root_key_cannot_be_used(vault_folder: Path) -> None:
    (vault_folder / "root.key").write_text("short")
    (vault_folder / "root.key").chmod(0o600)

    with pytest.raises(KeyringError, match="64 hexadecimal digits"):
        services.probe()


def test_a_probe_tells_that_the_store_cannot_be_written(vault_folder: Path) -> None:
    (vault_folder / "objects").write_text("a file where the folder should be")

    with pytest.raises(UnavailableError, match=r"Not a directory|File exists"):
        services.probe()


def test_the_store_of_the_settings_is_a_folder(vault_folder: Path) -> None:
    assert isinstance(storage.current(), FileStorage)
