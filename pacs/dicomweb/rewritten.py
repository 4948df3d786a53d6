"""Objects whose elements are written anew (PS3.5 A): all of those that are not compressed, of others the header.

What was deflated is inflated, words in the other order are swapped, value representations are named or left out.
"""

import io
from collections.abc import Iterable, Iterator
from typing import Final

import pydicom
from pydicom.filereader import read_dataset

from pacs import headers
from pacs import overlay as overlays
from pacs.dicom.codecs import to_little_endian, word_bytes
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicom.rewriting import write_elements
from pacs.dicom.transfer_syntaxes import (
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
)
from pacs.dicomweb import stored
from pacs.selectors import InstanceRef
from vault.reader import ObjectReader

# Of Pixel Data, Float and Double Float Pixel Data (PS3.5 A.2; without a value representation, 16-bit words).
PIXEL_DATA: Final = b"\xe0\x7f\x10\0"
PIXEL_VRS: Final = {PIXEL_DATA: b"OW", b"\xe0\x7f\x08\0": b"OF", b"\xe0\x7f\x09\0": b"OD"}
# Tag, value representation, two reserved bytes and length; without the middle ones in an implicit encoding.
_EXPLICIT, _IMPLICIT = 12, 8


def read_header(instance: InstanceRef, reader: ObjectReader) -> pydicom.Dataset:
    """Read the elements before the pixels of an object, their values as they are, but those that a split-off study
    has in place of them.
    """
    if _is_deflated(instance):
        return _read_inflated(instance)
    header, _ = read_to_pixels(reader)
    if instance.overlay and overlays.is_split_off(instance.overlay):
        overlays.lay_over(header, instance.overlay)
    return header


def read_to_pixels(reader: ObjectReader) -> tuple[pydicom.Dataset, int]:
    """Read the elements before the pixels of an object that is not deflated, and where they end."""
    with io.BufferedReader(_Reading(reader), 65_536) as file:
        header = pydicom.dcmread(file, stop_before_pixels=True, force=True)
        return header, file.tell()


def write_header(header: pydicom.Dataset, transfer_syntax_uid: str) -> bytes:
    """Write them in one of the two little endian encodings."""
    return write_elements(header, is_implicit=transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN)


def data_set(instance: InstanceRef, reader: ObjectReader, transfer_syntax_uid: str) -> Iterator[bytes]:
    """Yield the data set of an object that is not compressed in one of the two little endian encodings."""
    if transfer_syntax_uid == EXPLICIT_VR_LITTLE_ENDIAN and _is_deflated(instance):
        yield from stored.inflated_data_set(instance)
        return
    yield write_header(read_header(instance, reader), transfer_syntax_uid)
    if instance.frame_index is None:
        return
    start, pixels = _pixels(instance, reader, instance.frame_index.offset)
    is_implicit = transfer_syntax_uid == IMPLICIT_VR_LITTLE_ENDIAN
    yield start[:4] + start[8:] if is_implicit else start
    yield from pixels


def _is_deflated(instance: InstanceRef) -> bool:
    return instance.transfer_syntax_uid == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN


def _pixels(instance: InstanceRef, reader: ObjectReader, offset: int) -> tuple[bytes, Iterable[bytes]]:
    """Return the start of the pixel data element in Explicit VR Little Endian, and its value."""
    kept = instance.transfer_syntax_uid
    if _is_deflated(instance):
        start = b"".join(stored.value_blocks(instance, offset - _EXPLICIT, _EXPLICIT))
        return start, stored.value_blocks(instance, offset, _length(start))
    if kept == IMPLICIT_VR_LITTLE_ENDIAN:
        short = reader.read(offset - _IMPLICIT, _IMPLICIT)
        start = short[:4] + PIXEL_VRS[short[:4]] + bytes(2) + short[4:]
    else:
        start = reader.read(offset - _EXPLICIT, _EXPLICIT)
    if kept != EXPLICIT_VR_BIG_ENDIAN:
        return start, reader.stream(offset, _length(start), stored.BLOCK)
    start = start[1::-1] + start[3:1:-1] + start[4:8] + start[:7:-1]
    words = reader.stream(offset, _length(start), stored.BLOCK)
    return start, _little(words, PixelFormat.of(headers.unseal(instance)), start[4:6].decode("ascii"))


def _length(start: bytes) -> int:
    return int.from_bytes(start[8:], "little")


def _little(blocks: Iterable[bytes], pixel_format: PixelFormat, vr: str) -> Iterator[bytes]:
    """Swap the words of big endian pixels; padding that is no word stays."""
    width, rest = word_bytes(pixel_format, vr), b""
    for block in blocks:
        data = rest + block
        end = len(data) - len(data) % width
        yield to_little_endian(data[:end], pixel_format, vr)
        rest = data[end:]
    yield rest


def _read_inflated(instance: InstanceRef) -> pydicom.Dataset:
    index = instance.frame_index
    if index is None:
        blocks: Iterable[bytes] = stored.inflated_data_set(instance)
    else:
        begin = stored.inflated_offset(instance)
        blocks = stored.value_blocks(instance, begin, index.offset - _EXPLICIT - begin)
    return read_dataset(io.BytesIO(b"".join(blocks)), is_implicit_VR=False, is_little_endian=True)


class _Reading(io.RawIOBase):
    """An object as a file."""

    name = "object"

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any buffer
        data = self._reader.read(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._reader.plain_size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at
