"""Pixel values and thumbnails of stored frames; compressed ones are decoded in the sandbox."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pacs.dicom import codecs, jobs, luts
from pacs.dicom.functional_groups import frame_attributes
from pacs.dicom.geometry import VolumeGeometry
from pacs.dicom.json_model import Attributes, tag_of
from pacs.dicom.preview import Preview
from pacs.dicom.rendering import THUMBNAIL, THUMBNAIL_PIXELS
from pacs.dicomweb import pixels, stored
from pacs.selectors import InstanceRef

Header = dict[str, Any]
FloatArray = npt.NDArray[np.float32]
QUALITY: Final = 80
_PIXEL_DATA: Final = tag_of("PixelData")


def values_of(instance: InstanceRef, number: int, header: Header) -> FloatArray:
    """Return the values of one grey frame after slope and intercept (PS3.3 C.11.1.1.2), shape (rows, columns)."""
    attributes = frame_attributes(header, number)
    data = b"".join(stored.frame_blocks(instance, number))
    frame = jobs.decode_values(data, attributes, instance.transfer_syntax_uid, vr=_vr(attributes))
    slope, intercept = luts.rescale_of(attributes)
    values: FloatArray = frame.pixels.astype(np.float32)
    return values * np.float32(slope) + np.float32(intercept)


def thumbnail(instance: InstanceRef, number: int, header: Header) -> bytes:
    """Return a small JPEG of one frame, windowed as its header says."""
    return pixels.rendered(instance, header, number, view=THUMBNAIL, media_type="image/jpeg", quality=QUALITY)


def projection(preview: Preview, volume: VolumeGeometry) -> bytes:
    """Return a small JPEG of a volume seen from the front: its maximum intensities, windowed, with square pixels."""
    voxels = np.frombuffer(preview.data, np.uint8).reshape(preview.slices, preview.rows, preview.columns)
    flat = voxels.max(axis=1)[::-1].astype(np.float32)
    values = preview.low + flat * ((preview.high - preview.low) / 255)
    low = preview.window.center - preview.window.width / 2
    picture = np.clip((values - low) * (255 / preview.window.width), 0, 255).astype(np.uint8)
    across_mm, _, along_mm = volume.spacing_mm
    width = THUMBNAIL_PIXELS
    height = max(1, round(width * volume.slices * along_mm / (volume.columns * across_mm)))
    lines, places = np.arange(height) * preview.slices // height, np.arange(width) * preview.columns // width
    return codecs.encode_jpeg(np.ascontiguousarray(picture[lines][:, places]), quality=QUALITY)


def _vr(attributes: Attributes) -> str:
    return str(attributes.get(_PIXEL_DATA, {}).get("vr", "OW"))
