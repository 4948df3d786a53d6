"""Objects of a study that was split off another: files that name the study and patient that they are served under.

Only the header is written anew, each time that it is asked for; what follows it is read from the original, which stays
as it came. Nothing of this is kept, so that a later correction holds at once.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from isal import isal_zlib

from pacs import overlay as overlays
from pacs.dicom.file_meta import START_BYTES, data_set_offset
from pacs.dicom.rewriting import write_elements
from pacs.dicomweb.rewritten import read_to_pixels
from pacs.dicomweb.stored import BLOCK
from pacs.selectors import InstanceRef
from vault import selectors as vault


def is_needed(instance: InstanceRef) -> bool:
    """Say whether an object is not served as it is stored."""
    return overlays.is_split_off(instance.overlay)


@dataclass(frozen=True)
class Identified:
    """A file of another header than the stored one: new bytes, and from an offset on those of the original."""

    instance: InstanceRef

    @cached_property
    def _parts(self) -> tuple[bytes, bytes, int, int]:
        """File meta information, header, where the original goes on, and the checksum of what comes before that."""
        reader = vault.open_blob(self.instance.blob)
        header, offset = read_to_pixels(reader)
        is_implicit = bool(header.original_encoding[0])
        former = reader.read(0, offset)
        meta = former[: data_set_offset(former[:START_BYTES])]
        overlays.lay_over(header, self.instance.overlay or {})
        return meta, write_elements(header, is_implicit=is_implicit), offset, zlib.crc32(former)

    @property
    def size(self) -> int:
        """Return the size of the file in bytes."""
        meta, header, offset, _ = self._parts
        return len(meta) + len(header) + self.instance.size_bytes - offset

    @property
    def crc32(self) -> int:
        """Return the checksum of the file, for an archive: that of the original tells the one of its rest."""
        meta, header, offset, former = self._parts
        length = self.instance.size_bytes - offset
        rest = self.instance.crc32 ^ isal_zlib.crc32_combine(former, 0, length)
        return int(isal_zlib.crc32_combine(zlib.crc32(header, zlib.crc32(meta)), rest, length))

    @property
    def entity_tag(self) -> str:
        """Return what changes whenever the file does."""
        meta, header, _, _ = self._parts
        return f'"{hashlib.sha256(self.instance.sha256 + meta + header).hexdigest()}"'

    def __iter__(self) -> Iterator[bytes]:
        return self.range(0, self.size)

    def data_set(self) -> Iterator[bytes]:
        """Yield what follows the file meta information."""
        begin = len(self._parts[0])
        return self.range(begin, self.size - begin)

    def range(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield a range of the file."""
        meta, header, goes_on, _ = self._parts
        head = meta + header
        piece = head[offset : offset + length]
        if piece:
            yield piece
        length -= len(piece)
        begin = goes_on + max(0, offset - len(head))
        if length > 0 and begin < self.instance.size_bytes:
            yield from vault.open_blob(self.instance.blob).stream(begin, length, BLOCK)
