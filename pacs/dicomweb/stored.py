"""Reading inside stored objects: frames and bulk values, by the offsets that the scan found."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pacs.dicom.frames import FrameIndex
from pacs.dicom.inflate import Inflater
from pacs.dicom.limits import DEFAULT_LIMITS
from pacs.dicom.transfer_syntaxes import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
from pacs.dicomweb import parts
from pacs.errors import StudyNotFoundError
from pacs.selectors import InstanceRef
from vault import selectors as vault

BLOCK = 1 << 20
# (0002,0000) File Meta Information Group Length, after preamble and prefix (PS3.10 7.1).
_GROUP_LENGTH = struct.Struct("<132x4x2x2xI")


def index_of(instance: InstanceRef) -> FrameIndex:
    """Return where the frames lie.

    Raises
    ------
    StudyNotFoundError
        If the instance has no frames.
    """
    if instance.frame_index is None:
        raise StudyNotFoundError("The instance is no image.")
    return instance.frame_index


def frame_size(instance: InstanceRef, number: int) -> int:
    """Return the bytes of a frame as it is stored (PS3.18 8.7.3.3.2).

    Raises
    ------
    FrameNotFoundError
        If there is no frame of this number, counted from 1.
    """
    index = index_of(instance)
    segments = index.segments(number)
    return (index.frame_bits + 7) // 8 if index.first_bit(number) else sum(length for _, length in segments)


@dataclass(frozen=True, slots=True)
class Run:
    """What a part is made of: ranges of an object as it is stored, or all of it; opened when it is iterated."""

    instance: InstanceRef
    ranges: Sequence[tuple[int, int]] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self.between(b"", b"")

    def between(self, head: bytes, tail: bytes) -> Iterator[bytes]:
        """Yield it in blocks, with `head` before the first and `tail` behind the last, in the same pieces."""
        if self.ranges is not None and self.instance.transfer_syntax_uid == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN:
            yield from parts.around(_inflated_ranges(self.instance, self.ranges), head, tail)
            return
        reader = vault.open_blob(self.instance.blob)
        ranges = ((0, reader.plain_size),) if self.ranges is None else self.ranges
        if not ranges:
            yield head + tail
        for number, (offset, length) in enumerate(ranges, start=1):
            before, behind = head if number == 1 else b"", tail if number == len(ranges) else b""
            yield from reader.stream(offset, length, BLOCK, head=before, tail=behind)


def frame_blocks(instance: InstanceRef, number: int) -> Iterable[bytes]:
    """Return a frame as it is stored, in blocks; fragments without their item headers."""
    index = index_of(instance)
    run = Run(instance, index.segments(number))
    shift = index.first_bit(number)
    is_whole = not (shift or index.frame_bits % 8)
    return run if is_whole else map(partial(_aligned, shift=shift, bits=index.frame_bits), _whole(run))


def _whole(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield b"".join(blocks)


def _aligned(data: bytes, shift: int, bits: int) -> bytes:
    """Cut a frame of single bits out of the bytes it shares with its neighbours (PS3.5 8.1.1)."""
    number = int.from_bytes(data, "little") >> shift & ((1 << bits) - 1)
    return number.to_bytes((bits + 7) // 8, "little")


def value_blocks(instance: InstanceRef, offset: int, length: int) -> Run:
    """Return the bytes of one value of an object."""
    return Run(instance, ((offset, length),))


def object_blocks(instance: InstanceRef) -> Run:
    """Return an object as it was received."""
    return Run(instance)


def inflated_data_set(instance: InstanceRef) -> Iterator[bytes]:
    """Yield the data set of a deflated object as it is inflated: in Explicit VR Little Endian (PS3.5 A.5)."""
    blocks = _inflated(instance)
    next(blocks)  # the file meta information
    return blocks


def inflated_offset(instance: InstanceRef) -> int:
    """Return where the data set of a deflated object begins, also in its inflated form."""
    return len(next(_inflated(instance)))


def _inflated_ranges(instance: InstanceRef, ranges: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """Yield ranges of the inflated form, in order; offsets count the file meta information as it is (PS3.10 7.1)."""
    position = 0
    wanted = iter(ranges)
    offset, length = next(wanted)
    for block in _inflated(instance):
        end = position + len(block)
        while length and offset < end:
            piece = block[offset - position : offset - position + length]
            yield piece
            offset, length = offset + len(piece), length - len(piece)
            if not length:
                offset, length = next(wanted, (0, 0))
        if not length:
            return
        position = end


def _inflated(instance: InstanceRef) -> Iterator[bytes]:
    reader = vault.open_blob(instance.blob)
    (meta_length,) = _GROUP_LENGTH.unpack(reader.read(0, _GROUP_LENGTH.size))
    begin = _GROUP_LENGTH.size + meta_length
    yield reader.read(0, begin)
    inflater = Inflater(limit=DEFAULT_LIMITS.inflated_bytes)
    for block in reader.stream(begin):
        yield from inflater.feed(memoryview(block))
