"""Files as they are served: as they are stored, unless their study was split off another."""

from collections.abc import Iterator
from dataclasses import dataclass

from pacs.dicom.file_meta import START_BYTES, data_set_offset
from pacs.dicomweb import identified
from pacs.dicomweb.identified import Identified
from pacs.dicomweb.stored import BLOCK, Run
from pacs.selectors import InstanceRef
from vault import selectors as vault


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it was received, deflated where it was; opened when it is read."""

    instance: InstanceRef

    @property
    def size(self) -> int:
        """Return the size of the file in bytes."""
        return self.instance.size_bytes

    @property
    def crc32(self) -> int:
        """Return the checksum of the file, for an archive."""
        return self.instance.crc32

    @property
    def entity_tag(self) -> str:
        """Return what changes whenever the file does."""
        return f'"{self.instance.sha256.hex()}"'

    def __iter__(self) -> Iterator[bytes]:
        return self.between(b"", b"")

    def between(self, head: bytes, tail: bytes) -> Iterator[bytes]:
        """Yield it in blocks, with `head` before the first and `tail` behind the last, in the same pieces."""
        return Run(self.instance).between(head, tail)

    def data_set(self) -> Iterator[bytes]:
        """Return what follows the file meta information, in blocks."""
        reader = vault.open_blob(self.instance.blob)
        return reader.stream(data_set_offset(reader.read(0, START_BYTES)), None, BLOCK)

    def range(self, offset: int, length: int) -> Iterator[bytes]:
        """Yield a range of the file."""
        yield from vault.open_blob(self.instance.blob).stream(offset, length, BLOCK)


def file_of(instance: InstanceRef) -> Stored | Identified:
    """Return the file of an instance as it is served."""
    return Identified(instance) if identified.is_needed(instance) else Stored(instance)
