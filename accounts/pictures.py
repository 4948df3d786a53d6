"""Drawing an uploaded picture anew; runs in the sandbox, on bytes of a stranger.

The functions of imagecodecs are named in the import: it loads them when they are, and the sandbox opens no files later.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from imagecodecs import jpeg8_decode, png_decode, png_encode

from accounts.errors import LogoError

MAX_SIDE: Final = 2000
SHOWN_HEIGHT: Final = 96
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def logo_job(_parameters: Mapping[str, Any], data: bytes) -> bytes:
    """Return a picture as PNG of at most twice the height at which it is shown."""
    pixels = _decode(data)
    if pixels.dtype != np.uint8 or pixels.ndim not in {2, 3} or max(pixels.shape[:2]) > MAX_SIDE:
        raise LogoError
    step = max(1, -(-pixels.shape[0] // SHOWN_HEIGHT))
    return bytes(png_encode(np.ascontiguousarray(_shrunk(pixels, step))))


def _decode(data: bytes) -> Any:
    if data.startswith(_PNG):
        return png_decode(data)
    if data.startswith(_JPEG):
        return jpeg8_decode(data)
    raise LogoError


def _shrunk(pixels: Any, step: int) -> Any:
    """Average squares of `step` pixels; what does not fill one at the edges is left out."""
    if step == 1 or min(pixels.shape[:2]) < step:
        return pixels
    rows, columns = pixels.shape[0] // step, pixels.shape[1] // step
    squares = pixels[: rows * step, : columns * step].reshape(rows, step, columns, step, *pixels.shape[2:])
    return squares.mean(axis=(1, 3)).round().astype(np.uint8)
