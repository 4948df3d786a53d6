"""Fragments of encapsulated pixel data, and the frames they make (PS3.5 A.4)."""

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from pacs.dicom.errors import FragmentsError
from pacs.dicom.frames import FrameIndex
from pacs.dicom.limits import Budget, Limits

_HEADER = struct.Struct("<HHI")
_ITEM = (0xFFFE, 0xE000)
_SEQUENCE_END = (0xFFFE, 0xE0DD)
_UNDEFINED = 0xFFFFFFFF

# Start of image of JPEG and JPEG-LS, start of codestream of JPEG 2000, signatures of JPEG XL: where a frame begins if
# neither table says so.
_FRAME_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")
_SIGNATURE_SIZE = 8


# What stands around the fragments of pixel data: a length that is not known, an empty table of offsets, a delimiter.
UNKNOWN_LENGTH = b"\xff" * 4
FRAGMENTS_START = _HEADER.pack(*_ITEM, 0)
FRAGMENTS_END = _HEADER.pack(*_SEQUENCE_END, 0)


def write_fragment(frame: bytes) -> bytes:
    """Write one frame as one fragment (PS3.5 A.4)."""
    padding = len(frame) % 2
    return _HEADER.pack(*_ITEM, len(frame) + padding) + frame + bytes(padding)


def write_fragments(frames: Iterable[bytes]) -> bytes:
    """Write frames as fragments, one each, behind an empty offset table (PS3.5 A.4)."""
    return FRAGMENTS_START + b"".join(map(write_fragment, frames)) + FRAGMENTS_END


@dataclass(frozen=True, slots=True)
class OffsetTables:
    """What the object itself says about where frames begin.

    Attributes
    ----------
    extended, extended_lengths
        Value fields of (7FE0,0001) and (7FE0,0002); empty if absent.
    """

    extended: bytes = b""
    extended_lengths: bytes = b""


