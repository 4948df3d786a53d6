"""Objects and messages for tests of the vault."""

from itertools import count
from typing import Any
from uuid import UUID

from common.ids import uuid7
from vault import floe
from vault.keys import DataKey
from vault.keys_of_studies import KeyHandle
from vault.objects import ObjectKind
from vault.reader import ObjectReader
from vault.storage.port import Storage
from vault.writer import ObjectWriter, StagedObject

TENANT = UUID("0190b5f0-0000-7000-8000-00000000000a")
OTHER_TENANT = UUID("0190b5f0-0000-7000-8000-00000000000b")
_names = count(1)


def make_key(*, tenant_id: UUID = TENANT, value: bytes | None = None, key_id: UUID | None = None) -> KeyHandle:
    """Return a key in memory."""
    key = DataKey(value) if value else DataKey.fresh()
    return KeyHandle(key_id or uuid7(), tenant_id, f"1.2.{next(_names)}", "study", key, is_new=True)


def make_content(size: int) -> bytes:
    """Return bytes that differ from one segment to the next."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))[:size]


def stage(storage: Storage, key: KeyHandle, content: bytes, kind: ObjectKind = ObjectKind.DICOM) -> StagedObject:
    """Seal content and make it durable."""
    with ObjectWriter(key=key, kind=kind, storage=storage) as writer:
        writer.write(content)
        staged = writer.finish()
    storage.sync([staged.object_key])
    return staged


def reader(storage: Storage, key: KeyHandle, staged: StagedObject, **changes: Any) -> ObjectReader:
    """Open a staged object as its row would, but for the changes."""
    wanted: dict[str, Any] = {
        "storage": storage,
        "object_key": staged.object_key,
        "head": staged.head,
        "key": key.key,
        "tenant_id": staged.tenant_id,
        "key_id": staged.key_id,
        "object_id": staged.id,
        "plain_size": staged.plain_size,
    }
    return ObjectReader(**(wanted | changes))


def seal_message(key: bytes, aad: bytes, content: bytes, parameters: floe.Parameters) -> bytes:
    """Seal content as one FLOE message."""
    message, header = floe.start_encryption(key, aad, parameters)
    size = parameters.payload_size
    parts = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
    out = memoryview(bytearray(len(parts) * parameters.segment_size))
    length = message.encrypt_segments(parts, 0, is_last=True, into=out)
    return header + bytes(out[:length])


def open_message(key: bytes, aad: bytes, sealed: bytes, parameters: floe.Parameters) -> bytes:
    """Open one FLOE message, whose last segment is the one at its end."""
    message = floe.start_decryption(key, aad, sealed[: floe.HEADER_SIZE], parameters)
    body = memoryview(sealed)[floe.HEADER_SIZE :]
    size = parameters.segment_size
    out = memoryview(bytearray(size))
    plain = b""
    for number, at in enumerate(range(0, len(body), size)):
        length = message.decrypt_segment(body[at : at + size], number, is_last=at + size >= len(body), into=out)
        plain += bytes(out[:length])
    return plain
