"""Where the frames of an object lie, in a form small enough for a row of the database."""

import struct
import sys
from array import array
from dataclasses import dataclass, field
from typing import Self

from pacs.dicom.errors import DicomError, FrameNotFoundError

_NATIVE = struct.Struct("<BQQQ")
_ENCAPSULATED = struct.Struct("<BQII")
_NATIVE_KIND = 1
_ENCAPSULATED_KIND = 2
_ITEM_HEADER = 8

Segment = tuple[int, int]


class FrameIndexError(DicomError):
    """Stored bytes are no frame index: the row is damaged."""

    code = "bad-frame-index"
    status = 503


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Answer, for a frame number, which bytes of the object to read.

    Native frames follow each other without a gap (PS3.5 8.1.1 and A.1-A.3), so two numbers describe them all. Fragments
    of encapsulated pixel data follow each other behind item headers of 8 bytes (PS3.5 A.4), so their lengths do.

    Attributes
    ----------
    offset
        Native: the first byte of the first frame. Encapsulated: the item tag of the first fragment.
    number_of_frames
        Frames that can be asked for.
    frame_bits
        Native: size of a frame in bits; frames of 1-bit pixels need not begin on a byte. Encapsulated: 0.
    lengths
        Encapsulated: the length of each fragment.
    starts
        Encapsulated: the first fragment of each frame; empty where each fragment is a frame.
    """

    offset: int
    number_of_frames: int
    frame_bits: int = 0
    lengths: "array[int]" = field(default_factory=lambda: array("I"))
    starts: "array[int]" = field(default_factory=lambda: array("I"))

    @property
    def is_encapsulated(self) -> bool:
        """Whether frames are fragments."""
        return self.frame_bits == 0

    def segments(self, frame_number: int) -> list[Segment]:
        """Find the bytes of a frame.

        Parameters
        ----------
        frame_number
            Counted from 1, as in DICOMweb (PS3.18 10.4.1.1.5).

        Returns
        -------
        list of (offset, length)
            In order; several where a frame spans fragments. For 1-bit pixels these bytes may begin with bits of the
            frame before (see `first_bit`) and end with bits of the next.

        Raises
        ------
        FrameNotFoundError
            If the object has no such frame.
        """
        if not 1 <= frame_number <= self.number_of_frames:
            raise FrameNotFoundError(f"frame {frame_number} of {self.number_of_frames}")
        if self.frame_bits:
            begin = (frame_number - 1) * self.frame_bits
            end = begin + self.frame_bits
            return [(self.offset + begin // 8, (end + 7) // 8 - begin // 8)]
        return self._fragments(frame_number - 1)

    def first_bit(self, frame_number: int) -> int:
        """Tell how many low bits of the first byte belong to the frame before (PS3.5 8.1.1): 0 but for 1-bit pixels."""
        return (frame_number - 1) * self.frame_bits % 8

    def _fragments(self, frame: int) -> list[Segment]:
        first, after = self._range(frame)
        offset = self.offset + _ITEM_HEADER * first + sum(self.lengths[:first])
        segments = []
        for length in self.lengths[first:after]:
            segments.append((offset + _ITEM_HEADER, length))
            offset += _ITEM_HEADER + length
        return segments

    def _range(self, frame: int) -> tuple[int, int]:
        if not self.starts:
            return frame, frame + 1
        is_last = frame + 1 == len(self.starts)
        return self.starts[frame], len(self.lengths) if is_last else self.starts[frame + 1]

    def to_bytes(self) -> bytes:
        """Write the index: 25 bytes if native, else 17 and 4 for each fragment, 8 where frames span fragments."""
        if self.frame_bits:
            return _NATIVE.pack(_NATIVE_KIND, self.offset, self.number_of_frames, self.frame_bits)
        head = _ENCAPSULATED.pack(_ENCAPSULATED_KIND, self.offset, len(self.lengths), len(self.starts))
        return head + _little(self.lengths).tobytes() + _little(self.starts).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises
        ------
        FrameIndexError
            If it did not.
        """
        if len(data) == _NATIVE.size and data[0] == _NATIVE_KIND:
            _, offset, frames, frame_bits = _NATIVE.unpack(data)
            if frames and frame_bits:
                return cls(offset, frames, frame_bits)
        elif len(data) >= _ENCAPSULATED.size and data[0] == _ENCAPSULATED_KIND:
            return cls._encapsulated_from_bytes(data)
        raise FrameIndexError("the stored frame index is damaged")

    @classmethod
    def _encapsulated_from_bytes(cls, data: bytes) -> Self:
        _, offset, fragments, frames = _ENCAPSULATED.unpack_from(data)
        if len(data) != _ENCAPSULATED.size + 4 * (fragments + frames):
            raise FrameIndexError("the stored frame index is damaged")
        numbers: array[int] = array("I")
        numbers.frombytes(data[_ENCAPSULATED.size :])
        numbers = _little(numbers)
        return cls(offset, frames or fragments, 0, numbers[:fragments], numbers[fragments:])


def _little(numbers: "array[int]") -> "array[int]":
    """Swap on machines that are big endian: rows move between machines."""
    if sys.byteorder == "little":
        return numbers
    swapped = numbers[:]
    swapped.byteswap()
    return swapped
