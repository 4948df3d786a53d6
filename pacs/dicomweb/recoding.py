"""Objects whose pixels are encoded anew: their frames, made one by one in the sandbox, and their headers to match."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydicom import Dataset

from pacs.dicom.json_model import tag_of
from pacs.dicom.pixel_format import PixelFormat
from pacs.selectors import InstanceRef

Header = dict[str, Any]

_PIXEL_DATA: Final = tag_of("PixelData")
# Always lossy, whatever the header says (PS3.5 8.2.1).
_LOSSY: Final = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
# They say where compressed frames lie (PS3.3 C.7.6.3.1.8).
_OFFSETS: Final = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


@dataclass(frozen=True, slots=True)
class Recoded:
    """The frames of an object in another encoding: the first one at hand, the others made when their turn comes.

    Attributes
    ----------
    transfer_syntax_uid
        In which the object is kept.
    size
        Bytes of all frames; 0 of compressed ones, which are not known before they are made.
    """

    transfer_syntax_uid: str
    samples: int
    photometric_interpretation: str
    size: int
    first: bytes
    rest: Iterator[bytes]


def recoded(
    instance: InstanceRef, pixel_format: PixelFormat, size: int, frames: Iterator[tuple[bytes, str]]
) -> Recoded:
    """Make the first frame; each comes with its photometric interpretation."""
    first, photometric = next(frames)
    return Recoded(
        transfer_syntax_uid=instance.transfer_syntax_uid,
        samples=pixel_format.samples,
        photometric_interpretation=photometric,
        size=size,
        first=first,
        rest=(data for data, _ in frames),
    )


def vr_of_pixels(header: Header) -> str:
    """Return the value representation of the pixel data."""
    return str(header.get(_PIXEL_DATA, {}).get("vr", "OW"))


def matching_header(header: Dataset, recoded: Recoded) -> Dataset:
    """Change what another encoding changes in a header: colours, their order, and where frames lie (PS3.5 8.2)."""
    for keyword in _OFFSETS:
        if keyword in header:
            del header[keyword]
    header.PhotometricInterpretation = recoded.photometric_interpretation
    if recoded.samples > 1:
        header.PlanarConfiguration = 0
    if recoded.transfer_syntax_uid in _LOSSY and not header.get("LossyImageCompression"):
        header.LossyImageCompression = "01"
    return header
