"""Objects: staged sealed without a database, made durable, then committed together with the rows that name them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from django.db import Error, InterfaceError, OperationalError, connection, transaction

from common.crashpoint import crashpoint
from common.errors import DomainError
from common.inserting import insert
from common.rows import new_row
from common.scope import tenant_scope
from vault import columns, selectors, storage
from vault.errors import ObjectTamperedError
from vault.keys_of_studies import KeyHandle
from vault.models import Blob
from vault.objects import ObjectKind, Prefix
from vault.reader import ObjectReader
from vault.selectors import BlobRef
from vault.services.keys import settle_keys
from vault.writer import ObjectWriter, StagedObject


def stage(*, key: KeyHandle, kind: ObjectKind) -> ObjectWriter:
    """Begin an object; no database is needed, and nobody sees it before it is committed."""
    return ObjectWriter(key=key, kind=kind, storage=storage.current())


def open_staged(staged: StagedObject, *, key: KeyHandle) -> ObjectReader:
    """Open an object that has no row yet, with the key that sealed it."""
    return ObjectReader(
        storage=storage.current(),
        object_key=staged.object_key,
        head=staged.head,
        key=key.key,
        tenant_id=staged.tenant_id,
        key_id=staged.key_id,
        object_id=staged.id,
        plain_size=staged.plain_size,
    )


def sync(staged: Sequence[StagedObject]) -> None:
    """Make finished objects durable, many at once.

    Raises
    ------
    StorageFullError, UnavailableError
        If the store cannot keep them; discard them then.
    """
    storage.current().sync([item.object_key for item in staged])


def seal_small(*, key: KeyHandle, label: str, data: bytes) -> bytes:
    """Seal a small value for a column of a row; the key must be settled, else its row could be another's."""
    if not key.is_settled:
        raise ValueError("settle the key first: another process may have been quicker")
    return columns.seal(data, key=key.key, tenant_id=key.tenant_id, key_id=key.id, label=label)


def commit_objects(*, tenant_id: UUID, staged: Sequence[StagedObject], keys: Mapping[str, KeyHandle]) -> None:
    """Write the rows of durable objects, in the caller's transaction and under settled keys, in one statement.

    Objects that a lost key had sealed are sealed anew under the winner; their ids stay.
    """
    settled = {key.id for key in keys.values() if key.is_settled}
    losers = {key.lost.id: key for key in keys.values() if key.lost}
    ready = [item for item in staged if item.key_id in settled]
    lost = [item for item in staged if item.key_id in losers]
    if len(ready) + len(lost) != len(staged):
        raise ValueError("an object was sealed under a key that is not among the settled ones")
    if lost:
        ready += _seal_anew(lost, losers)
    backend = storage.current().backend
    with tenant_scope(tenant_id):
        insert([_row(item, backend) for item in ready])


def commit(*, keys: Iterable[KeyHandle], staged: Sequence[StagedObject]) -> dict[str, KeyHandle]:
    """Settle the keys and commit the objects in one transaction, or in the caller's; return the settled keys."""
    handles = list(keys)
    if not handles:
        return {}
    tenant_id = handles[0].tenant_id
    with tenant_scope(tenant_id), transaction.atomic():
        settled = settle_keys(tenant_id=tenant_id, keys=handles)
        commit_objects(tenant_id=tenant_id, staged=staged, keys=settled)
    return settled


def discard(staged: Sequence[StagedObject], *, after: BaseException | None = None) -> None:
    """Remove staged objects that were not committed; the sweep takes what cannot be removed now.

    An object that has a row stays. When the line to a server breaks during COMMIT, a row may still come after we have
    looked: `after` such an error nothing is removed, and the sweep decides a day later.
    """
    if isinstance(after, InterfaceError | OperationalError) and connection.vendor == "postgresql":
        return
    with suppress(DomainError, Error):
        for tenant_id in {item.tenant_id for item in staged}:
            keys = {item.object_key for item in staged if item.tenant_id == tenant_id}
            with tenant_scope(tenant_id):
                keys -= set(Blob.objects.filter(object_key__in=keys).values_list("object_key", flat=True))
            storage.current().delete(sorted(keys))


