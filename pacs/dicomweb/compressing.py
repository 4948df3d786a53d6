"""Objects for those who name a compression: their frames encoded without loss in the sandbox."""

from pacs import headers
from pacs.dicom import jobs
from pacs.dicom.codecs import DECODABLE
from pacs.dicom.errors import ImageAttributeError
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.lossless import has_other_bits, obstacle_to
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicomweb import stored
from pacs.dicomweb.errors import CannotTranscodeError
from pacs.dicomweb.recoding import Header, Recoded, recoded, vr_of_pixels
from pacs.selectors import InstanceRef


def obstacle(instance: InstanceRef, header: Header | None = None) -> str:
    """Say why the frames of an object cannot be compressed without loss; empty if they can."""
    if instance.frame_index is None:
        return "An object without pixels has no compressed form."
    if instance.transfer_syntax_uid not in DECODABLE:
        return "There is no decoder for the transfer syntax that the object is kept in."
    try:
        return obstacle_to(PixelFormat.of(headers.unseal(instance) if header is None else header))
    except ImageAttributeError:
        return "The header does not say what the pixels are."


def compress(instance: InstanceRef, transfer_syntax_uid: str) -> Recoded:
    """Compress the first frame of an object without loss and prepare the others.

    Raises
    ------
    CannotTranscodeError
        If there is an `obstacle`.
    SandboxError
        If a frame cannot be decoded.
    """
    header: Header = headers.unseal(instance)
    reason = obstacle(instance, header)
    if reason:
        raise CannotTranscodeError(reason)
    numbers = range(1, stored.index_of(instance).number_of_frames + 1)
    frames = (compressed(instance, header, number, transfer_syntax_uid) for number in numbers)
    return recoded(instance, PixelFormat.of(header), 0, frames)


def compressed(instance: InstanceRef, header: Header, number: int, target: str) -> tuple[bytes, str]:
    """Return one frame compressed without loss, and its photometric interpretation.

    Raises
    ------
    CannotTranscodeError
        If its words hold more than pixels, which would be lost.
    SandboxError
        If it cannot be decoded.
    """
    kept, vr = instance.transfer_syntax_uid, vr_of_pixels(header)
    data = b"".join(stored.frame_blocks(instance, number))
    if jobs.is_native(kept) and has_other_bits(data, PixelFormat.of(header), kept, vr):
        raise CannotTranscodeError("Bits outside of Bits Stored are in use, and would be lost.")
    return jobs.compress(data, frame_attributes(header, number), kept, target=target, vr=vr)
