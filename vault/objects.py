"""The layout of an encrypted object ("DPO1"): a prefix that says what it is, then one FLOE message.

Big endian::

    0 "DPO1" | 4 u8 version=1 | 5 u8 suite=1 | 6 u16 prefix_len=48 | 8 study_key_id[16] | 24 object_id[16]
    40 u16 kind | 42 u16 flags | 44 u32 zero | 48 FLOE header[74] | 122 FLOE body

The associated data is the prefix and the tenant's id, which stands nowhere in the object: copied to another tenant, or
renamed to another object, it does not open. The plain size is known from elsewhere (the row, or the last segment), so
that each plain size has exactly one cipher size.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from vault import floe
from vault.errors import ObjectTamperedError

MAGIC = b"DPO1"
PREFIX_SIZE = 48
HEAD_SIZE = PREFIX_SIZE + floe.HEADER_SIZE
SEGMENT_SIZE = floe.PRODUCTION.segment_size
PAYLOAD_SIZE = floe.PRODUCTION.payload_size
_PREFIX = struct.Struct(">4sBBH16s16sHHI")


class ObjectKind(IntEnum):
    """What an object holds."""

    DICOM = 1
    METADATA = 2
    RENDERED = 3
    INFERENCE = 4
    REPORT = 5
    EXPORT = 6
    QUARANTINE = 7


@dataclass(frozen=True, slots=True)
class Prefix:
    """The first 48 bytes of an object, in plain: the key that seals it, its own id, and its kind."""

    key_id: UUID
    object_id: UUID
    kind: ObjectKind

    def pack(self) -> bytes:
        """Return the bytes."""
        return _PREFIX.pack(MAGIC, 1, 1, PREFIX_SIZE, self.key_id.bytes, self.object_id.bytes, self.kind, 0, 0)

    @classmethod
    def parse(cls, head: bytes) -> "Prefix":
        """Read the prefix of an object's head.

        Raises
        ------
        ObjectTamperedError
            If the bytes are not those that `pack` writes.
        """
        try:
            key_id, object_id, kind = _PREFIX.unpack_from(head)[4:7]
            prefix = cls(UUID(bytes=key_id), UUID(bytes=object_id), ObjectKind(kind))
        except (struct.error, ValueError):
            raise ObjectTamperedError("This is no object of this portal.") from None
        if prefix.pack() != bytes(head[:PREFIX_SIZE]):
            raise ObjectTamperedError("This is no object of this portal, or of a later version.")
        return prefix

    def associated_data(self, tenant_id: UUID) -> bytes:
        """Return what the seal binds beside the content."""
        return self.pack() + tenant_id.bytes


def count_segments(plain_size: int) -> int:
    """Return the number of segments of an object; also an empty one has its last segment."""
    return max(1, -(-plain_size // PAYLOAD_SIZE))


def cipher_size(plain_size: int) -> int:
    """Return the size of the whole object in bytes."""
    return HEAD_SIZE + plain_size + count_segments(plain_size) * floe.OVERHEAD
