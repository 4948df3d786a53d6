"""JPEG and PNG pictures from outside: what they hold, found out in the sandbox by decoding them.

Functions that end in ``_job`` run in the child. A picture is accepted only when its decoder reads it to the end.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
from imagecodecs import jpeg8_decode, png_decode

from common.sandbox import Sandbox
from pacs.dicom.errors import DicomError

MODULE: Final = "pacs.dicom.pictures"
MAX_PIXELS: Final = 120_000_000
_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
# Frame headers (ITU-T T.81 table B.1): only the baseline process has a transfer syntax of today (PS3.5 A.4.1).
_BASELINE: Final = 0xC0
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - _FRAMES - {0xC4, 0xC8, 0xCC}
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_SOS, _EOI, _APP1, _APP14 = 0xDA, 0xD9, 0xE1, 0xEE
# Exif 2.32 table 4, Orientation: how stored pixels become upright ones, as (turns to the left, mirrored).
_UPRIGHT: Final = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}


class PictureError(DicomError):
    """A picture that cannot be taken in."""

    code = "bad-picture"
    status = 422
    title = "This picture cannot be taken in."


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was decoded.

    Attributes
    ----------
    samples
        1 for grey, 3 for colours.
    bits
        Of a sample: 8 or 16.
    is_jpeg
        Whether it came as JPEG, hence lost something before it came.
    native
        Its pixels, interleaved, little endian; empty where the JPEG itself can lie in a DICOM object.
    photometric_interpretation
        Of the native pixels, or of the JPEG (PS3.5 8.2.1).
    """

    rows: int
    columns: int
    samples: int
    bits: int
    is_jpeg: bool
    photometric_interpretation: str
    native: bytes


@cache
def sandbox() -> Sandbox:
    """Give this process's child for pictures."""
    return Sandbox([MODULE], workers=1)


def inspect(data: bytes) -> Picture:
    """Decode a picture outside of this process and say what it is.

    Raises
    ------
    PictureError
        If it is neither JPEG nor PNG.
    SandboxError
        If it cannot be decoded, or is of a kind that is not taken in; the text says which.
    """
    if not data.startswith((_JPEG, _PNG)):
        raise PictureError("It is neither a JPEG nor a PNG file.")
    answer = sandbox().run(f"{MODULE}:inspect_job", data)
    head, _, native = answer.partition(b"\n")
    return Picture(**orjson.loads(head), native=native)


def decode_display(data: bytes) -> npt.NDArray[np.uint8]:
    """Decode a picture outside of this process and give its display values, uint8 (rows, columns) or (.., 3).

    Raises
    ------
    PictureError, SandboxError
        As `inspect`.
    """
    if not data.startswith((_JPEG, _PNG)):
        raise PictureError("It is neither a JPEG nor a PNG file.")
    head, _, pixels = sandbox().run(f"{MODULE}:display_job", data).partition(b"\n")
    return np.frombuffer(pixels, np.uint8).reshape(orjson.loads(head))


# --- inside the child -------------------------------------------------------------------------------------------------


def inspect_job(_parameters: dict[str, Any], data: bytes) -> bytes:
    """Decode a picture; answer one line of JSON and the native pixels where they are needed."""
    head, native = _jpeg(data) if data.startswith(_JPEG) else _png(data)
    return orjson.dumps(head) + b"\n" + native


def display_job(_parameters: dict[str, Any], data: bytes) -> bytes:
    """Decode a picture to 8 bits a sample; answer its shape as one line of JSON, then the values."""
    pixels = _decoded(jpeg8_decode if data.startswith(_JPEG) else png_decode, data)
    if pixels.ndim == 3:
        pixels = pixels[..., 0] if pixels.shape[-1] < 3 else pixels[..., :3]
    shown = np.ascontiguousarray(pixels >> 8 if pixels.dtype == np.uint16 else pixels, dtype=np.uint8)
    return orjson.dumps(shown.shape) + b"\n" + shown.tobytes()


def _jpeg(data: bytes) -> tuple[dict[str, Any], bytes]:
    found = _segments(data)
    pixels = _decoded(jpeg8_decode, data)
    if pixels.ndim == 3 and pixels.shape[-1] != 3:
        raise PictureError("Pictures of four colours (CMYK) are for printers: save it as RGB.")
    is_grey = pixels.ndim == 2
    head = _head(pixels, is_jpeg=True, photometric="MONOCHROME2" if is_grey else "RGB")
    if found.process == _BASELINE and found.orientation not in _UPRIGHT:
        if not is_grey and not found.is_rgb:
            head["photometric_interpretation"] = "YBR_FULL_422"
        return head, b""
    turns, is_mirrored = _UPRIGHT.get(found.orientation, (0, False))
    upright = np.rot90(pixels, turns)
    upright = np.ascontiguousarray(upright[:, ::-1] if is_mirrored else upright)
    return head | {"rows": upright.shape[0], "columns": upright.shape[1]}, upright.tobytes()


