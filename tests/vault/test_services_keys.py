"""Keys of studies: fresh ones, races for them, names that come and go."""

import threading
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import Tenant
from common.clock import now
from common.errors import ConflictError, NotFoundError
from common.ids import uuid7
from common.scope import tenant_scope
from tests.vault.builders import make_key
from vault import keyring, keys_of_studies, selectors, services, storage
from vault.errors import KeyDestroyedError
from vault.keys_of_studies import KeyHandle
from vault.models import Blob, StudyKey, TenantKek
from vault.objects import ObjectKind

UID = "1.2.840.1"


def settle(*handles: KeyHandle) -> dict[str, KeyHandle]:
    with tenant_scope(handles[0].tenant_id), transaction.atomic():
        return services.settle_keys(tenant_id=handles[0].tenant_id, keys=handles)


def test_an_unknown_study_gets_a_fresh_key_without_a_row(tenant: Tenant) -> None:
    handle = services.key_for(tenant_id=tenant.id, name=UID)

    assert (handle.is_new, handle.name, handle.kind) == (True, UID, "study")
    with tenant_scope(tenant.id):
        assert StudyKey.objects.count() == 0


def test_a_settled_key_is_found_again(tenant: Tenant) -> None:
    first = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]
    keys_of_studies.forget()

    again = services.key_for(tenant_id=tenant.id, name=UID)

    assert (again.id, again.is_new) == (first.id, False)
    assert again.key.reveal() == first.key.reveal()


def test_a_row_holds_the_key_wrapped_under_the_active_epoch_and_its_check_value(tenant: Tenant) -> None:
    handle = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]

    with tenant_scope(tenant.id):
        row = StudyKey.objects.get()
    place: dict[str, Any] = {"tenant_id": tenant.id, "key_id": handle.id, "epoch": 1}
    unwrapped = keyring.current().epoch_key(tenant.id, 1).unwrap(row.wrapped, **place)
    assert (row.epoch, len(row.wrapped), bytes(row.kcv)) == (1, 60, handle.key.check_value)
    assert unwrapped.reveal() == handle.key.reveal()


def test_studies_and_patients_have_names_of_their_own(tenant: Tenant) -> None:
    study = services.key_for(tenant_id=tenant.id, name="1")
    patient = services.key_for(tenant_id=tenant.id, name="1", kind="patient")
    settle(study)
    settle(patient)

    assert services.key_for(tenant_id=tenant.id, name="1").id == study.id
    assert services.key_for(tenant_id=tenant.id, name="1", kind="patient").id == patient.id


def test_the_same_study_has_another_key_in_another_tenant(tenant: Tenant, other_tenant: Tenant) -> None:
    settle(services.key_for(tenant_id=tenant.id, name=UID))

    assert services.key_for(tenant_id=other_tenant.id, name=UID).is_new


def test_the_keyring_of_a_tenant_is_made_once(tenant: Tenant) -> None:
    services.create_tenant_keyring(tenant.id)
    before = keyring.current().epoch_key(tenant.id, 1)
    services.create_tenant_keyring(tenant.id)
    keyring.current().forget()

    assert keyring.current().epoch_key(tenant.id, 1)._value == before._value
    with tenant_scope(tenant.id):
        assert list(TenantKek.objects.values_list("epoch", "state")) == [(1, "active")]


# --- races ------------------------------------------------------------------------------------------------------------


def test_the_second_of_two_fresh_keys_yields_to_the_first(tenant: Tenant) -> None:
    quick = services.key_for(tenant_id=tenant.id, name=UID)
    slow = services.key_for(tenant_id=tenant.id, name=UID)
    settle(quick)

    winner = settle(slow)[UID]

    assert (winner.id, winner.lost, winner.is_settled) == (quick.id, slow, True)
    assert winner.key.reveal() == quick.key.reveal()


