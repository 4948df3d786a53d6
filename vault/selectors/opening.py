"""Opened objects and sealed columns, and whether the store still has everything."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import common.any_of  # noqa: F401  a lookup
from common.errors import NotFoundError
from common.scope import tenant_scope
from vault import columns, keyring, keys_of_studies, storage, watch
from vault.errors import KeyDestroyedError, ObjectMissingError, ObjectTamperedError
from vault.keys import DataKey, EpochKey
from vault.models import Blob, StudyKey, TenantKek
from vault.objects import HEAD_SIZE, cipher_size
from vault.reader import ObjectReader

_ROWS = 500


@dataclass(frozen=True, slots=True)
class BlobRef:
    """What it takes to open an object: the columns of its row and of its key's."""

    id: UUID
    tenant_id: UUID
    key_id: UUID
    epoch: int
    wrapped: bytes | None
    object_key: str
    head: bytes
    plain_size: int
    sha256: bytes


_REF_FIELDS = (
    "id",
    "tenant_id",
    "study_key_id",
    "study_key__epoch",
    "study_key__wrapped",
    "object_key",
    "head",
    "plain_size",
    "sha256",
)


def blob_refs(blob_ids: Iterable[UUID]) -> dict[UUID, BlobRef]:
    """Return what it takes to open live objects of the present scope, by id, in one query; others are absent."""
    rows = Blob.objects.filter(id__any_of=list(blob_ids), state=Blob.State.LIVE).values_list(*_REF_FIELDS)
    return {row[0]: BlobRef(*row) for row in rows}


def get_blob_ref(*, tenant_id: UUID, blob_id: UUID) -> BlobRef:
    """Return what it takes to open one live object, or raise NotFoundError."""
    with tenant_scope(tenant_id):
        found = blob_refs([blob_id]).get(blob_id)
    if found is None:
        raise NotFoundError("There is no such object.")
    return found


def open_object(*, tenant_id: UUID, blob_id: UUID) -> ObjectReader:
    """Open an object for reading.

    Raises
    ------
    NotFoundError
        If the tenant has no live object of this id.
    KeyDestroyedError, ObjectTamperedError, KeyringError
        As `open_blob`.
    """
    return open_blob(get_blob_ref(tenant_id=tenant_id, blob_id=blob_id))


def open_blob(ref: BlobRef) -> ObjectReader:
    """Open an object whose row was read already; no further query.

    Raises
    ------
    KeyDestroyedError
        If the key of the study, or the epoch that wrapped it, was destroyed.
    ObjectTamperedError
        If the head in the row does not fit key, tenant and object.
    """
    return ObjectReader(
        storage=storage.current(),
        object_key=ref.object_key,
        head=bytes(ref.head),
        key=unwrap(tenant_id=ref.tenant_id, key_id=ref.key_id, epoch=ref.epoch, wrapped=ref.wrapped),
        tenant_id=ref.tenant_id,
        key_id=ref.key_id,
        object_id=ref.id,
        plain_size=ref.plain_size,
    )


def open_small(*, tenant_id: UUID, key_id: UUID, label: str, sealed: bytes) -> bytes:
    """Return the plain bytes of a small sealed column; one query where this process has not used the key lately.

    Raises
    ------
    ObjectTamperedError
        If the value was changed, or moved here from another tenant, key or label.
    KeyDestroyedError
        If the key was destroyed.
    """
    watch.look()
    key = keys_of_studies.cached(tenant_id, key_id) or _read_key(tenant_id, key_id)
    return columns.unseal(sealed, key=key, tenant_id=tenant_id, key_id=key_id, label=label)


def _read_key(tenant_id: UUID, key_id: UUID) -> DataKey:
    with tenant_scope(tenant_id):
        row = StudyKey.objects.filter(id=key_id).values_list("epoch", "wrapped").first()
    if row is None:
        raise NotFoundError("There is no such key.")
    return unwrap(tenant_id=tenant_id, key_id=key_id, epoch=row[0], wrapped=row[1])


def unwrap(*, tenant_id: UUID, key_id: UUID, epoch: int, wrapped: bytes | None) -> DataKey:
    """Return the data key of a row, from memory where it was opened a short while ago."""
    if wrapped is None:
        keys_of_studies.drop(tenant_id, key_id)
        raise KeyDestroyedError
    watch.look()
    key = keys_of_studies.cached(tenant_id, key_id)
    if key is None:
        until, epoch, wrapped, epoch_key = _epoch_of(tenant_id, key_id, epoch, wrapped)
        key = epoch_key.unwrap(wrapped, tenant_id=tenant_id, key_id=key_id, epoch=epoch)
        keys_of_studies.keep(tenant_id, key_id, key, until=until)
    return key


