"""Objects from the first byte to their removal."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, transaction
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import Tenant
from common.errors import NotFoundError, StorageFullError
from common.ids import uuid7
from common.scope import ScopeError, tenant_scope
from tests.vault.builders import make_content, make_key
from vault import keys_of_studies, selectors, services, storage
from vault.errors import ObjectMissingError, ObjectTamperedError
from vault.keys_of_studies import KeyHandle
from vault.models import Blob
from vault.objects import ObjectKind
from vault.writer import StagedObject

CONTENT = make_content(150_000)


def staged_object(key: KeyHandle, content: bytes = CONTENT) -> StagedObject:
    with services.stage(key=key, kind=ObjectKind.DICOM) as writer:
        writer.write(content)
        return writer.finish()


def stored_object(tenant: Tenant, content: bytes = CONTENT, name: str = "1.2") -> StagedObject:
    key = services.key_for(tenant_id=tenant.id, name=name)
    staged = staged_object(key, content)
    services.sync([staged])
    services.commit(keys=[key], staged=[staged])
    return staged


def test_a_stored_object_reads_back(tenant: Tenant) -> None:
    staged = stored_object(tenant)
    keys_of_studies.forget()

    reader = selectors.open_object(tenant_id=tenant.id, blob_id=staged.id)

    assert (reader.plain_size, reader.read(70_000, 9)) == (150_000, CONTENT[70_000:70_009])
    assert b"".join(reader.stream()) == CONTENT


def test_a_row_says_what_the_object_is(tenant: Tenant) -> None:
    staged = stored_object(tenant)

    with tenant_scope(tenant.id):
        row = Blob.objects.get()
    assert (row.kind, row.backend, row.object_key, row.state) == (1, "file", staged.object_key, "live")
    assert (row.plain_size, row.cipher_size) == (150_000, staged.cipher_size)
    assert (bytes(row.head), bytes(row.sha256)) == (staged.head, staged.sha256)


def test_staging_and_syncing_need_no_database(vault_folder: Path) -> None:
    staged = staged_object(make_key())

    services.sync([staged])

    assert storage.current().size(staged.object_key) == staged.cipher_size


def test_many_objects_are_committed_with_few_queries(
    tenant: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    key = services.key_for(tenant_id=tenant.id, name="1.2")
    staged = [staged_object(key, b"content") for _ in range(60)]
    services.sync(staged)
    services.create_tenant_keyring(tenant.id)

    with tenant_scope(tenant.id), transaction.atomic(), django_assert_max_num_queries(6):
        keys = services.settle_keys(tenant_id=tenant.id, keys=[key])
        services.commit_objects(tenant_id=tenant.id, staged=staged, keys=keys)

    with tenant_scope(tenant.id):
        assert Blob.objects.count() == 60


def test_an_object_whose_key_was_not_settled_is_a_programming_error(tenant: Tenant) -> None:
    staged = staged_object(services.key_for(tenant_id=tenant.id, name="1.2"))

    with pytest.raises(ValueError, match="not among the settled ones"):
        services.commit_objects(tenant_id=tenant.id, staged=[staged], keys={})


def test_a_reference_opens_without_a_query(tenant: Tenant, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    staged = stored_object(tenant)
    with tenant_scope(tenant.id):
        ref = selectors.blob_refs([staged.id])[staged.id]
    keys_of_studies.forget()

    with django_assert_num_queries(0):
        assert selectors.open_blob(ref).read(0, 10) == CONTENT[:10]


@pytest.mark.usefixtures("long_memory")
def test_a_small_value_opens_with_at_most_one_query(
    tenant: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    key = services.commit(keys=[services.key_for(tenant_id=tenant.id, name="1.2")], staged=[])["1.2"]
    sealed = services.seal_small(key=key, label="header", data=b"content")
    place: dict[str, Any] = {"tenant_id": tenant.id, "key_id": key.id, "label": "header", "sealed": sealed}
    keys_of_studies.forget()

    # One SELECT, and on PostgreSQL what opens and closes the scope around it.
    with django_assert_max_num_queries(4):
        assert [selectors.open_small(**place) for _ in range(9)] == [b"content"] * 9


# --- tenants ----------------------------------------------------------------------------------------------------------


def test_an_object_of_another_tenant_is_not_found(tenant: Tenant, other_tenant: Tenant) -> None:
    staged = stored_object(tenant)

    with pytest.raises(NotFoundError):
        selectors.open_object(tenant_id=other_tenant.id, blob_id=staged.id)


def test_a_row_copied_to_another_tenant_does_not_open(tenant: Tenant, other_tenant: Tenant) -> None:
    """Somebody who can write to the database gives tenant B a row of its own for an object and key of tenant A."""
    staged = stored_object(tenant)
    stored_object(other_tenant)
    with tenant_scope(tenant.id):
        ref = selectors.blob_refs([staged.id])[staged.id]
    keys_of_studies.forget()

    forged = selectors.BlobRef(**{name: getattr(ref, name) for name in ref.__slots__} | {"tenant_id": other_tenant.id})

    with pytest.raises(ObjectTamperedError):
        selectors.open_blob(forged)


def test_opening_in_the_scope_of_another_tenant_is_a_programming_error(tenant: Tenant, other_tenant: Tenant) -> None:
    staged = stored_object(tenant)

    with tenant_scope(other_tenant.id), pytest.raises(ScopeError):
        selectors.open_object(tenant_id=tenant.id, blob_id=staged.id)


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_full_disk_keeps_nothing(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = [staged_object(services.key_for(tenant_id=tenant.id, name="1.2")) for _ in range(5)]

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFullError, match="Nothing of this request was kept"):
        services.sync(staged)
    monkeypatch.undo()
    services.discard(staged)

    assert list(storage.current().entries()) == []


def test_discarded_objects_are_removed(tenant: Tenant) -> None:
    staged = staged_object(services.key_for(tenant_id=tenant.id, name="1.2"))
    services.sync([staged])

    services.discard([staged])

    assert storage.current().size(staged.object_key) is None


def test_discarding_does_not_touch_an_object_that_was_committed_after_all(tenant: Tenant) -> None:
    """The connection broke during COMMIT: the caller saw an error, the database did not."""
    staged = stored_object(tenant)

    services.discard([staged])

    assert selectors.open_object(tenant_id=tenant.id, blob_id=staged.id).read(0, 4) == CONTENT[:4]


def test_discarding_without_a_database_leaves_the_object_to_the_sweep(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = staged_object(services.key_for(tenant_id=tenant.id, name="1.2"))
    services.sync([staged])

    def away(**_filters: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(Blob.objects, "filter", away, raising=False)
    services.discard([staged])

    assert storage.current().size(staged.object_key) == staged.cipher_size


@pytest.mark.postgres
def test_after_a_line_that_broke_the_object_is_left_to_the_sweep(tenant: Tenant) -> None:
    """The server may still be committing the row when we look for it."""
    staged = staged_object(services.key_for(tenant_id=tenant.id, name="1.2"))
    services.sync([staged])

    services.discard([staged], after=OperationalError("server closed the connection unexpectedly"))

    assert storage.current().size(staged.object_key) == staged.cipher_size


@pytest.mark.embedded
def test_the_embedded_database_knows_at_once_that_nothing_was_committed(tenant: Tenant) -> None:
    staged = staged_object(services.key_for(tenant_id=tenant.id, name="1.2"))
    services.sync([staged])

    services.discard([staged], after=OperationalError("database or disk is full"))

    assert storage.current().size(staged.object_key) is None


def test_a_lost_object_is_told(tenant: Tenant) -> None:
    staged = stored_object(tenant)
    storage.current().delete([staged.object_key])

    with pytest.raises(ObjectMissingError):
        selectors.open_object(tenant_id=tenant.id, blob_id=staged.id).read(0, 1)


# --- removal ----------------------------------------------------------------------------------------------------------


def test_deleted_objects_are_gone_from_store_and_sight(
    tenant: Tenant, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    staged = stored_object(tenant)

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_blobs(tenant_id=tenant.id, blob_ids=[staged.id])

    assert storage.current().size(staged.object_key) is None
    with pytest.raises(NotFoundError):
        selectors.open_object(tenant_id=tenant.id, blob_id=staged.id)
    with tenant_scope(tenant.id):
        assert Blob.objects.get().state == "gone"


def test_a_rolled_back_removal_removes_nothing(
    tenant: Tenant, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    staged = stored_object(tenant)

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        services.delete_blobs(tenant_id=tenant.id, blob_ids=[staged.id])
        transaction.set_rollback(True)

    assert selectors.open_object(tenant_id=tenant.id, blob_id=staged.id).read(0, 4) == CONTENT[:4]


def test_a_removal_that_was_cut_off_is_finished_by_the_next(
    tenant: Tenant, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    staged = stored_object(tenant)
    services.delete_blobs(tenant_id=tenant.id, blob_ids=[staged.id])
    assert storage.current().size(staged.object_key) is not None

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_blobs(tenant_id=tenant.id, blob_ids=[staged.id])

    assert storage.current().size(staged.object_key) is None


def test_another_tenant_removes_nothing(
    tenant: Tenant, other_tenant: Tenant, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    staged = stored_object(tenant)

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_blobs(tenant_id=other_tenant.id, blob_ids=[staged.id])

    assert storage.current().size(staged.object_key) is not None


# --- checks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True])
def test_a_check_of_sound_objects_is_clean(tenant: Tenant, full: bool) -> None:
    for number in range(3):
        stored_object(tenant, name=f"1.{number}")

    report = selectors.check_objects(tenant.id, full=full)

    assert (report.checked, report.is_clean) == (3, True)


@pytest.mark.parametrize("full", [False, True])
def test_a_check_names_missing_and_shortened_objects(tenant: Tenant, vault_folder: Path, full: bool) -> None:
    missing, shortened, sound = (stored_object(tenant, name=f"1.{number}") for number in range(3))
    storage.current().delete([missing.object_key])
    (vault_folder / "objects" / shortened.object_key).write_bytes(b"x" * 200)

    report = selectors.check_objects(tenant.id, full=full)

    assert (report.missing, report.damaged) == ((missing.id,), (shortened.id,))
    assert sound.id not in report.missing + report.damaged


@pytest.mark.parametrize("byte", [0, 60, 121, 122, 70_000, -1])
def test_a_full_check_sees_every_changed_byte(tenant: Tenant, vault_folder: Path, byte: int) -> None:
    staged = stored_object(tenant)
    path = vault_folder / "objects" / staged.object_key
    sealed = bytearray(path.read_bytes())
    sealed[byte] ^= 1
    path.write_bytes(sealed)

    assert selectors.check_objects(tenant.id, full=True).damaged == (staged.id,)
    assert selectors.check_objects(tenant.id, full=False).is_clean


def test_a_check_goes_through_many_pages(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.selectors.opening._ROWS", 2)
    for number in range(5):
        stored_object(tenant, b"content", name=f"1.{number}")

    assert selectors.check_objects(tenant.id, full=False).checked == 5


def test_an_unknown_object_is_not_found(tenant: Tenant) -> None:
    with pytest.raises(NotFoundError):
        selectors.open_object(tenant_id=tenant.id, blob_id=uuid7())
