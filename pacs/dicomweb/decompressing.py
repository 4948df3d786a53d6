"""Compressed objects for those who take none: their frames decoded in the sandbox, their headers to match."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Final

from pydicom import Dataset

from pacs import headers
from pacs.dicom import jobs
from pacs.dicom.codecs import DECODABLE
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.json_model import tag_of
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicomweb import stored
from pacs.dicomweb.errors import CannotTranscodeError
from pacs.selectors import InstanceRef

_PIXEL_DATA: Final = tag_of("PixelData")
# A length of 32 bits whose last value means that it is not known (PS3.5 7.1.1), and which is even.
_MAX_BYTES: Final = 0xFFFF_FFFE
# Always lossy, whatever the header says (PS3.5 8.2.1).
_LOSSY: Final = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
# They say where compressed frames lie (PS3.3 C.7.6.3.1.8).
_OFFSETS: Final = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


@dataclass(frozen=True, slots=True)
class Plain:
    """The frames of an object as plain numbers: the first one at hand, the others decoded when their turn comes."""

    transfer_syntax_uid: str
    samples: int
    photometric_interpretation: str
    size: int
    first: bytes
    rest: Iterator[bytes]


def can_be_decompressed(instance: InstanceRef) -> bool:
    """Say whether there is a decoder for an object, and frames to decode."""
    index = instance.frame_index
    return index is not None and index.is_encapsulated and instance.transfer_syntax_uid in DECODABLE


def decompress(instance: InstanceRef) -> Plain:
    """Decode the first frame of a compressed object and prepare the others.

    Raises
    ------
    CannotTranscodeError
        If its frames cannot be written as Pixel Data of known length.
    SandboxError, DicomError
        If a frame cannot be decoded.
    """
    header: dict[str, Any] = headers.unseal(instance)
    pixel_format = PixelFormat.of(header)
    count = instance.frame_index.number_of_frames if instance.frame_index else 0
    size = count * prod(pixel_format.shape) * pixel_format.dtype.itemsize
    if pixel_format.bits_allocated == 1 or not 0 < size <= _MAX_BYTES:
        raise CannotTranscodeError("The object cannot be sent uncompressed.")
    frames = (_frame(instance, header, number) for number in range(1, count + 1))
    first, photometric = next(frames)
    return Plain(
        transfer_syntax_uid=instance.transfer_syntax_uid,
        samples=pixel_format.samples,
        photometric_interpretation=photometric,
        size=size,
        first=first,
        rest=(native for native, _ in frames),
    )


def _frame(instance: InstanceRef, header: dict[str, Any], number: int) -> tuple[bytes, str]:
    return jobs.decompress(
        b"".join(stored.frame_blocks(instance, number)),
        frame_attributes(header, number),
        instance.transfer_syntax_uid,
        vr=str(header.get(_PIXEL_DATA, {}).get("vr", "OW")),
    )


def plain_header(header: Dataset, plain: Plain) -> Dataset:
    """Change what decoding changes in a header: colours, their order, and where frames lie (PS3.5 8.2)."""
    for keyword in _OFFSETS:
        if keyword in header:
            del header[keyword]
    header.PhotometricInterpretation = plain.photometric_interpretation
    if plain.samples > 1:
        header.PlanarConfiguration = 0
    if plain.transfer_syntax_uid in _LOSSY and not header.get("LossyImageCompression"):
        header.LossyImageCompression = "01"
    return header
