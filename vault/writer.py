"""Sealing one object while it streams in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from isal import isal_zlib

from common.ids import uuid7
from vault import floe, scratch
from vault.floe import Buffer
from vault.objects import PAYLOAD_SIZE, ObjectKind, Prefix, cipher_size

if TYPE_CHECKING:
    from vault.keys_of_studies import KeyHandle
    from vault.storage.port import Storage


@dataclass(frozen=True, slots=True)
class StagedObject:
    """An object that lies sealed in the store, not yet known to the database.

    `sha256` and `crc32` are those of the plain bytes; `object_key` is where the store keeps it; `head` is the first 122
    bytes, so that one ranged read serves one range.
    """

    id: UUID
    tenant_id: UUID
    key_id: UUID
    kind: ObjectKind
    object_key: str
    head: bytes
    plain_size: int
    cipher_size: int
    sha256: bytes
    crc32: int


def new_object_key() -> str:
    """Return a final, never used address.

    The folder changes every second: what arrives together lies together, and one fsync keeps the names of all of it.
    """
    name = uuid7()
    milliseconds = name.int >> 80
    return f"o/{milliseconds >> 10 & 0xFF:02x}/{name}"


class ObjectWriter:
    """Seals, hashes and stores what is written; `finish` closes the object, `abort` forgets it.

    As a context manager it aborts what was not finished.
    """

    def __init__(
        self, *, key: "KeyHandle", kind: ObjectKind, storage: "Storage", object_id: UUID | None = None
    ) -> None:
        self._prefix = Prefix(key_id=key.id, object_id=object_id or uuid7(), kind=kind)
        self._tenant_id = key.tenant_id
        aad = self._prefix.associated_data(key.tenant_id)
        self._message, header = floe.start_encryption(key.key.reveal(), aad)
        self._head = self._prefix.pack() + header
        self._object_key = new_object_key()
        self._sink = storage.create(self._object_key)
        self._sink.write(self._head)
        self._pending = bytearray()
        self._position = 0
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._crc32 = 0
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()

    @property
    def size_bytes(self) -> int:
        """Return how many plain bytes were written."""
        return self._size

    def write(self, data: Buffer) -> None:
        """Take more plain bytes.

        The last full segment is always held back, since only `finish` knows which one is the last.

        Raises
        ------
        StorageFullError, UnavailableError
            If the store cannot take them; abort then.
        """
        view = memoryview(data).cast("B")
        self._sha256.update(view)
        self._crc32 = isal_zlib.crc32(view, self._crc32)
        self._size += len(view)
        missing = PAYLOAD_SIZE - len(self._pending)
        if len(view) <= missing:
            self._pending += view
            return
        full = []
        if self._pending:
            self._pending += view[:missing]
            view = view[missing:]
            full.append(memoryview(self._pending))
            self._pending = bytearray()
        whole = (len(view) - 1) // PAYLOAD_SIZE * PAYLOAD_SIZE
        full += [view[at : at + PAYLOAD_SIZE] for at in range(0, whole, PAYLOAD_SIZE)]
        for first in range(0, len(full), scratch.BATCH):
            self._seal(full[first : first + scratch.BATCH])
        self._pending += view[whole:]

    def finish(self) -> StagedObject:
        """Seal the last segment and close the object; durable it is after `sync`."""
        out = scratch.buffers.cipher
        size = self._message.encrypt_segments([self._pending], self._position, is_last=True, into=out)
        self._sink.write(out[:size])
        self._sink.close()
        self._is_open = False
        return StagedObject(
            id=self._prefix.object_id,
            tenant_id=self._tenant_id,
            key_id=self._prefix.key_id,
            kind=self._prefix.kind,
            object_key=self._object_key,
            head=self._head,
            plain_size=self._size,
            cipher_size=cipher_size(self._size),
            sha256=self._sha256.digest(),
            crc32=self._crc32,
        )

    def abort(self) -> None:
        """Forget an unfinished object; nothing happens to a finished one."""
        if self._is_open:
            self._is_open = False
            self._sink.abort()

    def _seal(self, payloads: Sequence[memoryview]) -> None:
        out = scratch.buffers.cipher
        size = self._message.encrypt_segments(payloads, self._position, is_last=False, into=out)
        self._position += len(payloads)
        self._sink.write(out[:size])
