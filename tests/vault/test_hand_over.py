"""Objects sealed anew under another key: the former ones go, and with that key also what the backups have of them."""

from pathlib import Path
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.errors import NotFoundError
from common.scope import tenant_scope
from config.backup.objects import copy_new
from tests.vault.stored import Stored, doom, store
from vault import selectors, services, storage
from vault.errors import ObjectTamperedError
from vault.keys_of_studies import KeyHandle
from vault.models import Blob
from vault.objects import ObjectKind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("X-01")]


@pytest.fixture
def tenant(transactional_db: None, vault_folder: Path) -> Tenant:
    return Tenant.objects.create(slug="centre-a", name="Centre A")


def hand_over(tenant: Tenant, former: Stored, to: Stored, blob_id: UUID) -> UUID:
    """Seal one object under the key of another study; return the id of what it is now."""
    key = services.key_of(tenant_id=tenant.id, key_id=to.key_id)
    copy = services.copy_object(selectors.get_blob_ref(tenant_id=tenant.id, blob_id=blob_id), key=key)
    services.sync([copy])
    services.commit(keys=[key], staged=[copy])
    services.hand_over(tenant_id=tenant.id, blob_ids=[blob_id], key_id=to.key_id)
    return copy.id


def read(tenant: Tenant, blob_id: UUID) -> bytes:
    return b"".join(selectors.open_object(tenant_id=tenant.id, blob_id=blob_id).stream())


def test_the_copy_holds_the_same_under_the_other_key(tenant: Tenant) -> None:
    former, to = store(tenant, "1.1"), store(tenant, "1.2")
    blob_id, content = next(iter(former.contents.items()))

    copy_id = hand_over(tenant, former, to, blob_id)

    assert read(tenant, copy_id) == content
    assert selectors.get_blob_ref(tenant_id=tenant.id, blob_id=copy_id).key_id == to.key_id
    with pytest.raises(NotFoundError):
        read(tenant, blob_id)
    assert not storage.current().remaining([former.addresses[0]])


@pytest.mark.parametrize("is_former", [True, False])
def test_destroying_either_leaves_the_other(tenant: Tenant, *, is_former: bool) -> None:
    former, to = store(tenant, "1.1"), store(tenant, "1.2")
    (blob_id, content), (kept_id, kept) = former.contents.items()
    copy_id = hand_over(tenant, former, to, blob_id)

    doom(former if is_former else to)
    services.run_barrier(tenant_id=tenant.id)

    there, gone = ((copy_id, content), kept_id) if is_former else ((kept_id, kept), copy_id)
    assert read(tenant, there[0]) == there[1]
    with pytest.raises(NotFoundError):
        read(tenant, gone)


def test_a_backup_of_before_is_no_way_back_to_what_was_destroyed(tenant: Tenant) -> None:
    former, to = store(tenant, "1.1"), store(tenant, "1.2")
    blob_id = next(iter(former.contents))
    copy_new({})
    hand_over(tenant, former, to, blob_id)
    assert storage.backups().remaining([former.addresses[0]])

    doom(to)
    services.run_barrier(tenant_id=tenant.id)

    # The key that had sealed it lives; the copy of it must not.
    assert not storage.backups().remaining([former.addresses[0]])
    assert storage.backups().remaining([former.addresses[1]])


def test_an_object_that_was_changed_is_not_sealed_anew(tenant: Tenant, vault_folder: Path) -> None:
    former, to = store(tenant, "1.1"), store(tenant, "1.2")
    path = vault_folder / "objects" / former.addresses[0]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)

    with pytest.raises(ObjectTamperedError):
        hand_over(tenant, former, to, next(iter(former.contents)))
    with tenant_scope(tenant.id):
        assert Blob.objects.filter(study_key_id=to.key_id).count() == 2


def test_a_staged_object_is_sealed_anew_before_it_is_committed(tenant: Tenant) -> None:
    wanted = store(tenant, "1.2")
    mine: KeyHandle = services.key_for(tenant_id=tenant.id, name="1.1")
    theirs = services.key_of(tenant_id=tenant.id, key_id=wanted.key_id)
    with services.stage(key=mine, kind=ObjectKind.DICOM) as writer:
        writer.write(b"a late slice")
        staged = writer.finish()

    sealed = services.copy_staged(staged, key=mine, by=theirs)
    services.commit(keys=[theirs], staged=[sealed])

    assert read(tenant, sealed.id) == b"a late slice"
    assert not storage.current().remaining([staged.object_key])
