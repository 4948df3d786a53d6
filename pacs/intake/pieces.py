"""Large files, sent piece by piece: each is sealed and durable when it is answered, the file is scanned as a whole."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction

from common.actor import Actor
from common.errors import TooLargeError
from common.scope import tenant_scope
from pacs.errors import PiecesMissingError
from pacs.models import UploadPiece
from vault import selectors as vault_selectors
from vault import services as vault
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.writer import StagedObject

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from vault.selectors import BlobRef

MAX_PIECE: Final = 16 * 1024 * 1024
# As many as make the largest file that one request may carry.
MAX_NUMBER: Final = 511
# Not the study's own key: whose study it is stands in a header that may be in another piece.
_KEY: Final = "uploads"


def list_numbers(*, actor: Actor, upload_id: UUID, fingerprint: bytes) -> list[int]:
    """Return which pieces of a file have arrived."""
    with tenant_scope(actor.tenant_id):
        found = UploadPiece.objects.filter(upload_id=upload_id, fingerprint=fingerprint)
        return list(found.order_by("number").values_list("number", flat=True))


def keep(*, actor: Actor, upload_id: UUID, fingerprint: bytes, number: int, blocks: Iterable[bytes]) -> None:
    """Keep one piece; the same one twice is kept once."""
    key = vault.key_for(tenant_id=actor.tenant_id, name=_KEY)
    with vault.stage(key=key, kind=ObjectKind.QUARANTINE) as writer:
        for block in _bounded(blocks):
            writer.write(block)
        staged = writer.finish()
    row = UploadPiece(
        tenant_id=actor.tenant_id,
        upload_id=upload_id,
        fingerprint=fingerprint,
        number=number,
        size_bytes=staged.plain_size,
        blob_id=staged.id,
    )
    try:
        vault.sync([staged])
        _commit(row, key, staged)
    except BaseException:
        vault.discard([staged])
        raise


def _commit(row: UploadPiece, key: KeyHandle, staged: StagedObject) -> None:
    with tenant_scope(row.tenant_id), transaction.atomic():
        vault.commit(keys=[key], staged=[staged])
        UploadPiece.objects.bulk_create([row], ignore_conflicts=True)
        if not UploadPiece.objects.filter(id=row.id).exists():
            vault.delete_blobs(tenant_id=row.tenant_id, blob_ids=[staged.id])


def _bounded(blocks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > MAX_PIECE:
            raise TooLargeError("A piece may have {limit} bytes at most.", limit=MAX_PIECE)
        yield block


def read(*, actor: Actor, upload_id: UUID, fingerprint: bytes, size_bytes: int) -> Iterator[bytes]:
    """Return a file whose pieces have all arrived.

    Raises
    ------
    PiecesMissingError
        When some have not, or they do not make a file of this size.
    """
    with tenant_scope(actor.tenant_id):
        rows = list(UploadPiece.objects.filter(upload_id=upload_id, fingerprint=fingerprint).order_by("number"))
        refs = vault_selectors.blob_refs([row.blob_id for row in rows])
    is_whole = [row.number for row in rows] == list(range(len(rows)))
    if not is_whole or sum(row.size_bytes for row in rows) != size_bytes or len(refs) != len(rows):
        raise PiecesMissingError
    return _stream([refs[row.blob_id] for row in rows])


def _stream(refs: "Sequence[BlobRef]") -> Iterator[bytes]:
    for ref in refs:
        yield from vault_selectors.open_blob(ref).stream()


def forget(*, actor: Actor, upload_id: UUID, fingerprint: bytes) -> None:
    """Drop the pieces of a file that is answered, in the transaction that answers it."""
    with tenant_scope(actor.tenant_id):
        drop(UploadPiece.objects.filter(upload_id=upload_id, fingerprint=fingerprint))


def drop(rows: "QuerySet[UploadPiece]") -> None:
    """Drop pieces with what they hold, in the caller's transaction and scope."""
    found = list(rows)
    for tenant_id in {row.tenant_id for row in found}:
        vault.delete_blobs(tenant_id=tenant_id, blob_ids=[row.blob_id for row in found])
    rows.delete()
