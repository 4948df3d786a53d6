"""Compressed objects for those who take none: their frames decoded in the sandbox."""

from math import prod
from typing import Final

from pacs import headers
from pacs.dicom import jobs
from pacs.dicom.codecs import DECODABLE
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicomweb import stored
from pacs.dicomweb.errors import CannotTranscodeError
from pacs.dicomweb.recoding import Header, Recoded, recoded, vr_of_pixels
from pacs.selectors import InstanceRef

# A length of 32 bits whose last value means that it is not known (PS3.5 7.1.1), and which is even.
_MAX_BYTES: Final = 0xFFFF_FFFE


def can_be_decompressed(instance: InstanceRef) -> bool:
    """Say whether there is a decoder for an object, and frames to decode."""
    index = instance.frame_index
    return index is not None and index.is_encapsulated and instance.transfer_syntax_uid in DECODABLE


def decompress(instance: InstanceRef) -> Recoded:
    """Decode the first frame of a compressed object and prepare the others.

    Raises
    ------
    CannotTranscodeError
        If its frames cannot be written as Pixel Data of known length.
    SandboxError, DicomError
        If a frame cannot be decoded.
    """
    header: Header = headers.unseal(instance)
    pixel_format = PixelFormat.of(header)
    count = stored.index_of(instance).number_of_frames
    size = count * prod(pixel_format.shape) * pixel_format.dtype.itemsize
    if pixel_format.bits_allocated == 1 or not 0 < size <= _MAX_BYTES:
        raise CannotTranscodeError("The object cannot be sent uncompressed.")
    return recoded(instance, pixel_format, size, (_decoded(instance, header, n) for n in range(1, count + 1)))


def _decoded(instance: InstanceRef, header: Header, number: int) -> tuple[bytes, str]:
    return jobs.decompress(
        b"".join(stored.frame_blocks(instance, number)),
        frame_attributes(header, number),
        instance.transfer_syntax_uid,
        vr=vr_of_pixels(header),
    )
