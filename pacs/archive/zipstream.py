"""ZIP archives as a stream (APPNOTE.TXT 6.3.10): checksums and sizes are known before the first byte.

A stored file is therefore complete in its local header, and the size of the whole archive can be announced. A deflated
one says its compressed size behind its data. Zip64 is used where numbers need it, and only there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from struct import Struct

from isal import isal_zlib

STORED, DEFLATED = 0, 8
_LOCAL = Struct("<IHHHHHIIIHH")
_CENTRAL = Struct("<IHHHHHHIIIHHHHHII")
_END = Struct("<IHHHHIIH")
_END64 = Struct("<IQHHIIQQQQ")
_LOCATOR = Struct("<IIQI")
_DESCRIPTOR = Struct("<IIII")
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_VERSION, _VERSION_64 = 20, 45
_ON_UNIX = 3 << 8
_IS_DESCRIBED_LATER = 1 << 3
_MODE = 0o100644 << 16
# A deflated file grows by at most this share; beyond, its sizes might need Zip64 before they are known.
_MAX_DEFLATED = _FULL32 - (_FULL32 >> 8)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Attributes
    ----------
    name
        ASCII, with forward slashes.
    size, crc32
        Of the content.
    blocks
        The content, iterated once when its turn comes.
    """

    name: str
    size: int
    crc32: int
    blocks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the directory at the end says of a member."""

    member: Member
    method: int
    offset: int
    compressed: int


class ZipStream:
    """One archive.

    Parameters
    ----------
    members
        In the order in which they are written; large ones are never held.
    modified
        The time that all files carry, to two seconds.
    is_deflated
        Whether to compress; the size of the archive is then not known beforehand.
    """

    def __init__(self, members: Sequence[Member], *, modified: datetime, is_deflated: bool = False) -> None:
        self._members = members
        self._is_deflated = is_deflated
        self._time = modified.hour << 11 | modified.minute << 5 | modified.second // 2
        self._date = max(0, modified.year - 1980) << 9 | modified.month << 5 | modified.day

    @property
    def size(self) -> int | None:
        """Return the size of the archive in bytes, where it is known."""
        if self._is_deflated:
            return None
        entries, offset = self._planned()
        return offset + sum(map(len, self._directory(entries, offset)))

    def _planned(self) -> tuple[list[_Entry], int]:
        entries, offset = [], 0
        for member in self._members:
            entry = _Entry(member, STORED, offset, member.size)
            entries.append(entry)
            offset += len(self._local(entry)) + member.size
        return entries, offset

    def __iter__(self) -> Iterator[bytes]:
        entries: list[_Entry] = []
        offset = 0
        for member in self._members:
            is_deflated = self._is_deflated and member.size <= _MAX_DEFLATED
            entry = _Entry(member, DEFLATED if is_deflated else STORED, offset, member.size)
            head = self._local(entry)
            offset += len(head)
            written = 0
            for block in self._content(entry):
                # The header goes out with the first bytes: one piece less for the server to send.
                yield head + block if head else block
                written, head = written + len(block), b""
            tail = self._descriptor(entry, written)
            offset += written + len(tail)
            yield head + tail
            entries.append(_Entry(member, entry.method, entry.offset, written))
        yield b"".join(self._directory(entries, offset))

    @staticmethod
    def _content(entry: _Entry) -> Iterator[bytes]:
        if entry.method == STORED:
            yield from entry.member.blocks
            return
        squeeze = isal_zlib.compressobj(level=1, wbits=-15)
        for block in entry.member.blocks:
            if piece := squeeze.compress(block):
                yield piece
        yield squeeze.flush()

    @staticmethod
    def _descriptor(entry: _Entry, compressed: int) -> bytes:
        """Return the data descriptor of a deflated file (4.3.9)."""
        if entry.method == STORED:
            return b""
        return _DESCRIPTOR.pack(0x08074B50, entry.member.crc32, compressed, entry.member.size)

    def _local(self, entry: _Entry) -> bytes:
        """Return the local file header (4.3.7)."""
        member, name = entry.member, entry.member.name.encode("ascii")
        is_later = entry.method == DEFLATED
        extra = b"" if member.size < _FULL32 else _extra64(member.size, member.size)
        size = _FULL32 if extra else member.size
        return (
            _LOCAL.pack(
                0x04034B50,
                _VERSION_64 if extra else _VERSION,
                _IS_DESCRIBED_LATER if is_later else 0,
                entry.method,
                self._time,
                self._date,
                0 if is_later else member.crc32,
                0 if is_later else size,
                0 if is_later else size,
                len(name),
                len(extra),
            )
            + name
            + extra
        )

    def _directory(self, entries: Sequence[_Entry], offset: int) -> Iterator[bytes]:
        """Yield the central directory and its end (4.3.12 to 4.3.16)."""
        size = 0
        for entry in entries:
            record = self._central(entry)
            size += len(record)
            yield record
        yield _end(len(entries), size, offset)

    def _central(self, entry: _Entry) -> bytes:
        member, name = entry.member, entry.member.name.encode("ascii")
        numbers = (member.size, entry.compressed, entry.offset)
        large = [number for number in numbers if number >= _FULL32]
        extra = _extra64(*large) if large else b""
        size, compressed, offset = (min(number, _FULL32) for number in numbers)
        return (
            _CENTRAL.pack(
                0x02014B50,
                _ON_UNIX | _VERSION_64,
                _VERSION_64 if large else _VERSION,
                _IS_DESCRIBED_LATER if entry.method == DEFLATED else 0,
                entry.method,
                self._time,
                self._date,
                member.crc32,
                compressed,
                size,
                len(name),
                len(extra),
                *(0, 0, 0),
                _MODE,
                offset,
            )
            + name
            + extra
        )


def _extra64(*numbers: int) -> bytes:
    """Return the Zip64 extended information field (4.5.3)."""
    return Struct(f"<HH{len(numbers)}Q").pack(1, 8 * len(numbers), *numbers)


def _end(count: int, size: int, offset: int) -> bytes:
    """Return the end of the central directory, in its Zip64 form too where a number needs it."""
    record = _END.pack(
        0x06054B50, 0, 0, min(count, _FULL16), min(count, _FULL16), min(size, _FULL32), min(offset, _FULL32), 0
    )
    if count < _FULL16 and size < _FULL32 and offset < _FULL32:
        return record
    end64 = _END64.pack(
        0x06064B50, _END64.size - 12, _ON_UNIX | _VERSION_64, _VERSION_64, 0, 0, count, count, size, offset
    )
    return end64 + _LOCATOR.pack(0x07064B50, 0, offset + size, 1) + record