class FragmentWalker:
    """Walk over fragments pushed in chunks, looking at nothing but their headers.

    Parameters
    ----------
    position
        Offset of the first item, which holds the Basic Offset Table.

    Attributes
    ----------
    is_done
        Whether the sequence delimiter was read.
    """

    def __init__(self, *, limits: Limits, position: int) -> None:
        self._limits = limits
        self._budget = Budget(limits)
        self.position = position
        self.is_done = False
        self._pending = bytearray()
        self._table: bytearray | None = None
        self._table_size = 0
        self._skip = 0
        self._first_offset = 0
        self._lengths: array[int] = array("I")
        self._signatures: list[bytes] = []
        self._signature_size = 0

    def feed(self, chunk: memoryview) -> memoryview:
        """Read on; give back what lies behind the sequence delimiter."""
        while len(chunk) and not self.is_done:
            size = self._wanted(len(chunk))
            self._take(chunk[:size])
            self.position += size
            chunk = chunk[size:]
        return chunk

    def _wanted(self, available: int) -> int:
        wanted = self._skip or (self._table_size or self._signature_size or _HEADER.size) - len(self._pending)
        return min(wanted, available)

    def _take(self, piece: memoryview) -> None:
        if self._skip:
            self._skip -= len(piece)
            return
        self._pending += piece
        if self._table_size:
            self._take_table()
        elif self._signature_size:
            self._take_signature()
        elif len(self._pending) == _HEADER.size:
            self._take_header(self.position + len(piece))

    def _take_table(self) -> None:
        if len(self._pending) == self._table_size:
            self._table = self._pending
            self._pending = bytearray()
            self._table_size = 0
            self._first_offset += len(self._table)

    def _take_signature(self) -> None:
        if len(self._pending) == self._signature_size:
            self._signatures.append(bytes(self._pending))
            self._pending.clear()
            self._skip = self._lengths[-1] - self._signature_size
            self._signature_size = 0

    def _take_header(self, after: int) -> None:
        group, element, length = _HEADER.unpack(self._pending)
        self._pending.clear()
        if (group, element) == _SEQUENCE_END and length == 0 and self._table is not None:
            self.is_done = True
        elif (group, element) != _ITEM or length == _UNDEFINED:
            raise FragmentsError("an item of defined length was expected", tag=group << 16 | element, offset=after - 8)
        elif self._table is None:
            self._begin_table(after, length)
        else:
            self._begin_fragment(length)

    def _begin_table(self, after: int, length: int) -> None:
        if length % 4 or length // 4 > self._limits.fragments:
            raise FragmentsError("the basic offset table has an impossible length", offset=after)
        self._first_offset = after
        self._table_size = length
        if not length:
            self._table = bytearray()

    def _begin_fragment(self, length: int) -> None:
        self._budget.count_fragment()
        self._lengths.append(length)
        self._signature_size = min(length, _SIGNATURE_SIZE)
        if not length:
            self._signatures.append(b"")

    def index(self, number_of_frames: int, tables: OffsetTables) -> FrameIndex:
        """Say which fragments make which frame.

        Parameters
        ----------
        number_of_frames
            Number of Frames (0028,0008); 1 for a video, whose frames have no bytes of their own.
        tables
            The extended offset table.

        Raises
        ------
        FragmentsError
            If the tables, the fragments and the number of frames contradict each other.
        """
        if not any(self._lengths):
            raise FragmentsError("there is no fragment with data", offset=self._first_offset)
        starts = self._starts(number_of_frames, tables)
        is_one_to_one = len(starts) == len(self._lengths)
        return FrameIndex(
            self._first_offset, len(starts), 0, self._lengths, array("I") if is_one_to_one else array("I", starts)
        )

    def _starts(self, frames: int, tables: OffsetTables) -> list[int]:
        if tables.extended:
            return self._by_extended_table(frames, tables)
        if self._table:
            offsets = struct.unpack(f"<{len(self._table) // 4}I", self._table)
            return self._by_offsets(frames, offsets)
        if frames == 1:
            return [0]
        filled = [index for index, length in enumerate(self._lengths) if length]
        if len(filled) == frames:
            return filled
        starts = [index for index in filled if self._signatures[index].startswith(_FRAME_STARTS)]
        if len(starts) == frames and starts[0] == 0:
            return starts
        raise FragmentsError(
            f"{len(filled)} fragments without a table of offsets cannot be assigned to {frames} frames"
        )

    def _by_extended_table(self, frames: int, tables: OffsetTables) -> list[int]:
        extended, lengths = tables.extended, tables.extended_lengths
        if self._table or len(extended) != 8 * frames or len(lengths) != 8 * frames:
            raise FragmentsError(f"the extended offset table does not describe {frames} frames", tag=0x7FE00001)
        starts = self._by_offsets(frames, struct.unpack(f"<{frames}Q", extended))
        sizes = struct.unpack(f"<{frames}Q", lengths)
        if starts != list(range(len(self._lengths))) or any(map(int.__gt__, sizes, self._lengths)):
            raise FragmentsError("the extended offset table needs one fragment for each frame", tag=0x7FE00002)
        return starts

    def _by_offsets(self, frames: int, offsets: tuple[int, ...]) -> list[int]:
        """Map offsets of item tags to fragments."""
        if len(offsets) != frames:
            raise FragmentsError(f"the table of offsets has {len(offsets)} entries for {frames} frames")
        items = [0]
        for length in self._lengths:
            items.append(items[-1] + 8 + length)
        starts = [bisect_left(items, offset) for offset in offsets]
        are_items = all(
            items[start] == offset for start, offset in zip(starts, offsets, strict=True) if start < len(items)
        )
        is_rising = all(before < after for before, after in pairwise(starts))
        if starts[0] != 0 or not are_items or not is_rising or starts[-1] >= len(self._lengths):
            raise FragmentsError("the table of offsets points beside the fragments")
        return starts
