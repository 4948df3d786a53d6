"""How the pixels of an image are stored (PS3.3 C.7.6.3)."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from pacs.dicom.errors import ImageAttributeError
from pacs.dicom.json_model import Attributes, get_number, get_str, tag_of

_FLOAT_PIXELS: Final = {tag_of("FloatPixelData"): 32, tag_of("DoubleFloatPixelData"): 64}

_ALLOCATIONS: Final = frozenset({1, 8, 16, 32, 64})


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """The attributes that say what the bytes of a frame mean.

    Attributes
    ----------
    is_signed
        Pixel Representation (0028,0103) is 1: two's complement.
    is_planar
        Planar Configuration (0028,0006) is 1: all of the first sample before all of the second.
    is_float
        The pixels are Float or Double Float Pixel Data.
    """

    rows: int
    columns: int
    samples: int = 1
    bits_allocated: int = 16
    bits_stored: int = 16
    high_bit: int = 15
    is_signed: bool = False
    photometric_interpretation: str = "MONOCHROME2"
    is_planar: bool = False
    is_float: bool = False

    @classmethod
    def of(cls, attributes: Attributes) -> Self:
        """Read the format from an instance as DICOM JSON model.

        Raises
        ------
        ImageAttributeError
            If an attribute is absent or impossible.
        """
        float_bits = next((bits for tag, bits in _FLOAT_PIXELS.items() if tag in attributes), 0)
        allocated = float_bits or _whole(attributes, "BitsAllocated", 1, 64)
        if allocated not in _ALLOCATIONS:
            raise ImageAttributeError("1, 8, 16, 32 or 64 was expected", tag=int(tag_of("BitsAllocated"), 16))
        stored = min(_whole(attributes, "BitsStored", 1, 64, allocated), allocated)
        return cls(
            rows=_whole(attributes, "Rows", 1, 65535),
            columns=_whole(attributes, "Columns", 1, 65535),
            samples=_whole(attributes, "SamplesPerPixel", 1, 4, 1),
            bits_allocated=allocated,
            bits_stored=stored,
            high_bit=_whole(attributes, "HighBit", 0, 63, stored - 1),
            is_signed=get_number(attributes, "PixelRepresentation") == 1,
            photometric_interpretation=get_str(attributes, "PhotometricInterpretation") or "MONOCHROME2",
            is_planar=get_number(attributes, "PlanarConfiguration") == 1,
            is_float=bool(float_bits),
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of one decoded sample, in the machine's byte order."""
        if self.bits_allocated == 1:
            return np.dtype(np.uint8)
        kind = "f" if self.is_float else "i" if self.is_signed else "u"
        return np.dtype(f"{kind}{self.bits_allocated // 8}")

    @property
    def shape(self) -> tuple[int, ...]:
        """(rows, columns), or (rows, columns, samples) for colours."""
        return (self.rows, self.columns) if self.samples == 1 else (self.rows, self.columns, self.samples)

    @property
    def is_subsampled(self) -> bool:
        """Whether native pixels share their chrominance in pairs (PS3.3 C.7.6.3.1.2, YBR_FULL_422)."""
        return self.photometric_interpretation in {"YBR_FULL_422", "YBR_PARTIAL_422"}

    @property
    def native_bytes(self) -> int:
        """Length of one frame, uncompressed."""
        samples = 2 if self.is_subsampled and self.samples == 3 else self.samples
        return (self.rows * self.columns * samples * self.bits_allocated + 7) // 8


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame.

    Attributes
    ----------
    pixels
        Stored values, in the shape and type of the image's `PixelFormat`, C-contiguous.
    photometric_interpretation
        What they mean: differs from the image's where decoding changed the colour space (PS3.5 8.2).
    """

    pixels: npt.NDArray[Any]
    photometric_interpretation: str


def _whole(attributes: Attributes, keyword: str, low: int, high: int, default: int | None = None) -> int:
    value = get_number(attributes, keyword)
    if value is None and default is not None:
        return default
    if value is None or value != value or not low <= value <= high or value != int(value):  # noqa: PLR0124  # NaN
        raise ImageAttributeError(f"a whole number from {low} to {high} was expected", tag=int(tag_of(keyword), 16))
    return int(value)
