"""What can be encoded without loss so that every reader gets the same values back, and why the rest cannot."""

from typing import Final

import numpy as np

from pacs.dicom.codecs import to_little_endian
from pacs.dicom.pixel_format import PixelFormat
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_BIG_ENDIAN

JPEG_LS_LOSSLESS: Final = "1.2.840.10008.1.2.4.80"
HTJ2K_LOSSLESS: Final = "1.2.840.10008.1.2.4.201"
HTJ2K_LOSSLESS_RPCL: Final = "1.2.840.10008.1.2.4.202"
# What frames can be compressed with; RPCL is for those who ask for it, what is made for them has it either way.
LOSSLESS: Final = (HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL, JPEG_LS_LOSSLESS)

# Tables 8.2.3-1 and 8.2.14-1, and what becomes one of theirs when it is decoded.
_GREY: Final = frozenset({"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"})
_COLOUR: Final = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"})


def obstacle_to(pixel_format: PixelFormat) -> str:
    """Say why an image cannot be encoded without loss; empty if it can."""
    if pixel_format.is_float or pixel_format.bits_allocated not in {8, 16}:
        return "Images of 8 or 16 bits allocated can be compressed, no floating point, no single bits."
    if pixel_format.high_bit != pixel_format.bits_stored - 1:
        return "The pixels do not begin with the lowest bit."
    allowed = {1: _GREY, 3: _COLOUR}.get(pixel_format.samples, frozenset[str]())
    if pixel_format.photometric_interpretation not in allowed:
        return "Images of this photometric interpretation are not compressed."
    if pixel_format.samples > 1 and pixel_format.is_signed:
        return "Colours with a sign are not compressed."
    return ""


def has_other_bits(data: bytes, pixel_format: PixelFormat, transfer_syntax_uid: str, vr: str = "OW") -> bool:
    """Tell whether a native frame has more than pixels in its words, as old devices put overlays there.

    Parameters are those of `decode_frame`.
    """
    if pixel_format.bits_stored == pixel_format.bits_allocated:
        return False
    if transfer_syntax_uid == EXPLICIT_VR_BIG_ENDIAN:
        data = to_little_endian(data, pixel_format, vr)
    unsigned = np.dtype(f"<u{pixel_format.bits_allocated // 8}")
    words = np.frombuffer(data, dtype=unsigned, count=len(data) // unsigned.itemsize)
    unused = words >> pixel_format.bits_stored
    if not unused.any():
        return False
    sign = words >> (pixel_format.bits_stored - 1)
    negative = (1 << (pixel_format.bits_allocated - pixel_format.bits_stored + 1)) - 1
    return not (pixel_format.is_signed and bool(((sign == 0) | (sign == negative)).all()))
