"""Pictures as cameras and other programs write them."""

from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt


def make_pixels(rows: int = 48, columns: int = 64, *, is_colour: bool = True) -> npt.NDArray[np.uint8]:
    """Make a smooth picture whose left and upper parts can be told from the others."""
    ramp = np.add.outer(np.arange(rows) * 2, np.arange(columns)).astype(np.uint8)
    return np.stack([ramp, ramp // 2, 255 - ramp], axis=-1) if is_colour else ramp


def make_jpeg(pixels: npt.NDArray[np.uint8] | None = None, *, orientation: int = 0, **options: Any) -> bytes:
    """Make a JPEG; `orientation` is written as cameras do (Exif)."""
    data = bytes(imagecodecs.jpeg8_encode(make_pixels() if pixels is None else pixels, level=90, **options))
    return data[:2] + _exif(orientation) + data[2:] if orientation else data


def make_png(pixels: npt.NDArray[Any] | None = None) -> bytes:
    """Make a PNG."""
    return bytes(imagecodecs.png_encode(make_pixels() if pixels is None else pixels))


def _exif(orientation: int) -> bytes:
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2, "big") + b"\x00\x00"
    tiff = b"MM\x00\x2a\x00\x00\x00\x08" + b"\x00\x01" + entry + b"\x00\x00\x00\x00"
    content = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content
