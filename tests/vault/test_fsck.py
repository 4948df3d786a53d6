"""The store against the database: what lacks, what is damaged and what nobody knows is found, and nothing else."""

import datetime as dt
import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Tenant
from common.scope import tenant_scope
from tests.vault.builders import make_key, stage
from tests.vault.stored import doom, stick, store
from vault import fsck, keyring, keys_of_studies, services, storage
from vault.models import Blob, TenantKek
from vault.writer import StagedObject


def stored(tenant: Tenant, name: str = "1.1") -> StagedObject:
    key = services.key_for(tenant_id=tenant.id, name=name)
    staged = stage(storage.current(), key, b"content")
    services.commit(keys=[key], staged=[staged])
    return staged


def orphan(tenant: Tenant) -> StagedObject:
    return stage(storage.current(), make_key(tenant_id=tenant.id), b"content")


def path_of(folder: Path, staged: StagedObject) -> Path:
    return folder / "objects" / staged.object_key


def check(*, full: bool = False, hours: float = 0) -> fsck.Findings:
    return fsck.check(full=full, orphans_after=dt.timedelta(hours=hours))


def test_a_store_that_holds_what_the_database_knows_is_clean(tenant: Tenant, other_tenant: Tenant) -> None:
    stored(tenant)
    stored(other_tenant, "1.2")

    found = check(full=True)

    assert (found.tenants, found.rows, found.objects, found.is_clean) == (2, 2, 2, True)


def test_a_missing_object_is_found(tenant: Tenant, other_tenant: Tenant, vault_folder: Path) -> None:
    lost = stored(tenant)
    stored(other_tenant, "1.2")
    path_of(vault_folder, lost).unlink()

    found = check()

    assert (found.missing, found.damaged, found.is_clean) == ([lost.id], [], False)


@pytest.mark.parametrize("full", [False, True])
def test_an_object_of_another_size_is_found_once(tenant: Tenant, vault_folder: Path, full: bool) -> None:
    cut = stored(tenant)
    os.truncate(path_of(vault_folder, cut), cut.cipher_size - 1)

    found = check(full=full)

    assert (found.missing, found.damaged, found.is_clean) == ([], [cut.id], False)


def test_a_changed_byte_is_found_by_a_full_check(tenant: Tenant, vault_folder: Path) -> None:
    changed = stored(tenant)
    with path_of(vault_folder, changed).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))

    assert check().is_clean
    assert check(full=True).damaged == [changed.id]


def test_an_object_without_a_row_is_an_orphan_when_it_is_old_enough(tenant: Tenant) -> None:
    stray = orphan(tenant)

    young, old = check(hours=24), check()

    assert (young.orphans, young.under_way, young.is_clean) == ([], 1, True)
    assert (old.orphans, old.under_way, old.is_clean) == ([stray.object_key], 0, False)


def test_what_should_have_been_removed_is_an_orphan(tenant: Tenant) -> None:
    doomed = stored(tenant)
    with tenant_scope(tenant.id):
        Blob.objects.update(state=Blob.State.DELETING)

    found = check()

    assert (found.rows, found.orphans) == (0, [doomed.object_key])


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_its_removal_is_passed_over_and_named(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    study = store(tenant, "1.1", sizes=(10,))
    doom(study)
    stick(monkeypatch, tenant)
    told = io.StringIO()

    call_command("fsck", "--full", stdout=told)

    (blob_id,) = study.contents
    assert f"of a destroyed key, not yet removed: 1\n  {blob_id}\n" in told.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_key_that_lives_in_an_epoch_that_was_destroyed_is_a_loss(tenant: Tenant) -> None:
    study = store(tenant, "1.1", sizes=(10,))
    with tenant_scope(tenant.id):
        TenantKek.objects.update(state=TenantKek.State.DESTROYED)
    keyring.current().destroy_epoch(tenant.id, 1)
    keys_of_studies.forget()

    assert check(full=True).damaged == list(study.contents)


def test_the_command_prints_json_and_ends_with_two_when_something_lacks(tenant: Tenant, vault_folder: Path) -> None:
    lost = stored(tenant)
    clean, unclean = io.StringIO(), io.StringIO()
    call_command("fsck", "--json", stdout=clean)
    path_of(vault_folder, lost).unlink()

    with pytest.raises(SystemExit, match="2"):
        call_command("fsck", "--json", stdout=unclean)

    assert json.loads(clean.getvalue())["missing"] == []
    assert json.loads(unclean.getvalue())["missing"] == [str(lost.id)]


def test_the_command_tells_people_what_lacks(tenant: Tenant, vault_folder: Path) -> None:
    lost = stored(tenant)
    path_of(vault_folder, lost).unlink()
    told = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("fsck", stdout=told)

    assert f"missing: 1\n  {lost.id}\n" in told.getvalue()