def _epoch_of(tenant_id: UUID, key_id: UUID, epoch: int, wrapped: bytes) -> tuple[float, int, bytes, EpochKey]:
    """Return the epoch that opens a key: the one that its row named, or that of a barrier which was quicker than us."""
    try:
        until, epoch_key = keyring.current().epoch_key_until(tenant_id, epoch)
    except keyring.EpochMissingError:
        now_epoch, now_wrapped = _read_again(tenant_id, key_id)
        if now_epoch == epoch:
            _refuse_destroyed(tenant_id, epoch)
            raise
        until, epoch_key = keyring.current().epoch_key_until(tenant_id, now_epoch)
        return until, now_epoch, now_wrapped, epoch_key
    return until, epoch, wrapped, epoch_key


def _read_again(tenant_id: UUID, key_id: UUID) -> tuple[int, bytes]:
    with tenant_scope(tenant_id):
        row = StudyKey.objects.filter(id=key_id).values_list("epoch", "wrapped").first()
    if row is None or row[1] is None:
        raise KeyDestroyedError
    return row[0], bytes(row[1])


def _refuse_destroyed(tenant_id: UUID, epoch: int) -> None:
    with tenant_scope(tenant_id):
        if TenantKek.objects.filter(epoch=epoch, state=TenantKek.State.DESTROYED).exists():
            raise KeyDestroyedError


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of a tenant's objects found, by the ids of the objects; `doomed` are of destroyed keys."""

    checked: int
    missing: tuple[UUID, ...]
    damaged: tuple[UUID, ...]
    doomed: tuple[UUID, ...]

    @property
    def is_clean(self) -> bool:
        """Say whether everything is there and as it was sealed."""
        return not (self.missing or self.damaged)


def verify_object(*, tenant_id: UUID, blob_id: UUID) -> None:
    """Read, verify and hash every byte of one live object.

    Raises
    ------
    ObjectMissingError, ObjectTamperedError
        If it is not there, or not what was stored.
    NotFoundError, KeyringError, UnavailableError
        If it was removed meanwhile, or cannot be read now.
    """
    _check_content(get_blob_ref(tenant_id=tenant_id, blob_id=blob_id))


def check_objects(tenant_id: UUID, *, full: bool, key_id: UUID | None = None) -> Report:
    """Compare the live objects of a tenant with their rows.

    Parameters
    ----------
    full
        Read, verify and hash every byte; else look only for existence and size.
    key_id
        Only those of one study.
    """
    checked = 0
    missing: list[UUID] = []
    damaged: list[UUID] = []
    doomed: list[UUID] = []
    check = _check_content if full else _check_presence
    for ref in _live_refs(tenant_id, key_id):
        checked += 1
        try:
            check(ref)
        except ObjectMissingError:
            missing.append(ref.id)
        except ObjectTamperedError:
            damaged.append(ref.id)
        except KeyDestroyedError:
            (doomed if _is_shredded(ref) else damaged).append(ref.id)
    return Report(checked, tuple(missing), tuple(damaged), tuple(doomed))


def _is_shredded(ref: BlobRef) -> bool:
    """Say whether the key was destroyed on purpose: else its epoch was taken from under it."""
    with tenant_scope(ref.tenant_id):
        return bool(StudyKey.objects.filter(id=ref.key_id, wrapped=None).exists())


def _live_refs(tenant_id: UUID, key_id: UUID | None) -> Iterator[BlobRef]:
    """Yield page after page, each in a scope of its own: a check may take hours."""
    after = UUID(int=0)
    while True:
        with tenant_scope(tenant_id):
            live = Blob.objects.filter(id__gt=after, state=Blob.State.LIVE).order_by("id")
            live = live.filter(study_key_id=key_id) if key_id else live
            page = [BlobRef(*row) for row in live.values_list(*_REF_FIELDS)[:_ROWS]]
        if not page:
            return
        yield from page
        after = page[-1].id


def _check_presence(ref: BlobRef) -> None:
    size = storage.current().size(ref.object_key)
    if size is None:
        raise ObjectMissingError("The store has no object {key}.", key=ref.object_key)
    if size != cipher_size(ref.plain_size):
        raise ObjectTamperedError("Object {id} has another size than was stored.", id=ref.id)


def _check_content(ref: BlobRef) -> None:
    digest = hashlib.sha256()
    for block in open_blob(ref).stream():
        digest.update(block)
    head = bytearray(HEAD_SIZE)
    with storage.current().open(ref.object_key, 0, HEAD_SIZE) as source:
        source.readinto(memoryview(head))
    if head != bytes(ref.head) or digest.digest() != bytes(ref.sha256):
        raise ObjectTamperedError("Object {id} is not what was stored.", id=ref.id)
