"""Decoding and encoding one frame (PS3.5 8.2, annex A).

The decoder is chosen by transfer syntax, never by trial: some libraries answer an empty array for a neighbour's format.
Compressed data is hostile until it is decoded: outside tests these functions run in the sandbox (`pacs.dicom.jobs`).
"""

import zlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from imagecodecs import (
    dicomrle_decode,
    gif_encode,
    htj2k_decode,
    jpeg2k_decode,
    jpeg8_encode,
    jpeg_decode,
    jpegls_decode,
    jpegxl_decode,
    png_encode,
)

from pacs.dicom.errors import DicomError, UnsupportedTransferSyntaxError
from pacs.dicom.pixel_format import Frame, PixelFormat
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_BIG_ENDIAN, TRANSFER_SYNTAXES

PixelArray = npt.NDArray[Any]
_Decoder = Callable[[bytes, PixelFormat], tuple[PixelArray, str]]

_ENCAPSULATED_UNCOMPRESSED: Final = "1.2.840.10008.1.2.1.98"


class DecodeError(DicomError):
    """A frame cannot be decoded, or is not what its header says."""

    code = "decode-failed"
    status = 422
    title = "The image cannot be decoded."


def decode_frame(
    data: bytes, pixel_format: PixelFormat, transfer_syntax_uid: str, *, first_bit: int = 0, vr: str = "OW"
) -> Frame:
    """Decode one frame to its stored values.

    Parameters
    ----------
    data
        The bytes of the frame: native, or its fragments joined.
    pixel_format
        What the header says of the image.
    transfer_syntax_uid
        Of the object. A deflated data set counts as native: its frames are read inflated.
    first_bit
        For 1-bit native pixels: where in the first byte the frame begins (`FrameIndex.first_bit`).
    vr
        Of the pixel data: in big endian, bytes of 8-bit images are swapped if it is OW (PS3.5 8.1.1).

    Returns
    -------
    Frame
        Colours as stored; YBR_RCT and YBR_ICT become RGB, which is part of their decompression.

    Raises
    ------
    DecodeError, UnsupportedTransferSyntaxError
    """
    decoder = _DECODERS.get(transfer_syntax_uid)
    if decoder is not None:
        pixels, photometric = _guarded(decoder, data, pixel_format)
        return Frame(_finish(pixels, pixel_format), photometric)
    syntax = TRANSFER_SYNTAXES.get(transfer_syntax_uid)
    if syntax is None or (syntax.is_encapsulated and syntax.uid != _ENCAPSULATED_UNCOMPRESSED):
        raise UnsupportedTransferSyntaxError("there is no decoder for this transfer syntax")
    if transfer_syntax_uid == EXPLICIT_VR_BIG_ENDIAN:
        data = to_little_endian(data, pixel_format, vr)
    return _native(data, pixel_format, first_bit)


def encode_jpeg(pixels: npt.NDArray[np.uint8], *, quality: int = 90) -> bytes:
    """Encode grey or RGB pixels as JPEG Baseline (PS3.18 8.7.3.3)."""
    return bytes(jpeg8_encode(pixels, level=quality))


