"""Encoding frames without loss (PS3.5 8.2.3 and 8.2.14): JPEG-LS, and High-Throughput JPEG 2000."""

import struct
from collections.abc import Callable
from typing import Final

import numpy as np
from imagecodecs import htj2k_encode, jpegls_encode

from pacs.dicom.codecs import PixelArray
from pacs.dicom.lossless import HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL, JPEG_LS_LOSSLESS
from pacs.dicom.pixel_format import Frame, PixelFormat

_SIZE_MARKER: Final = b"\xff\x51"
# Of Csiz, behind the marker and eleven numbers (ISO/IEC 15444-1 A.5.1).
_COMPONENTS_AT: Final = 38
_SPIFF: Final = b"\xff\xe8"


def encode_lossless(frame: Frame, pixel_format: PixelFormat, transfer_syntax_uid: str) -> tuple[bytes, str]:
    """Encode one frame.

    Parameters
    ----------
    frame
        As `decode_frame` gives it.
    pixel_format
        Of its image, for which there is no `obstacle_to` this.
    transfer_syntax_uid
        One of `LOSSLESS`.

    Returns
    -------
    tuple of bytes and str
        The code stream, and the photometric interpretation that it has: RGB becomes YBR_RCT in JPEG 2000.
    """
    return _ENCODERS[transfer_syntax_uid](frame, pixel_format)


def _jpeg_ls(frame: Frame, pixel_format: PixelFormat) -> tuple[bytes, str]:
    """Encode as JPEG-LS, which knows no sign: words are encoded as they are, with the sign in their unused bits."""
    words = frame.pixels.view(np.dtype(f"u{pixel_format.bits_allocated // 8}"))
    return _without_spiff(bytes(jpegls_encode(words))), frame.photometric_interpretation


def _without_spiff(stream: bytes) -> bytes:
    """Leave out the header of a file format that the encoder writes before the frame (ISO/IEC 14495-1 annex F)."""
    at = 2
    while stream[at : at + 2] == _SPIFF:
        at += 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return stream[:2] + stream[at:]


def _htj2k(frame: Frame, pixel_format: PixelFormat) -> tuple[bytes, str]:
    """Encode as HTJ2K in the order RPCL, with markers of tile-part lengths: both lossless transfer syntaxes.

    The encoder knows words of 8 and 16 bits. The header of the code stream tells of fewer bits stored, as the data set
    does: numbers without a sign are shifted as their precision asks (15444-1 G.1) and encoded with one.
    """
    pixels, bits = frame.pixels, _bits_of(frame.pixels, pixel_format)
    is_rgb = frame.photometric_interpretation == "RGB"
    if not pixel_format.is_signed and bits < pixel_format.bits_allocated:
        pixels = (pixels.astype(np.int32) - (1 << bits - 1)).astype(f"i{pixels.dtype.itemsize}")
    planar = False if pixels.ndim == 3 else None
    stream = bytes(htj2k_encode(pixels, reversible=True, tlm=True, rgb=is_rgb, planar=planar))
    if bits < pixel_format.bits_allocated:
        stream = _with_precision(stream, bits, is_signed=pixel_format.is_signed)
    return stream, "YBR_RCT" if is_rgb else frame.photometric_interpretation


def _bits_of(pixels: PixelArray, pixel_format: PixelFormat) -> int:
    """Return the precision to name: as many bits as are stored, if no decoder gave values beyond them."""
    info, lost = np.iinfo(pixels.dtype), pixel_format.bits_allocated - pixel_format.bits_stored
    is_inside = pixels.min() >= info.min >> lost and pixels.max() <= info.max >> lost
    return pixel_format.bits_stored if is_inside else pixel_format.bits_allocated


def _with_precision(stream: bytes, bits: int, *, is_signed: bool) -> bytes:
    """Change what a code stream says of the bits of its components (15444-1 A.5.1)."""
    changed = bytearray(stream)
    at = changed.index(_SIZE_MARKER) + _COMPONENTS_AT
    (components,) = struct.unpack_from(">H", changed, at)
    for number in range(components):
        changed[at + 2 + 3 * number] = (0x80 if is_signed else 0) | (bits - 1)
    return bytes(changed)


_ENCODERS: Final[dict[str, Callable[[Frame, PixelFormat], tuple[bytes, str]]]] = {
    HTJ2K_LOSSLESS: _htj2k,
    HTJ2K_LOSSLESS_RPCL: _htj2k,
    JPEG_LS_LOSSLESS: _jpeg_ls,
}
