"""Files on the image of a CD or DVD (ISO 9660, ECMA-119), which is where patients' images often come from.

Only what is needed to find files is read; names are ignored. Nothing that a directory claims is believed: extents must
lie inside the image, a directory is read once, and their number is bounded.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from common.errors import InvalidInputError, TooLargeError

MAX_ENTRIES: Final = 100_000
BLOCK: Final = 1024 * 1024
_SECTOR: Final = 2048
# The first volume descriptor (ECMA-119 8.1), and where the primary one keeps the record of the root (8.4).
_FIRST: Final = 16
_PRIMARY, _END = 1, 255
# Up to the identifier of the first descriptor (8.1.2).
HEAD_BYTES: Final = _FIRST * _SECTOR + 6
_ROOT: Final = slice(156, 190)
# Length, extended attributes, extent and size (little endian of both orders), flags, length of the name (9.1).
_RECORD: Final = struct.Struct("<BBI4xI4x7xBBB4xB")
_DIRECTORY, _MORE_EXTENTS = 0x02, 0x80
_ITSELF_OR_ABOVE: Final = frozenset({b"\x00", b"\x01"})


class BadDiscError(InvalidInputError):
    code = "bad-disc"
    title = "This image of a disc cannot be read."


class DiscTooLargeError(TooLargeError):
    code = "disc-too-large"
    title = "This image of a disc holds more files than the portal takes at once."


@dataclass(frozen=True, slots=True)
class _Entry:
    sector: int
    size: int
    flags: int
    name: bytes


def looks_like_disc(begin: bytes) -> bool:
    """Say whether a file, of which the first `HEAD_BYTES` are given, has a descriptor where a disc has it."""
    return begin[_FIRST * _SECTOR + 1 : HEAD_BYTES] == b"CD001"


def iterate_disc(file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file of the image as its position and blocks; its DICOMDIR is passed over.

    Raises
    ------
    BadDiscError
        When a directory lies outside of the image, or is none.
    DiscTooLargeError
        When there are too many files.
    """
    reader = _Reader(file, file.seek(0, os.SEEK_END))
    for number, extents in enumerate(reader.files(), start=1):
        yield f"file {number}", reader.blocks(extents)


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size

    def files(self) -> Iterator[list[_Entry]]:
        """Yield the extents of each file, directory by directory."""
        waiting, seen, count = [self._root()], set[int](), 0
        while waiting:
            directory = waiting.pop(0)
            if directory.sector in seen:
                continue
            seen.add(directory.sector)
            extents: list[_Entry] = []
            for entry in self._entries(directory):
                count += 1
                if count > MAX_ENTRIES:
                    raise DiscTooLargeError("It has more than {limit} entries.", limit=MAX_ENTRIES)
                if entry.flags & _DIRECTORY:
                    waiting.append(entry)
                    continue
                extents.append(entry)
                if not entry.flags & _MORE_EXTENTS:
                    if _base(entry) != b"DICOMDIR":
                        yield extents
                    extents = []

    def _root(self) -> _Entry:
        for sector in range(_FIRST, _FIRST + 64):
            descriptor = self._read(sector, _SECTOR)
            if descriptor[1:6] != b"CD001" or descriptor[0] == _END:
                break
            if descriptor[0] == _PRIMARY:
                return _entry(descriptor[_ROOT])
        raise BadDiscError("It has no primary volume descriptor.")

    def _entries(self, directory: _Entry) -> Iterator[_Entry]:
        data = self._read(directory.sector, directory.size)
        at = 0
        while at < len(data):
            length = data[at]
            if not length:
                # A record does not cross sectors: the rest of this one is empty.
                at = (at // _SECTOR + 1) * _SECTOR
                continue
            entry = _entry(data[at : at + length])
            at += length
            if entry.name not in _ITSELF_OR_ABOVE:
                yield entry

    def blocks(self, extents: list[_Entry]) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        for extent in extents:
            self._check(extent.sector, extent.size)
            for begin in range(0, extent.size, BLOCK):
                self._file.seek(extent.sector * _SECTOR + begin)
                yield self._file.read(min(BLOCK, extent.size - begin))

    def _read(self, sector: int, size: int) -> bytes:
        if size > BLOCK * 16:
            raise BadDiscError("A directory is larger than {limit} bytes.", limit=BLOCK * 16)
        self._check(sector, size)
        self._file.seek(sector * _SECTOR)
        return self._file.read(size)

    def _check(self, sector: int, size: int) -> None:
        if sector * _SECTOR + size > self._size:
            raise BadDiscError("Sector {sector} lies outside of it: the image is cut off.", sector=sector)


def _entry(record: bytes) -> _Entry:
    if len(record) < _RECORD.size + 1:
        raise BadDiscError("A record of a directory is too short.")
    _, extended, sector, size, flags, _, _, length = _RECORD.unpack_from(record)
    return _Entry(sector + extended, size, flags, record[_RECORD.size : _RECORD.size + length])


def _base(entry: _Entry) -> bytes:
    return entry.name.partition(b";")[0].rstrip(b".").upper()
