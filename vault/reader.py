"""Opening ranges of one object: nothing is released before its tag is verified."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from vault import floe, scratch
from vault.errors import ObjectTamperedError
from vault.keys import DataKey
from vault.objects import HEAD_SIZE, PAYLOAD_SIZE, PREFIX_SIZE, SEGMENT_SIZE, Prefix, cipher_size, count_segments

if TYPE_CHECKING:
    from vault.storage.port import Source, Storage

BLOCK = 262_144


class ObjectReader:
    """Reads ranges of one object, one ranged read of the store for each.

    Parameters
    ----------
    head
        The first 122 bytes, as the database remembers them.
    object_id, key_id, tenant_id
        What the object must be bound to.
    plain_size
        The size of the content in bytes, as the database remembers it. An object of any other size is refused before
        anything of it is opened: a crafted shorter one could end in an empty segment.

    Raises
    ------
    ObjectTamperedError
        If the head is not that of this object under this key; every later deviation raises it too.
    """

    def __init__(
        self,
        *,
        storage: "Storage",
        object_key: str,
        head: bytes,
        key: DataKey,
        tenant_id: UUID,
        key_id: UUID,
        object_id: UUID,
        plain_size: int,
    ) -> None:
        prefix = Prefix.parse(head)
        if (prefix.key_id, prefix.object_id) != (key_id, object_id) or len(head) != HEAD_SIZE:
            raise ObjectTamperedError("Object {id} has the head of another one.", id=object_id)
        try:
            self._message = floe.start_decryption(
                key.reveal(), prefix.associated_data(tenant_id), bytes(head[PREFIX_SIZE:])
            )
        except floe.FloeError:
            raise ObjectTamperedError("The head of object {id} is not authentic.", id=object_id) from None
        self.plain_size = plain_size
        self._storage = storage
        self._object_key = object_key
        self._object_id = object_id
        self._cipher_size = cipher_size(plain_size)
        self._last = count_segments(plain_size) - 1

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset`, fewer where the content ends, as a slice would.

        Raises
        ------
        ObjectMissingError, ObjectTamperedError, UnavailableError
            If the store has lost, changed or cannot give them.
        """
        if offset < 0 or length < 0:
            raise ValueError("offset and length are not negative")
        stop = min(offset + length, self.plain_size)
        if offset >= stop:
            return b""
        return b"".join(self._stream(offset, stop, scratch.BATCH))

    def stream(
        self,
        offset: int = 0,
        length: int | None = None,
        block: int = BLOCK,
        *,
        head: bytes = b"",
        tail: bytes = b"",
    ) -> Iterator[bytes]:
        """Yield a range in pieces of whole segments, of about `block` bytes, 1 MiB at most.

        Memory does not grow with the range. Also an empty object is read and verified. `head` and `tail` go out in one
        piece with what they stand around, so that nobody copies it for their sake.
        """
        stop = self.plain_size if length is None else min(offset + length, self.plain_size)
        if offset < stop or not self.plain_size:
            step = min(max(1, block // PAYLOAD_SIZE), scratch.BATCH)
            yield from self._stream(offset, stop, step, head, tail)
        elif head or tail:
            yield head + tail

    def _stream(self, offset: int, stop: int, step: int, head: bytes = b"", tail: bytes = b"") -> Iterator[bytes]:
        first, last = offset // PAYLOAD_SIZE, max(0, stop - 1) // PAYLOAD_SIZE
        begin = HEAD_SIZE + first * SEGMENT_SIZE
        end = min(HEAD_SIZE + (last + 1) * SEGMENT_SIZE, self._cipher_size)
        with self._storage.open(self._object_key, begin, end - begin) as source:
            if source.object_size != self._cipher_size:
                raise ObjectTamperedError("Object {id} has another size than was stored.", id=self._object_id)
            for position in range(first, last + 1, step):
                plain = self._decrypt(source, position, min(position + step - 1, last))
                begins_at = position * PAYLOAD_SIZE
                wanted = plain[max(0, offset - begins_at) : stop - begins_at]
                before, behind = head if position == first else b"", tail if position + step > last else b""
                yield b"".join((before, wanted, behind))

    def _decrypt(self, source: "Source", first: int, last: int) -> memoryview:
        """Open segments into the buffer of this thread."""
        end = self._cipher_size - HEAD_SIZE if last == self._last else (last + 1) * SEGMENT_SIZE
        cipher, plain = scratch.buffers.cipher[: end - first * SEGMENT_SIZE], scratch.buffers.plain
        if source.readinto(cipher) != len(cipher):
            raise ObjectTamperedError("Object {id} ends too early.", id=self._object_id)
        filled = 0
        try:
            for position in range(first, last + 1):
                segment = cipher[(position - first) * SEGMENT_SIZE : (position - first + 1) * SEGMENT_SIZE]
                is_last = position == self._last
                filled += self._message.decrypt_segment(segment, position, is_last=is_last, into=plain[filled:])
        except floe.FloeError as error:
            raise ObjectTamperedError("Object {id}: {error}.", id=self._object_id, error=error) from None
        return plain[:filled]
