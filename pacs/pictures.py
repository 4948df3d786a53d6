"""Pixel values and thumbnails of stored frames."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pacs.dicom import codecs
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.json_model import get_number
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from pacs.dicomweb import stored
from pacs.selectors import InstanceRef

Header = dict[str, Any]
FloatArray = npt.NDArray[np.float32]
THUMBNAIL_PX: Final = 256


def values_of(instance: InstanceRef, number: int, header: Header) -> FloatArray:
    """Return the values of one grey frame after the Modality LUT (PS3.3 C.11.1.1.2), shape (rows, columns)."""
    attributes = frame_attributes(header, number)
    pixel_format = PixelFormat.of(attributes)
    data = b"".join(stored.frame_blocks(instance, number))
    frame = codecs.decode_frame(data, pixel_format, instance.transfer_syntax_uid)
    slope, intercept = get_number(attributes, "RescaleSlope"), get_number(attributes, "RescaleIntercept")
    values: FloatArray = frame.pixels.astype(np.float32)
    return values * np.float32(1.0 if slope is None else slope) + np.float32(intercept or 0.0)


def encode_thumbnail(picture: npt.NDArray[np.uint8]) -> bytes:
    """Return a small JPEG of an 8-bit picture."""
    step = max(1, max(picture.shape[:2]) // THUMBNAIL_PX)
    return codecs.encode_jpeg(np.ascontiguousarray(picture[::step, ::step]), quality=80)