def encode_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode grey or RGB pixels as PNG."""
    return bytes(png_encode(pixels, level=4))


def encode_gif(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode grey pixels as GIF without loss, RGB in its 256 colours: 8 reds, 8 greens and 4 blues."""
    if pixels.ndim == 2:
        palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        return bytes(gif_encode(pixels, colormap=palette))
    steps = np.stack(np.meshgrid(np.arange(8), np.arange(8), np.arange(4), indexing="ij"), axis=-1).reshape(256, 3)
    palette = (steps * np.array([255 / 7, 255 / 7, 255 / 3]) + 0.5).astype(np.uint8)
    red, green, blue = (pixels[..., sample].astype(np.uint16) for sample in range(3))
    nearest = ((red * 7 + 127) // 255 << 5) | ((green * 7 + 127) // 255 << 2) | ((blue * 3 + 127) // 255)
    return bytes(gif_encode(nearest.astype(np.uint8), colormap=palette))


def to_native(frame: Frame) -> bytes:
    """Give the little endian, interleaved bytes of a decoded frame (PS3.5 A.2)."""
    return frame.pixels.astype(frame.pixels.dtype.newbyteorder("<"), copy=False).tobytes()


# --- native -----------------------------------------------------------------------------------------------------------


def word_bytes(pixel_format: PixelFormat, vr: str) -> int:
    """Return how many bytes of big endian pixels are swapped together (PS3.5 7.3)."""
    return max(pixel_format.bits_allocated // 8, 2 if vr == "OW" else 1)


def to_little_endian(data: bytes, pixel_format: PixelFormat, vr: str) -> bytes:
    """Swap the bytes of a big endian frame."""
    width = word_bytes(pixel_format, vr)
    if len(data) % width:
        raise DecodeError(f"the frame has {len(data)} bytes, big endian words of {width} bytes were expected")
    return np.frombuffer(data, dtype=f">u{width}").astype(f"<u{width}").tobytes()


def _native(data: bytes, pixel_format: PixelFormat, first_bit: int) -> Frame:
    photometric = pixel_format.photometric_interpretation
    if pixel_format.bits_allocated == 1:
        return Frame(_unpack_bits(data, pixel_format, first_bit), photometric)
    if len(data) < pixel_format.native_bytes:
        raise DecodeError(f"the frame has {len(data)} bytes, {pixel_format.native_bytes} were expected")
    dtype = pixel_format.dtype.newbyteorder("<")
    values = np.frombuffer(data, dtype=dtype, count=pixel_format.native_bytes // dtype.itemsize)
    if pixel_format.is_subsampled and pixel_format.samples == 3:
        pixels = _expand_422(values, pixel_format)
        return Frame(pixels, photometric.replace("_422", ""))
    if pixel_format.is_planar and pixel_format.samples > 1:
        planes = values.reshape(pixel_format.samples, pixel_format.rows, pixel_format.columns)
        return Frame(np.ascontiguousarray(planes.transpose(1, 2, 0)), photometric)
    pixels = values.reshape(pixel_format.shape).astype(pixel_format.dtype)
    return Frame(_unused_bits_cleared(pixels, pixel_format), photometric)


def _unpack_bits(data: bytes, pixel_format: PixelFormat, first_bit: int) -> PixelArray:
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), bitorder="little")[first_bit:]
    count = pixel_format.rows * pixel_format.columns * pixel_format.samples
    if bits.size < count:
        raise DecodeError(f"the frame has {bits.size} pixels, {count} were expected")
    return bits[:count].reshape(pixel_format.shape)


def _expand_422(values: PixelArray, pixel_format: PixelFormat) -> PixelArray:
    """Give each pixel of a pair its luminance and their common chrominance: Y1 Y2 Cb Cr (PS3.3 C.7.6.3.1.2)."""
    quads = values.reshape(-1, 4)
    pixels = np.empty((quads.shape[0], 2, 3), dtype=pixel_format.dtype)
    pixels[:, :, 0] = quads[:, :2]
    pixels[:, :, 1:] = quads[:, None, 2:]
    return pixels.reshape(pixel_format.shape)


def _unused_bits_cleared(pixels: PixelArray, pixel_format: PixelFormat) -> PixelArray:
    """Drop bits outside of Bits Stored, where old devices put overlays, and extend the sign (PS3.5 8.1.1)."""
    if pixel_format.is_float or pixel_format.bits_stored == pixel_format.bits_allocated:
        return pixels
    left = pixel_format.bits_allocated - 1 - pixel_format.high_bit
    right = pixel_format.bits_allocated - pixel_format.bits_stored
    return (pixels << left) >> right if 0 <= left <= right else pixels


# --- compressed -------------------------------------------------------------------------------------------------------


def _guarded(decoder: _Decoder, data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    try:
        return decoder(data, pixel_format)
    except (RuntimeError, ValueError, TypeError, NotImplementedError, zlib.error) as error:
        # The libraries' errors derive from RuntimeError; their texts are not ours to vouch for.
        raise DecodeError(f"the decoder refuses the frame ({type(error).__name__})") from error


def _finish(pixels: PixelArray, pixel_format: PixelFormat) -> PixelArray:
    """Check the decoded size, and give the samples the type and sign that the header states."""
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.shape != pixel_format.shape:
        raise DecodeError(f"the frame decodes to {pixels.shape}, {pixel_format.shape} was expected")
    if pixels.dtype.kind == "f":
        return np.ascontiguousarray(pixels, dtype=pixel_format.dtype)
    pixels = np.ascontiguousarray(pixels.astype(pixel_format.dtype, copy=False))
    unused = pixel_format.bits_allocated - pixel_format.bits_stored
    return (pixels << unused) >> unused if pixel_format.is_signed and unused else pixels


def _jpeg(data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    """Decode JPEG without a change of colour space: processes 1 to 14."""
    if pixel_format.samples == 1:
        return jpeg_decode(data), pixel_format.photometric_interpretation
    is_rgb = _is_rgb(data, pixel_format)
    space = "RGB" if is_rgb else "YCBCR"
    return jpeg_decode(data, colorspace=space, outcolorspace=space), "RGB" if is_rgb else "YBR_FULL"


def _is_rgb(data: bytes, pixel_format: PixelFormat) -> bool:
    """Tell what the components are: by the Adobe marker, which its writer knew, else by the header."""
    at = data.find(b"\xff\xee\x00\x0eAdobe", 0, 65536)
    if at >= 0 and len(data) > at + 15:
        return data[at + 15] == 0
    return pixel_format.photometric_interpretation == "RGB"


def _jpeg_ls(data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    pixels = jpegls_decode(data)
    if pixels.ndim == 3 and pixels.shape[0] == pixel_format.samples and pixels.shape != pixel_format.shape:
        pixels = pixels.transpose(1, 2, 0)
    return pixels, pixel_format.photometric_interpretation


def _without_colour_transform(photometric: str) -> str:
    """Name the colour space after the inverse component transform, which JPEG 2000 makes itself (PS3.5 8.2.4)."""
    return "RGB" if photometric in {"YBR_RCT", "YBR_ICT"} else photometric


def _jpeg_2000(data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    return jpeg2k_decode(data), _without_colour_transform(pixel_format.photometric_interpretation)


def _htj2k(data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    return htj2k_decode(data, planar=False), _without_colour_transform(pixel_format.photometric_interpretation)


def _jpeg_xl(data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    pixels = jpegxl_decode(data)
    return pixels, "RGB" if pixels.ndim == 3 else pixel_format.photometric_interpretation


def _rle(data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    """Decode RLE: one segment for each byte of each sample, the most significant first (PS3.5 G)."""
    samples, rows, columns = pixel_format.samples, pixel_format.rows, pixel_format.columns
    planes = np.zeros(samples * rows * columns, dtype=pixel_format.dtype)
    dicomrle_decode(data, dtype=pixel_format.dtype.str, out=planes.view(np.uint8).data)
    pixels = planes.reshape(samples, rows, columns).transpose(1, 2, 0)
    return pixels, pixel_format.photometric_interpretation


def _deflated_frame(data: bytes, pixel_format: PixelFormat) -> tuple[PixelArray, str]:
    """Inflate at most one frame (PS3.5 A.4.13)."""
    inflated = zlib.decompressobj(wbits=-15).decompress(data, pixel_format.native_bytes)
    frame = _native(inflated, pixel_format, 0)
    return frame.pixels, frame.photometric_interpretation


_DECODERS: Final[dict[str, _Decoder]] = {
    "1.2.840.10008.1.2.4.50": _jpeg,
    "1.2.840.10008.1.2.4.51": _jpeg,
    "1.2.840.10008.1.2.4.53": _jpeg,
    "1.2.840.10008.1.2.4.55": _jpeg,
    "1.2.840.10008.1.2.4.57": _jpeg,
    "1.2.840.10008.1.2.4.70": _jpeg,
    "1.2.840.10008.1.2.4.80": _jpeg_ls,
    "1.2.840.10008.1.2.4.81": _jpeg_ls,
    "1.2.840.10008.1.2.4.90": _jpeg_2000,
    "1.2.840.10008.1.2.4.91": _jpeg_2000,
    "1.2.840.10008.1.2.4.110": _jpeg_xl,
    "1.2.840.10008.1.2.4.111": _jpeg_xl,
    "1.2.840.10008.1.2.4.112": _jpeg_xl,
    "1.2.840.10008.1.2.4.201": _htj2k,
    "1.2.840.10008.1.2.4.202": _htj2k,
    # Lossy HTJ2K: htj2k_decode wraps instead of clamping, 255 becomes 0.
    "1.2.840.10008.1.2.4.203": _jpeg_2000,
    "1.2.840.10008.1.2.5": _rle,
    "1.2.840.10008.1.2.8.1": _deflated_frame,
}
DECODABLE: Final = (
    frozenset(_DECODERS)
    | {syntax.uid for syntax in TRANSFER_SYNTAXES.values() if not syntax.is_encapsulated}
    | {_ENCAPSULATED_UNCOMPRESSED}
)
