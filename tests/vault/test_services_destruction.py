"""Keys wait for the barrier, and until then a hold takes them out."""

from uuid import UUID

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.errors import NotFoundError
from common.ids import uuid7
from common.scope import tenant_scope, tenant_transaction
from tests.factories.crossing import beside, wait_for
from tests.vault.builders import stage
from vault import selectors, services, storage
from vault.errors import DestructionBegunError
from vault.models import Barrier, Destruction, StudyKey


def stored_key(tenant: Tenant, name: str = "1.2.3") -> UUID:
    key = services.key_for(tenant_id=tenant.id, name=name)
    services.commit(keys=[key], staged=[stage(storage.current(), key, b"content")])
    return key.id


def doom(tenant: Tenant, *key_ids: UUID, reason: str = "deletion-run:1") -> None:
    keys = [services.DoomedKey(key_id, uuid7(), "default-10-years", reason) for key_id in key_ids]
    services.queue_destruction(actor=system_actor(tenant.id), keys=keys)


def states(tenant: Tenant) -> list[str]:
    return [found.state for found in selectors.list_destructions(tenant_id=tenant.id)]


def test_a_queued_key_still_opens_and_can_be_withdrawn(tenant: Tenant) -> None:
    key_id = stored_key(tenant)

    doom(tenant, key_id)

    (found,) = selectors.list_destructions(tenant_id=tenant.id, key_ids=[key_id])
    assert (found.state, found.can_be_withdrawn, found.unreadable_since) == ("shred_queued", True, None)
    assert services.key_of(tenant_id=tenant.id, key_id=key_id).id == key_id


def test_queueing_twice_changes_nothing(tenant: Tenant) -> None:
    key_id = stored_key(tenant)

    doom(tenant, key_id, reason="deletion-run:1")
    doom(tenant, key_id, reason="deletion-run:2")

    assert [found.reason for found in selectors.list_destructions(tenant_id=tenant.id)] == ["deletion-run:1"]


def test_the_name_of_a_queued_key_is_free_again(tenant: Tenant) -> None:
    doom(tenant, stored_key(tenant, "1.2.3"))

    assert services.key_for(tenant_id=tenant.id, name="1.2.3").is_new


def test_a_foreign_key_is_not_found_and_nothing_is_queued(tenant: Tenant, other_tenant: Tenant) -> None:
    mine, foreign = stored_key(tenant), stored_key(other_tenant)

    with pytest.raises(NotFoundError):
        doom(tenant, mine, foreign)

    assert (states(tenant), states(other_tenant)) == ([], [])


def test_a_withdrawn_key_leaves_the_queue(tenant: Tenant) -> None:
    held, doomed = stored_key(tenant, "1"), stored_key(tenant, "2")
    doom(tenant, held, doomed)

    services.withdraw_destruction(actor=system_actor(tenant.id), key_ids=[held])

    assert [found.key_id for found in selectors.list_destructions(tenant_id=tenant.id)] == [doomed]


def test_after_the_barrier_nothing_is_withdrawn(tenant: Tenant) -> None:
    held, destroyed = stored_key(tenant, "1"), stored_key(tenant, "2")
    doom(tenant, held, destroyed)
    with tenant_scope(tenant.id):
        barrier = Barrier.objects.create(tenant_id=tenant.id, from_epoch=1, to_epoch=2, survivors=0)
        Destruction.objects.filter(study_key_id=destroyed).update(state=Destruction.State.BARRIER_DONE, barrier=barrier)

    with pytest.raises(DestructionBegunError):
        services.withdraw_destruction(actor=system_actor(tenant.id), key_ids=[held, destroyed])

    assert sorted(states(tenant)) == ["barrier_done", "shred_queued"]


def test_destructions_are_found_by_the_run_that_asked_for_them(tenant: Tenant) -> None:
    doom(tenant, stored_key(tenant, "1"), reason="deletion-run:1")
    doom(tenant, stored_key(tenant, "2"), reason="deletion-run:2")

    found = selectors.list_destructions(tenant_id=tenant.id, reason="deletion-run:2")

    assert [one.reason for one in found] == ["deletion-run:2"]


def test_there_is_no_certificate_before_the_end(tenant: Tenant) -> None:
    key_id = stored_key(tenant)
    doom(tenant, key_id)

    with pytest.raises(NotFoundError):
        selectors.get_certificate(tenant_id=tenant.id, key_id=key_id)


def test_the_rows_of_a_doomed_key_are_kept(tenant: Tenant) -> None:
    key_id = stored_key(tenant)
    doom(tenant, key_id)

    with tenant_scope(tenant.id):
        assert StudyKey.objects.get(id=key_id).wrapped is not None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_barrier_begins_before_or_after_a_transaction_that_queues_several_keys(tenant: Tenant) -> None:
    """Between them, each would wait for a key that the other has."""
    first, second, former = sorted(stored_key(tenant, name) for name in "123")
    doom(tenant, former)

    with tenant_transaction(tenant.id):
        doom(tenant, second)
        barrier = beside(lambda: services.run_barrier(tenant_id=tenant.id))
        wait_for(barrier)
        doom(tenant, first)
    barrier.join()

    assert states(tenant) == ["final"] * 3
