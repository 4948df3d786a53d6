"""What one backup consists of, and which ones there are.

The backup store has, beside the manifests, the escrow and copies of the sealed objects under their own addresses:

- `sets/<id>.json`: when, which engine, which archives, and the key of the archives, wrapped twice: by the keyring, and
  to the recovery recipients; signed by the deployment;
- `sets/index.json`: the ids, oldest first;
- two archives for each, sealed like every other object: the database, and the list of the objects.
"""

import base64
import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from audit import services as audit
from common.errors import DomainError
from common.ids import NIL
from config.backup.errors import BackupDamagedError, BackupMissingError, BackupSealedError
from vault import certificate, exclusive, keyring, recovery, storage
from vault.keys import DataKey
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.reader import ObjectReader
from vault.recovery import RecoveryKey
from vault.writer import ObjectWriter, StagedObject

_EPOCH = 1
_INDEX = "sets/index.json"
KIND = "bitewing-backup/v1"


@dataclass(frozen=True, slots=True)
class Archive:
    """One sealed stream: where it lies and what it takes to open it."""

    id: str
    object_key: str
    head: str
    plain_size: int
    sha256: str

    @classmethod
    def of(cls, staged: StagedObject) -> "Archive":
        """Describe what was just sealed."""
        return cls(str(staged.id), staged.object_key, staged.head.hex(), staged.plain_size, staged.sha256.hex())


@dataclass(frozen=True, slots=True)
class BackupSet:
    """One backup."""

    id: UUID
    created_at: dt.datetime
    engine: str
    objects: int
    object_bytes: int
    database: Archive
    inventory: Archive
    # The key of the archives, as the keyring wraps it, and sealed to the recovery recipients.
    wrapped: str
    recoverable: str
    checkpoints: dict[str, str]


def fresh_key(set_id: UUID) -> tuple[KeyHandle, str, str]:
    """Make the key of a backup; returns it with its two wrappings, the second one empty without recipients."""
    key = DataKey.fresh()
    keyring.current().create_epoch(NIL, _EPOCH)
    wrapped = keyring.current().epoch_key(NIL, _EPOCH).wrap(key, tenant_id=NIL, key_id=set_id, epoch=_EPOCH)
    to = recovery.recipients()
    sealed = base64.b64encode(recovery.seal(key.reveal(), to)).decode() if to else ""
    return KeyHandle(set_id, NIL, None, "backup", key), wrapped.hex(), sealed


def key_of(made: BackupSet, *, recovery_key: RecoveryKey | None) -> DataKey:
    """Open the key of a backup with the keyring, or with a recovery key.

    Raises
    ------
    BackupSealedError
        If neither does it.
    """
    if recovery_key is not None and made.recoverable:
        return DataKey(recovery_key.open(base64.b64decode(made.recoverable)))
    try:
        epoch = keyring.current().epoch_key(NIL, _EPOCH)
        return epoch.unwrap(bytes.fromhex(made.wrapped), tenant_id=NIL, key_id=made.id, epoch=_EPOCH)
    except DomainError:
        raise BackupSealedError() from None


def write_archive(key: KeyHandle, blocks: Iterable[bytes]) -> Archive:
    """Seal a stream into the backup store, durably."""
    store = storage.backups()
    with ObjectWriter(key=key, kind=ObjectKind.EXPORT, storage=store) as writer:
        for block in blocks:
            writer.write(block)
        staged = writer.finish()
    store.sync([staged.object_key])
    return Archive.of(staged)


def read_archive(made: BackupSet, archive: Archive, key: DataKey) -> Iterator[bytes]:
    """Yield the plain bytes of an archive.

    Raises
    ------
    ObjectTamperedError, ObjectMissingError
        If anything of it is not as it was sealed.
    """
    reader = ObjectReader(
        storage=storage.backups(),
        object_key=archive.object_key,
        head=bytes.fromhex(archive.head),
        key=key,
        tenant_id=NIL,
        key_id=made.id,
        object_id=UUID(archive.id),
        plain_size=archive.plain_size,
    )
    return reader.stream()


def write(made: BackupSet) -> None:
    """Sign a backup and put it into the index: from now on it exists."""
    document = {"type": KIND, **asdict(made), "id": str(made.id), "created_at": made.created_at.isoformat()}
    storage.backups().put(_address(made.id), signed(document), is_replacing=False)
    with exclusive.backup_index():
        _write_index([*list_ids(), made.id])


def read(set_id: UUID | None, *, is_trusted: bool = False) -> BackupSet:
    """Return a backup, the newest where none is named.

    Parameters
    ----------
    is_trusted
        Take it without its signature: after a total loss there is no key to compare it with.

    Raises
    ------
    BackupMissingError, BackupDamagedError
        If there is none, or it is not as it was signed.
    """
    ids = list_ids()
    wanted = set_id or (ids[-1] if ids else None)
    data = storage.backups().get(_address(wanted)) if wanted else None
    if data is None:
        raise BackupMissingError()
    try:
        held = json.loads(data)
        found = _parse(held["document"])
    except (ValueError, KeyError, TypeError):
        raise BackupDamagedError("The description of the backup cannot be read.") from None
    if not is_trusted and not _is_signed(held):
        raise BackupDamagedError("The description of the backup was changed.")
    return found


def signed(document: dict[str, Any]) -> bytes:
    """Return a document signed by the deployment, as `verify_audit.py` takes it."""
    signer = audit.signer_of(tenant_id=NIL)
    body = certificate.canonical(document)
    return certificate.envelope(body=body, signature=signer.sign(body), verifier_key=signer.verifier_key)


def list_ids() -> list[UUID]:
    """List the backups, oldest first."""
    data = storage.backups().get(_INDEX)
    return [UUID(name) for name in json.loads(data)] if data else []


def remove(made: BackupSet) -> None:
    """Remove a backup: first from the index, then what it has for itself."""
    with exclusive.backup_index():
        _write_index([set_id for set_id in list_ids() if set_id != made.id])
    storage.backups().delete([made.database.object_key, made.inventory.object_key, _address(made.id)])


def _is_signed(held: dict[str, Any]) -> bool:
    public = audit.signer_of(tenant_id=NIL).public_key
    body = certificate.canonical(held["document"])
    return audit.verifies(public_key=public, message=body, signature=certificate.signature_of(held))


def _parse(document: dict[str, Any]) -> BackupSet:
    values = {name: value for name, value in document.items() if name != "type"}
    values["id"], values["created_at"] = UUID(values["id"]), dt.datetime.fromisoformat(values["created_at"])
    values["database"], values["inventory"] = Archive(**values["database"]), Archive(**values["inventory"])
    return BackupSet(**values)


def _write_index(ids: list[UUID]) -> None:
    storage.backups().put(_INDEX, json.dumps([str(set_id) for set_id in ids]).encode(), is_replacing=True)


def _address(set_id: UUID) -> str:
    return f"sets/{set_id}.json"