def test_what_a_lost_key_had_sealed_is_sealed_anew_under_the_winner(
    tenant: Tenant, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    quick = services.key_for(tenant_id=tenant.id, name=UID)
    slow = services.key_for(tenant_id=tenant.id, name=UID)
    settle(quick)
    with services.stage(key=slow, kind=ObjectKind.DICOM) as writer:
        writer.write(bytes(200_000))
        staged = writer.finish()
    services.sync([staged])

    with django_capture_on_commit_callbacks(execute=True):
        services.commit(keys=[slow], staged=[staged])

    with tenant_scope(tenant.id):
        row = Blob.objects.get()
    assert (row.id, row.study_key_id) == (staged.id, quick.id)
    assert row.object_key != staged.object_key
    assert b"".join(selectors.open_object(tenant_id=tenant.id, blob_id=staged.id).stream()) == bytes(200_000)
    assert storage.current().size(staged.object_key) is None


@pytest.mark.django_db(transaction=True)
def test_many_at_once_agree_on_one_key_and_everything_opens(vault_folder: object) -> None:
    tenant_id = Tenant.objects.create(slug="centre-a", name="Centre A").id
    services.create_tenant_keyring(tenant_id)
    barrier = threading.Barrier(6)
    stored: list[UUID] = []

    def store() -> None:
        try:
            handle = services.key_for(tenant_id=tenant_id, name=UID)
            with services.stage(key=handle, kind=ObjectKind.DICOM) as writer:
                writer.write(b"content")
                staged = writer.finish()
            services.sync([staged])
            barrier.wait()
            services.commit(keys=[handle], staged=[staged])
            stored.append(staged.id)
        finally:
            connection.close()

    threads = [threading.Thread(target=store) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    keys_of_studies.forget()
    contents = [selectors.open_object(tenant_id=tenant_id, blob_id=blob_id).read(0, 99) for blob_id in stored]
    assert contents == [b"content"] * 6
    with tenant_scope(tenant_id):
        assert StudyKey.objects.count() == 1


def test_small_values_are_sealed_only_under_settled_keys(tenant: Tenant) -> None:
    handle = services.key_for(tenant_id=tenant.id, name=UID)

    with pytest.raises(ValueError, match="settle the key first"):
        services.seal_small(key=handle, label="header", data=b"content")


def test_keys_of_several_tenants_are_not_settled_together(tenant: Tenant) -> None:
    with pytest.raises(ValueError, match="several tenants"):
        services.settle_keys(tenant_id=tenant.id, keys=[make_key(tenant_id=tenant.id), make_key()])


def test_settling_nothing_asks_nothing(tenant: Tenant, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert services.settle_keys(tenant_id=tenant.id, keys=[]) == {}


def test_many_new_keys_cost_as_many_queries_as_one(
    tenant: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    services.create_tenant_keyring(tenant.id)
    handles = [services.key_for(tenant_id=tenant.id, name=f"1.2.{number}") for number in range(50)]

    with tenant_scope(tenant.id), transaction.atomic(), django_assert_num_queries(2):
        services.settle_keys(tenant_id=tenant.id, keys=handles)


# --- the bin ----------------------------------------------------------------------------------------------------------


def test_a_released_name_gets_a_fresh_key_and_the_old_one_still_opens(tenant: Tenant) -> None:
    old = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]
    services.release_name(tenant_id=tenant.id, key_id=old.id)

    assert services.key_for(tenant_id=tenant.id, name=UID).id != old.id
    assert services.key_of(tenant_id=tenant.id, key_id=old.id).key.reveal() == old.key.reveal()


def test_a_name_is_claimed_back(tenant: Tenant) -> None:
    old = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]
    services.release_name(tenant_id=tenant.id, key_id=old.id)

    services.claim_name(tenant_id=tenant.id, key_id=old.id, name=UID)

    assert services.key_for(tenant_id=tenant.id, name=UID).id == old.id


def test_a_name_that_was_given_away_is_not_claimed_back(tenant: Tenant) -> None:
    old = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]
    services.release_name(tenant_id=tenant.id, key_id=old.id)
    settle(services.key_for(tenant_id=tenant.id, name=UID))

    with pytest.raises(ConflictError, match="stored again"):
        services.claim_name(tenant_id=tenant.id, key_id=old.id, name=UID)


def test_nothing_is_stored_in_a_study_that_went_to_the_bin_meanwhile(tenant: Tenant) -> None:
    settle(services.key_for(tenant_id=tenant.id, name=UID))
    handle = services.key_for(tenant_id=tenant.id, name=UID)
    services.release_name(tenant_id=tenant.id, key_id=handle.id)

    with pytest.raises(ConflictError, match="moved to the bin"):
        settle(handle)


def test_a_key_of_the_bin_settles_for_what_is_derived_from_its_study(tenant: Tenant) -> None:
    old = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]
    services.release_name(tenant_id=tenant.id, key_id=old.id)

    settled = settle(services.key_of(tenant_id=tenant.id, key_id=old.id))

    assert settled[str(old.id)].is_settled


# --- destruction ------------------------------------------------------------------------------------------------------


def shred(tenant: Tenant, key_id: UUID) -> None:
    with tenant_scope(tenant.id):
        StudyKey.objects.filter(id=key_id).update(wrapped=None, shredded_at=now())


def test_a_shredded_key_is_gone_also_where_it_was_in_memory(tenant: Tenant) -> None:
    handle = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]
    services.key_of(tenant_id=tenant.id, key_id=handle.id)
    shred(tenant, handle.id)

    with pytest.raises(KeyDestroyedError):
        services.key_for(tenant_id=tenant.id, name=UID)
    assert keys_of_studies.cached(tenant.id, handle.id) is None


def test_nothing_is_stored_under_a_key_that_was_shredded_meanwhile(tenant: Tenant) -> None:
    settle(services.key_for(tenant_id=tenant.id, name=UID))
    handle = services.key_for(tenant_id=tenant.id, name=UID)
    shred(tenant, handle.id)

    with pytest.raises(KeyDestroyedError):
        settle(handle)


def test_a_key_without_its_epoch_is_destroyed_when_the_epoch_was(tenant: Tenant) -> None:
    handle = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]
    keys_of_studies.forget()
    keyring.current().destroy_epoch(tenant.id, 1)

    with pytest.raises(keyring.EpochMissingError, match="lacks epoch 1"):
        services.key_of(tenant_id=tenant.id, key_id=handle.id)
    with tenant_scope(tenant.id):
        TenantKek.objects.update(state="destroyed")
    with pytest.raises(KeyDestroyedError):
        services.key_of(tenant_id=tenant.id, key_id=handle.id)


def test_a_key_of_another_tenant_is_not_found(tenant: Tenant, other_tenant: Tenant) -> None:
    handle = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]

    with pytest.raises(NotFoundError):
        services.key_of(tenant_id=other_tenant.id, key_id=handle.id)


# --- constraints ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"wrapped": None}, {"shredded_at": now()}])
def test_a_key_is_either_wrapped_or_shredded(tenant: Tenant, change: dict[str, object]) -> None:
    handle = settle(services.key_for(tenant_id=tenant.id, name=UID))[UID]

    with pytest.raises(IntegrityError, match="vault_studykey_shredded"), transaction.atomic(), tenant_scope(tenant.id):
        StudyKey.objects.filter(id=handle.id).update(**change)


def test_a_tenant_has_one_active_epoch(tenant: Tenant) -> None:
    services.create_tenant_keyring(tenant.id)

    with pytest.raises(IntegrityError), transaction.atomic(), tenant_scope(tenant.id):
        TenantKek.objects.create(id=uuid7(), tenant_id=tenant.id, epoch=2)