def _png(data: bytes) -> tuple[dict[str, Any], bytes]:
    _walk_chunks(data)
    pixels = _decoded(png_decode, data)
    if pixels.ndim == 3 and pixels.shape[-1] in {2, 4}:
        if pixels[..., -1].min() != np.iinfo(pixels.dtype).max:
            raise PictureError("The picture is transparent in places: save it without transparency.")
        pixels = pixels[..., :-1]
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim == 3 and pixels.dtype != np.uint8:
        raise PictureError("Colours of 16 bits are not taken in: save it with 8 bits a colour.")
    pixels = np.ascontiguousarray(pixels)
    head = _head(pixels, is_jpeg=False, photometric="MONOCHROME2" if pixels.ndim == 2 else "RGB")
    return head, pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()


def _walk_chunks(data: bytes) -> None:
    """Walk the chunks to the last one (PNG 5.3); a decoder alone would accept a picture that breaks off."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        at += 12 + length
        if data[at - 8 - length : at - 4 - length] == b"IEND" and at <= len(data):
            return
    raise PictureError("The picture breaks off: its end is missing.")


def _head(pixels: npt.NDArray[Any], *, is_jpeg: bool, photometric: str) -> dict[str, Any]:
    return {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "samples": 1 if pixels.ndim == 2 else pixels.shape[2],
        "bits": pixels.dtype.itemsize * 8,
        "is_jpeg": is_jpeg,
        "photometric_interpretation": photometric,
    }


def _decoded(decode: Any, data: bytes) -> npt.NDArray[Any]:
    try:
        pixels: npt.NDArray[Any] = decode(data)
    except (RuntimeError, ValueError, TypeError) as error:
        # The libraries' errors derive from RuntimeError; their texts are not ours to vouch for.
        raise PictureError("The picture is damaged.") from error
    if pixels.ndim not in {2, 3} or pixels.dtype not in {np.dtype(np.uint8), np.dtype(np.uint16)}:
        raise PictureError("The picture is of a kind that is not taken in.")
    if not 0 < pixels.shape[0] * pixels.shape[1] <= MAX_PIXELS or max(pixels.shape[:2]) > 65535:
        raise PictureError(f"The picture has more than {MAX_PIXELS} pixels, or a side of more than 65535.")
    return pixels


@dataclass(slots=True)
class _Segments:
    """What the markers of a JPEG say."""

    process: int = 0
    orientation: int = 1
    is_rgb: bool = False


def _segments(data: bytes) -> _Segments:
    """Walk the markers to the end of the image (T.81 B.1.1); a decoder alone would accept one that breaks off."""
    found, at = _Segments(), 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise PictureError(f"The picture is damaged at byte {at}.")
        marker = data[at + 1]
        if marker == _EOI:
            return found
        if marker in _STANDALONE or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        _note(found, marker, data[at + 4 : at + 2 + length])
        at += 2 + length
        if marker == _SOS:
            at = _end_of_scan(data, at)
    if data[at : at + 2] == bytes((0xFF, _EOI)):
        return found
    raise PictureError("The picture breaks off: its end is missing.")


def _note(found: _Segments, marker: int, content: bytes) -> None:
    if marker in _OTHER_FRAMES:
        raise PictureError("JPEG of this process is not taken in: save it as a usual JPEG or as PNG.")
    if marker in _FRAMES and len(content) >= 6:
        found.process = marker
        identifiers = content[6::3]
        found.is_rgb = found.is_rgb or identifiers == b"RGB"
    elif marker == _APP14 and content.startswith(b"Adobe") and len(content) >= 12:
        found.is_rgb = content[11] == 0
    elif marker == _APP1 and content.startswith(b"Exif\0\0"):
        found.orientation = _orientation(content[6:])


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker is that is neither a stuffed byte nor a restart (T.81 B.1.1.5)."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and data[at + 1] not in _STANDALONE:
            return at
        at += 2
    raise PictureError("The picture breaks off: its end is missing.")


def _orientation(tiff: bytes) -> int:
    """Read the orientation of the first directory (Exif 2.32, 4.6.2); 1, upright, where it says nothing."""
    order: Any = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    at = int.from_bytes(tiff[4:8], order)
    for _ in range(int.from_bytes(tiff[at : at + 2], order)):
        entry = tiff[at + 2 : at + 14]
        if int.from_bytes(entry[:2], order) == 0x0112:
            return int.from_bytes(entry[8:10], order)
        at += 12
    return 1