def copy_object(source: BlobRef, *, key: KeyHandle) -> StagedObject:
    """Seal what an object holds under another key, as an object of its own that nobody sees before it is committed.

    Raises
    ------
    ObjectTamperedError, ObjectMissingError, KeyDestroyedError
        If it is not what was stored.
    """
    kind = Prefix.parse(bytes(source.head)).kind
    return _copy(selectors.open_blob(source), stage(key=key, kind=kind), sha256=bytes(source.sha256), of=source.id)


def copy_staged(staged: StagedObject, *, key: KeyHandle, by: KeyHandle) -> StagedObject:
    """Seal a staged object anew: `key` had sealed it, `by` is to. What it was is removed with the commit.

    The caller makes it durable, with others at once (`sync`).
    """
    reader = open_staged(staged, key=key)
    sealed = _copy(reader, stage(key=by, kind=staged.kind), sha256=staged.sha256, of=staged.id)
    transaction.on_commit(lambda: discard([staged]))
    return sealed


def _copy(source: ObjectReader, into: ObjectWriter, *, sha256: bytes, of: UUID) -> StagedObject:
    with into:
        for block in source.stream():
            into.write(block)
        sealed = into.finish()
    if sealed.sha256 != sha256:
        discard([sealed])
        raise ObjectTamperedError("Object {id} changed while it was sealed anew.", id=of)
    return sealed


def hand_over(*, tenant_id: UUID, blob_ids: Iterable[UUID], key_id: UUID) -> None:
    """Remove objects that were sealed anew under another key, in the caller's transaction.

    Their rows become that key's, so that its destruction also takes what the backups still hold of them.
    """
    ids = list(blob_ids)
    with tenant_scope(tenant_id):
        Blob.objects.filter(tenant_id=tenant_id, id__in=ids).update(study_key_id=key_id)
    delete_blobs(tenant_id=tenant_id, blob_ids=ids)


def delete_blobs(*, tenant_id: UUID, blob_ids: Iterable[UUID]) -> None:
    """Remove objects: their rows are marked in the caller's transaction, the bytes go after it is committed.

    The rows stay as `gone`. What a crash leaves as `deleting` is finished by the sweep.
    """
    ids = list(blob_ids)
    with tenant_scope(tenant_id):
        Blob.objects.filter(tenant_id=tenant_id, id__in=ids).exclude(state=Blob.State.GONE).update(
            state=Blob.State.DELETING
        )
    transaction.on_commit(lambda: _remove(tenant_id, ids))


def finish_deletions(tenant_id: UUID) -> None:
    """Remove what was marked for removal by a process that died before it came to that."""
    with tenant_scope(tenant_id):
        ids = list(Blob.objects.filter(tenant_id=tenant_id, state=Blob.State.DELETING).values_list("id", flat=True))
    if ids:
        _remove(tenant_id, ids)


def _remove(tenant_id: UUID, blob_ids: list[UUID]) -> None:
    crashpoint("objects.doomed")
    with tenant_scope(tenant_id):
        doomed = Blob.objects.filter(tenant_id=tenant_id, id__in=blob_ids, state=Blob.State.DELETING)
        keys = dict(doomed.values_list("id", "object_key"))
    storage.current().delete(list(keys.values()))
    with tenant_scope(tenant_id):
        Blob.objects.filter(tenant_id=tenant_id, id__in=list(keys)).update(state=Blob.State.GONE)


def _row(item: StagedObject, backend: str) -> Blob:
    return new_row(
        Blob,
        id=item.id,
        tenant_id=item.tenant_id,
        study_key_id=item.key_id,
        kind=item.kind,
        backend=backend,
        object_key=item.object_key,
        head=item.head,
        plain_size=item.plain_size,
        cipher_size=item.cipher_size,
        sha256=item.sha256,
    )


def _seal_anew(lost: Sequence[StagedObject], losers: Mapping[UUID, KeyHandle]) -> list[StagedObject]:
    sealed = [_reseal(item, losers[item.key_id]) for item in lost]
    sync(sealed)
    transaction.on_commit(lambda: discard(lost))
    return sealed


def _reseal(item: StagedObject, winner: KeyHandle) -> StagedObject:
    assert winner.lost is not None
    writer = ObjectWriter(key=winner, kind=item.kind, storage=storage.current(), object_id=item.id)
    return _copy(open_staged(item, key=winner.lost), writer, sha256=item.sha256, of=item.id)
