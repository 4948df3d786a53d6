"""How many bytes the pixels of an object need (PS3.3 C.7.6.3, PS3.5 8)."""

from dataclasses import dataclass
from typing import Any

from pacs.dicom import json_model
from pacs.dicom.errors import ImageAttributeError, LimitExceededError, PixelDataSizeError
from pacs.dicom.limits import Limits

# Samples that a pixel takes on average where chrominance is stored for two or four pixels (PS3.3 C.7.6.3.1.2),
# as a fraction of three.
_SUBSAMPLED = {"YBR_FULL_422": (2, 3), "YBR_PARTIAL_422": (2, 3), "YBR_PARTIAL_420": (1, 2)}


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """Size of the image in an object; `frame_bits` is that of a frame in native encoding."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    number_of_frames: int
    frame_bits: int

    @property
    def size_bytes(self) -> int:
        """Bytes of all frames in native encoding (PS3.5 8.1.1: frames of 1-bit pixels share bytes)."""
        return (self.frame_bits * self.number_of_frames + 7) // 8


def layout_of(attributes: dict[str, Any], limits: Limits) -> PixelLayout:
    """Read the attributes that say how large the pixel data must be.

    Parameters
    ----------
    attributes
        The DICOM JSON model of the object.

    Raises
    ------
    ImageAttributeError
        If one is absent or impossible.
    LimitExceededError
        If the decoded image would exceed the limits.
    """
    rows = _count(attributes, "Rows", 0xFFFF)
    columns = _count(attributes, "Columns", 0xFFFF)
    samples = _count(attributes, "SamplesPerPixel", 4, default=1)
    bits = _count(attributes, "BitsAllocated", 64)
    frames = _count(attributes, "NumberOfFrames", 0x7FFFFFFF, default=1)
    if bits != 1 and bits % 8:
        raise ImageAttributeError("Bits Allocated is neither 1 nor a multiple of 8", tag=0x00280100)
    pixel_bits = samples * bits
    if samples == 3:
        numerator, divisor = _SUBSAMPLED.get(json_model.get_str(attributes, "PhotometricInterpretation"), (1, 1))
        pixel_bits = pixel_bits * numerator // divisor
    if rows * columns * samples * bits * frames > 8 * limits.pixel_bytes:
        raise LimitExceededError(f"the decoded image would exceed {limits.pixel_bytes} bytes")
    return PixelLayout(rows, columns, samples, bits, frames, rows * columns * pixel_bits)


def check_frames(attributes: dict[str, Any], limits: Limits) -> None:
    """Check that an object, with pixels or without, does not claim more frames than anybody should list.

    Raises
    ------
    LimitExceededError
        If it does.
    """
    if (json_model.get_number(attributes, "NumberOfFrames") or 0) > limits.frames:
        raise LimitExceededError(f"more than {limits.frames} frames")


def check_native_length(layout: PixelLayout, length: int, *, tag: int, offset: int) -> None:
    """Check that native pixel data is long enough; devices pad it, so more is no fault.

    Raises
    ------
    PixelDataSizeError
        If it is too short.
    """
    if length < layout.size_bytes:
        raise PixelDataSizeError(f"has {length} bytes, the image needs {layout.size_bytes}", tag=tag, offset=offset)


def _count(attributes: dict[str, Any], keyword: str, maximum: int, default: int | None = None) -> int:
    key = json_model.tag_of(keyword)
    values = attributes.get(key, {}).get("Value") or [default]
    number = values[0]
    if not isinstance(number, int) or not 1 <= number <= maximum:
        found = "is absent" if number is None else f"is not between 1 and {maximum}"
        raise ImageAttributeError(f"{keyword} {found}", tag=int(key, 16))
    return number
