"""The manifest of a tenant's keys in the backup store: the newest wins over whatever an older backup says.

A backup of the database that is older than a barrier holds keys wrapped by an epoch that is no more. The manifest holds
them wrapped by the epoch that came after, without those that were destroyed: of these only the tombstones. It is
authenticated by the epoch that it belongs to.

Layout, big endian: "DPM1", tenant[16], u32 epoch, u32 keys, u32 tombstones, then the keys (id[16] kcv[8] wrapped[60]),
then the tombstones (id[16] kcv[8] u64 destroyed at, in microseconds), then HMAC-SHA-384 of all that.
"""

import datetime as dt
import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from common.errors import UnavailableError
from common.scope import tenant_scope
from vault import keyring, storage
from vault.errors import ManifestError
from vault.keys import CHECK_VALUE_SIZE, WRAPPED_SIZE
from vault.models import StudyKey
from vault.sql import wrapped_by

MAGIC = b"DPM1"
_HEAD = struct.Struct(">4s16sIII")
_KEY = struct.Struct(f">16s{CHECK_VALUE_SIZE}s{WRAPPED_SIZE}s")
_TOMB = struct.Struct(f">16s{CHECK_VALUE_SIZE}sQ")
_TAG_SIZE = 48
_MICROSECOND = dt.timedelta(microseconds=1)
_DAWN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one epoch wraps, and what was destroyed up to it."""

    tenant_id: UUID
    epoch: int
    keys: dict[UUID, tuple[bytes, bytes]]
    tombstones: dict[UUID, tuple[bytes, dt.datetime]]


def address(tenant_id: UUID) -> str:
    """Return where the manifest of a tenant lies."""
    return f"keys/{tenant_id}.manifest"


def write(tenant_id: UUID, epoch: int) -> None:
    """Write what the rows say now, and read it back.

    Raises
    ------
    ManifestError
        If there is one of a later epoch: this database is older than the keys.
    UnavailableError, StorageFullError
        If the backup store does not keep it.
    """
    store = storage.backups()
    before = store.get(address(tenant_id))
    if before is not None and _epoch_of(before) > epoch:
        raise ManifestError("The manifest is of epoch {epoch}: this database is older.", epoch=_epoch_of(before))
    data = _pack(tenant_id, epoch)
    store.put(address(tenant_id), data, is_replacing=True)
    if store.get(address(tenant_id)) != data:
        raise UnavailableError("The backup store does not keep the manifest that it is given.")


def read(tenant_id: UUID) -> Manifest | None:
    """Return the newest manifest, or None where no barrier was ever run.

    Raises
    ------
    ManifestError
        If it is damaged, or the keyring lacks the epoch that it belongs to.
    """
    data = storage.backups().get(address(tenant_id))
    return _parse(data, tenant_id) if data is not None else None


def _pack(tenant_id: UUID, epoch: int) -> bytes:
    with tenant_scope(tenant_id):
        rows = StudyKey.objects.filter(tenant_id=tenant_id).order_by("id")
        keys = wrapped_by(tenant_id, epoch)
        tombs = list(rows.filter(wrapped=None).values_list("id", "kcv", "shredded_at"))
    body = b"".join(
        [
            _HEAD.pack(MAGIC, tenant_id.bytes, epoch, len(keys), len(tombs)),
            *(_KEY.pack(*key) for key in keys),
            *(_TOMB.pack(key_id.bytes, bytes(kcv), (at - _DAWN) // _MICROSECOND) for key_id, kcv, at in tombs),
        ]
    )
    return body + _tag(tenant_id, epoch, body)


def _epoch_of(data: bytes) -> int:
    return int(_HEAD.unpack_from(data)[2]) if len(data) >= _HEAD.size else 0


def _parse(data: bytes, tenant_id: UUID) -> Manifest:
    if len(data) < _HEAD.size + _TAG_SIZE or not data.startswith(MAGIC):
        raise ManifestError("This is no manifest.")
    _, owner, epoch, keys, tombs = _HEAD.unpack_from(data)
    body = data[:-_TAG_SIZE]
    try:
        is_authentic = hmac.compare_digest(data[-_TAG_SIZE:], _tag(tenant_id, epoch, body))
    except keyring.EpochMissingError:
        raise ManifestError("The keyring lacks epoch {epoch}, to which the manifest belongs.", epoch=epoch) from None
    if not is_authentic or owner != tenant_id.bytes:
        raise ManifestError("The manifest of epoch {epoch} was changed.", epoch=epoch)
    middle = _HEAD.size + keys * _KEY.size
    return Manifest(tenant_id, epoch, _keys(body[_HEAD.size : middle]), _tombstones(body[middle:], tombs))


def _keys(data: bytes) -> dict[UUID, tuple[bytes, bytes]]:
    return {UUID(bytes=key_id): (kcv, wrapped) for key_id, kcv, wrapped in _KEY.iter_unpack(data)}


def _tombstones(data: bytes, count: int) -> dict[UUID, tuple[bytes, dt.datetime]]:
    rows: Iterable[tuple[bytes, bytes, int]] = _TOMB.iter_unpack(data[: count * _TOMB.size])
    return {UUID(bytes=key_id): (kcv, _DAWN + at * _MICROSECOND) for key_id, kcv, at in rows}


def _tag(tenant_id: UUID, epoch: int, body: bytes) -> bytes:
    return hmac.digest(keyring.current().epoch_key(tenant_id, epoch).manifest_key(), body, "sha384")
