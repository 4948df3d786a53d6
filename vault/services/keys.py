"""Keys of studies: made in memory, given a row in the transaction that stores what they sealed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from common.errors import ConflictError, NotFoundError
from common.ids import uuid7
from common.inserting import insert
from common.scope import tenant_scope
from vault import keyring, selectors
from vault.errors import KeyringError
from vault.keys import DataKey
from vault.keys_of_studies import KeyHandle
from vault.models import StudyKey, TenantKek
from vault.sql import KeyRow, find_keys, held_live_keys, lock_active_epoch

FIRST_EPOCH = 1
_FIELDS = ("id", "kind", "name", "epoch", "wrapped")


def create_tenant_keyring(tenant_id: UUID) -> None:
    """Make the first epoch of a tenant: its key in the keyring, then its row. A second call changes nothing."""
    with tenant_scope(tenant_id):
        if not TenantKek.objects.filter(tenant_id=tenant_id).exists():
            keyring.current().create_epoch(tenant_id, FIRST_EPOCH)
            TenantKek.objects.bulk_create([TenantKek(tenant_id=tenant_id, epoch=FIRST_EPOCH)], ignore_conflicts=True)


def key_for(*, tenant_id: UUID, name: str, kind: str = StudyKey.Kind.STUDY) -> KeyHandle:
    """Return the key of a study by its Study Instance UID (or of a patient), or a fresh one in memory.

    Raises
    ------
    KeyDestroyedError
        If the key of this name was destroyed.
    """
    return keys_for(tenant_id=tenant_id, names=[name], kind=kind)[name]


def keys_for(*, tenant_id: UUID, names: Sequence[str], kind: str = StudyKey.Kind.STUDY) -> dict[str, KeyHandle]:
    """Return the keys of several studies as `key_for` does, by name, in one question."""
    with tenant_scope(tenant_id):
        rows = find_keys(tenant_id, kind, names)
    known = {handle.name: handle for handle in (_handle(tenant_id, row) for row in rows)}
    return {
        name: known.get(name) or KeyHandle(uuid7(), tenant_id, name, str(kind), DataKey.fresh(), is_new=True)
        for name in names
    }


def key_of(*, tenant_id: UUID, key_id: UUID) -> KeyHandle:
    """Return a known key by its id, for what is derived from a study, also from one in the bin.

    Raises
    ------
    NotFoundError, KeyDestroyedError
        If the tenant has no such key, or has it no longer.
    """
    with tenant_scope(tenant_id):
        row = StudyKey.objects.filter(tenant_id=tenant_id, id=key_id).values_list(*_FIELDS).first()
    if row is None:
        raise NotFoundError("There is no such key.")
    return _handle(tenant_id, row)


def settle_keys(*, tenant_id: UUID, keys: Iterable[KeyHandle]) -> dict[str, KeyHandle]:
    """Give every key its row, in the caller's transaction, and return the keys that hold, by the name asked for.

    New keys are wrapped under the epoch that is active now and stays so until the transaction ends. Where another
    process was quicker its key is returned, with ours as `lost`; `commit_objects` then seals anew what ours had sealed.

    Raises
    ------
    ConflictError
        If a study was moved to the bin after its key was read.
    KeyDestroyedError
        If a key was destroyed after it was read.
    """
    handles = sorted(
        {handle.id: handle for handle in keys}.values(), key=lambda handle: (handle.kind, handle.name or "")
    )
    if not handles:
        return {}
    if {handle.tenant_id for handle in handles} != {tenant_id}:
        raise ValueError("keys of several tenants")
    with tenant_scope(tenant_id):
        epoch = hold_epoch(tenant_id)
        is_ours = _insert([handle for handle in handles if handle.is_new], epoch)
        if is_ours and all(handle.is_new for handle in handles):
            return {handle.name or str(handle.id): replace(handle, is_settled=True) for handle in handles}
        wanted = Q(id__in=[handle.id for handle in handles])
        for kind in {handle.kind for handle in handles}:
            wanted |= Q(kind=kind, name__in=[handle.name for handle in handles if handle.kind == kind and handle.name])
        rows = list(StudyKey.objects.filter(wanted, tenant_id=tenant_id).values_list(*_FIELDS))
    by_id, by_name = {row[0]: row for row in rows}, {(row[1], row[2]): row for row in rows}
    return {handle.name or str(handle.id): _settle(handle, by_id, by_name) for handle in handles}


class KeysChangedError(Exception):
    """A key has no row yet, or none any more: `settle_keys` finds out what holds."""


@contextmanager
def presumed_keys(*, tenant_id: UUID, keys: Iterable[KeyHandle]) -> Iterator[dict[str, KeyHandle]]:
    """Presume that keys have their rows, and yield them as settled, by name; whether it is so shows after the block.

    Holds the epoch as `settle_keys` does, in the caller's transaction, at a tenth of the time. Nothing is waited for:
    in a batch the questions are one trip with what the block writes.

    Raises
    ------
    KeysChangedError
        If one must be settled anew; the transaction is to be rolled back.
    """
    handles = {handle.id: handle for handle in keys}
    if any(handle.is_new or handle.tenant_id != tenant_id for handle in handles.values()):
        raise KeysChangedError
    with tenant_scope(tenant_id), held_live_keys(tenant_id, list(handles)) as names:
        yield {handle.name or str(handle.id): replace(handle, is_settled=True) for handle in handles.values()}
        found = names()
    if any(found.get(handle.id) != handle.name for handle in handles.values()):
        raise KeysChangedError


def release_name(*, tenant_id: UUID, key_id: UUID) -> None:
    """Free the name of a key: its study moves to the bin, and the same UID may be stored afresh under a new key."""
    with tenant_scope(tenant_id):
        StudyKey.objects.filter(tenant_id=tenant_id, id=key_id).update(name=None)


def claim_name(*, tenant_id: UUID, key_id: UUID, name: str) -> None:
    """Give a key its name back.

    Raises
    ------
    ConflictError
        If another key has it: the same UID was stored again in the meantime.
    """
    with tenant_scope(tenant_id):
        try:
            with transaction.atomic():
                StudyKey.objects.filter(tenant_id=tenant_id, id=key_id).update(name=name)
        except IntegrityError:
            raise ConflictError("The same study was stored again in the meantime.") from None


def _handle(tenant_id: UUID, row: KeyRow) -> KeyHandle:
    key_id, kind, name, epoch, wrapped = row
    key = selectors.unwrap(tenant_id=tenant_id, key_id=key_id, epoch=epoch, wrapped=wrapped)
    return KeyHandle(key_id, tenant_id, name, kind, key)


def hold_epoch(tenant_id: UUID) -> int:
    """Return the active epoch, made where there is none, and let no barrier begin until the transaction ends."""
    # A barrier that ended while we waited for its row leaves another row active: look again.
    epoch = lock_active_epoch(tenant_id) or lock_active_epoch(tenant_id)
    if epoch is None:
        create_tenant_keyring(tenant_id)
        epoch = lock_active_epoch(tenant_id)
    if epoch is None:
        raise KeyringError("The tenant has no active epoch.")
    return epoch


def _insert(handles: list[KeyHandle], epoch: int) -> bool:
    """Write rows for fresh keys; say whether all of them got theirs."""
    if not handles:
        return True
    epoch_key = keyring.current().epoch_key(handles[0].tenant_id, epoch)
    rows = [
        StudyKey(
            id=handle.id,
            tenant_id=handle.tenant_id,
            kind=handle.kind,
            name=handle.name,
            epoch=epoch,
            wrapped=epoch_key.wrap(handle.key, tenant_id=handle.tenant_id, key_id=handle.id, epoch=epoch),
            kcv=handle.key.check_value,
        )
        for handle in handles
    ]
    return insert(rows, ignore_conflicts=True) == len(rows)


def _settle(handle: KeyHandle, by_id: dict[UUID, KeyRow], by_name: dict[tuple[str, str | None], KeyRow]) -> KeyHandle:
    row = by_id.get(handle.id)
    if row is None and handle.is_new and (handle.kind, handle.name) in by_name:
        winner = _handle(handle.tenant_id, by_name[handle.kind, handle.name])
        return replace(winner, is_settled=True, lost=handle)
    if row is None or row[2] != handle.name:
        raise ConflictError("The study was moved to the bin while something was stored in it.")
    if row[4] is None:
        selectors.unwrap(tenant_id=handle.tenant_id, key_id=handle.id, epoch=row[3], wrapped=None)
    return replace(handle, is_settled=True)
