"""Files that belong to the compliance record (photographs, evidence), each sealed in the vault under its own key."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from common.ids import uuid7
from vault import selectors as vault_selectors
from vault import services as vault
from vault.objects import ObjectKind


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Where a file lies, and what it is."""

    blob_id: UUID
    size_bytes: int
    sha256: bytes


def keep(*, tenant_id: UUID, data: bytes) -> KeptFile:
    """Seal a file and commit it with its key, in the caller's transaction."""
    key = vault.key_for(tenant_id=tenant_id, name=f"compliance:{uuid7()}")
    with vault.stage(key=key, kind=ObjectKind.EXPORT) as writer:
        writer.write(data)
        staged = writer.finish()
    vault.sync([staged])
    vault.commit(keys=[key], staged=[staged])
    return KeptFile(blob_id=staged.id, size_bytes=len(data), sha256=hashlib.sha256(data).digest())


def read(*, tenant_id: UUID, blob_id: UUID) -> bytes:
    """Return a file as it was kept."""
    reader = vault_selectors.open_object(tenant_id=tenant_id, blob_id=blob_id)
    return reader.read(0, reader.plain_size)


def remove(*, tenant_id: UUID, blob_id: UUID) -> None:
    """Remove the bytes of a file once the caller's transaction is committed."""
    vault.delete_blobs(tenant_id=tenant_id, blob_ids=[blob_id])
