"""From stored values to what a display shows: Modality and VOI LUT, palettes, colour spaces (PS3.3 C.11, C.7.6.3)."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pacs.dicom.json_model import Attributes, get_items, get_number, get_numbers, get_str, tag_of
from pacs.dicom.pixel_format import PixelFormat

PixelArray = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float32]

_LUT_SEQUENCES: Final = ("ModalityLUTSequence", "VOILUTSequence")
_COLOURS: Final = ("Red", "Green", "Blue")
# More pixels than there are values of 16 bits.
_LARGE: Final = 1 << 16
_PALETTE: Final = "{}PaletteColorLookupTable{}"


class VoiFunction(StrEnum):
    """How a window maps values (PS3.3 C.11.2.1.2)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Window:
    """A range of values to show, after the Modality LUT."""

    center: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR

    @property
    def is_valid(self) -> bool:
        """Widths that PS3.3 C.11.2.1.2 allows: at least 1 for LINEAR, positive otherwise."""
        least = 1.0 if self.function is VoiFunction.LINEAR else np.finfo(np.float32).tiny
        return bool(np.isfinite(self.center) and np.isfinite(self.width) and self.width >= least)


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A table of (0028,3006) LUT Data or of a palette.

    Attributes
    ----------
    first
        The stored value that maps to the first entry; lower ones map there too, higher ones to the last.
    entries
        uint16 or uint8.
    bits
        Of each entry: the highest value is 2**bits - 1.
    """

    first: int
    entries: npt.NDArray[np.unsignedinteger[Any]]
    bits: int

    def look_up(self, values: PixelArray) -> PixelArray:
        """Map values of any type to entries."""
        index = np.clip(np.rint(values).astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[index]


# --- values kept out of the JSON --------------------------------------------------------------------------------------


def bulk_uris(attributes: Attributes) -> Iterator[str]:
    """Name the bulk values that display needs: tables too long for the JSON (PS3.18 F.2.6)."""
    for attribute in _table_attributes(attributes):
        if "BulkDataURI" in attribute:
            yield attribute["BulkDataURI"]


def with_bulk(attributes: Attributes, values: Mapping[str, bytes]) -> Attributes:
    """Give a copy in which the tables for display are inline.

    Parameters
    ----------
    values
        By the URIs that `bulk_uris` named; little endian.
    """
    return {tag: _inlined(attribute, values) for tag, attribute in attributes.items()}


def _inlined(attribute: dict[str, Any], values: Mapping[str, bytes]) -> dict[str, Any]:
    if attribute.get("BulkDataURI") in values:
        return {"vr": attribute["vr"], "InlineBinary": base64.b64encode(values[attribute["BulkDataURI"]]).decode()}
    if attribute.get("vr") == "SQ":
        return {"vr": "SQ", "Value": [with_bulk(item, values) for item in attribute.get("Value") or []]}
    return attribute


def _table_attributes(attributes: Attributes) -> Iterator[dict[str, Any]]:
    for keyword in _LUT_SEQUENCES:
        for item in get_items(attributes, keyword):
            yield item.get(tag_of("LUTData"), {})
    for colour in _COLOURS:
        yield attributes.get(tag_of(_PALETTE.format(colour, "Data")), {})


# --- grey values ------------------------------------------------------------------------------------------------------


def rescale_of(attributes: Attributes) -> tuple[float, float]:
    """Read Rescale Slope and Intercept (0028,1053) and (0028,1052): (1, 0) if absent or a slope of zero."""
    slope = get_number(attributes, "RescaleSlope")
    intercept = get_number(attributes, "RescaleIntercept")
    return (float(slope or 1), float(intercept or 0))


def has_whole_values(attributes: Attributes) -> bool:
    """Tell whether values stay whole numbers after slope and intercept."""
    slope, intercept = rescale_of(attributes)
    return slope.is_integer() and intercept.is_integer() and not PixelFormat.of(attributes).is_float


def modality_values(pixels: PixelArray, attributes: Attributes) -> PixelArray:
    """Apply the Modality LUT (PS3.3 C.11.1): a table if there is one, else slope and intercept.

    Returns
    -------
    ndarray
        float32; the stored values themselves where nothing is to be done.
    """
    table = next(iter(_tables(attributes, "ModalityLUTSequence")), None)
    if table is not None:
        return table.look_up(pixels)
    slope, intercept = rescale_of(attributes)
    if (slope, intercept) == (1.0, 0.0):
        return pixels
    return np.asarray(pixels, dtype=np.float32) * np.float32(slope) + np.float32(intercept)


def windows_of(attributes: Attributes) -> list[Window]:
    """Read the windows of (0028,1050), (0028,1051) and (0028,1056), the invalid ones left out."""
    centers, widths = get_numbers(attributes, "WindowCenter"), get_numbers(attributes, "WindowWidth")
    stated = get_str(attributes, "VOILUTFunction")
    function = VoiFunction(stated) if stated in set(VoiFunction) else VoiFunction.LINEAR
    windows = [Window(center, width, function) for center, width in zip(centers, widths, strict=False)]
    return [window for window in windows if window.is_valid]


def voi_tables_of(attributes: Attributes) -> list[LookupTable]:
    """Read the tables of the VOI LUT Sequence (0028,3010) whose data is inline."""
    return list(_tables(attributes, "VOILUTSequence"))


def is_inverse(attributes: Attributes) -> bool:
    """Tell whether low values are bright: MONOCHROME1, or (2050,0020) Presentation LUT Shape INVERSE."""
    is_monochrome1 = get_str(attributes, "PhotometricInterpretation") == "MONOCHROME1"
    return is_monochrome1 or get_str(attributes, "PresentationLUTShape") == "INVERSE"


def apply_window(values: PixelArray, window: Window) -> npt.NDArray[np.uint8]:
    """Map values to 0..255 by the function of the window (PS3.3 C.11.2.1.2.1 to C.11.2.1.3.2)."""
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2 and values.size > _LARGE:
        # Each value that there can be is reckoned once, and looked up for each pixel.
        every = np.arange(1 << 8 * values.dtype.itemsize, dtype=values.dtype)
        return apply_window(every, window)[values]
    x = np.asarray(values, dtype=np.float32)
    if window.function is VoiFunction.SIGMOID:
        share = 1 / (1 + np.exp(np.clip(-4 * (x - window.center) / window.width, -80, 80)))
    elif window.function is VoiFunction.LINEAR_EXACT:
        share = (x - window.center) / window.width + 0.5
    elif window.width == 1:
        share = (x > window.center - 0.5).astype(np.float32)
    else:
        share = (x - (window.center - 0.5)) / (window.width - 1) + 0.5
    return np.asarray(np.clip(share, 0, 1) * 255 + 0.5, dtype=np.float32).astype(np.uint8)


def apply_voi_table(values: PixelArray, table: LookupTable) -> npt.NDArray[np.uint8]:
    """Map values to 0..255 by a VOI LUT (PS3.3 C.11.2.1.1)."""
    entries = table.look_up(values).astype(np.float32)
    return (entries * np.float32(255 / (2**table.bits - 1)) + np.float32(0.5)).clip(0, 255).astype(np.uint8)


def full_range(values: PixelArray, attributes: Attributes) -> Window:
    """Give the window from the lowest to the highest value, padding (0028,0120) left out."""
    padding = get_number(attributes, "PixelPaddingValue")
    slope, intercept = rescale_of(attributes)
    shown = values if padding is None else values[values != np.float32(padding * slope + intercept)]
    if not shown.size:
        return Window(0.0, 1.0, VoiFunction.LINEAR_EXACT)
    low, high = float(shown.min()), float(shown.max())
    return Window((low + high) / 2, max(high - low, 1.0), VoiFunction.LINEAR_EXACT)


def _tables(attributes: Attributes, keyword: str) -> Iterator[LookupTable]:
    for item in get_items(attributes, keyword):
        table = _table(item, "LUTDescriptor", "LUTData")
        if table is not None:
            yield table


def _table(item: Attributes, descriptor_keyword: str, data_keyword: str) -> LookupTable | None:
    """Read a table from descriptor and data (PS3.3 C.11.1.1.1); None if either is absent or too short."""
    descriptor = [int(value) for value in get_numbers(item, descriptor_keyword)]
    if len(descriptor) != 3:
        return None
    count, first, bits = descriptor[0] or 65536, descriptor[1], descriptor[2]
    entries = _entries(item.get(tag_of(data_keyword), {}), count)
    if entries is None or len(entries) < count:
        return None
    # Tables of 8 bits written in 16-bit words, or the reverse, are common: the entries tell.
    highest = int(entries[:count].max())
    bits = min(max(bits, highest.bit_length(), 1), 16)
    return LookupTable(first, entries[:count], bits)


def _entries(attribute: Mapping[str, Any], count: int) -> npt.NDArray[np.unsignedinteger[Any]] | None:
    if "Value" in attribute:
        return np.asarray(attribute["Value"], dtype=np.int64).astype(np.uint16)
    raw = base64.b64decode(attribute.get("InlineBinary", ""))
    if not raw:
        return None
    is_wide = len(raw) >= 2 * count
    return np.frombuffer(raw, dtype="<u2" if is_wide else np.uint8, count=count if is_wide else -1)


# --- colours ----------------------------------------------------------------------------------------------------------


def palette_of(attributes: Attributes) -> tuple[LookupTable, LookupTable, LookupTable] | None:
    """Read the tables of a PALETTE COLOR image (PS3.3 C.7.6.3.1.5); None if one is absent or segmented."""
    tables = [
        _table(attributes, _PALETTE.format(colour, "Descriptor"), _PALETTE.format(colour, "Data"))
        for colour in _COLOURS
    ]
    red, green, blue = tables
    return None if red is None or green is None or blue is None else (red, green, blue)


def apply_palette(pixels: PixelArray, palette: tuple[LookupTable, LookupTable, LookupTable]) -> npt.NDArray[np.uint8]:
    """Map indices to RGB, shape (rows, columns, 3)."""
    return np.stack([apply_voi_table(pixels, table) for table in palette], axis=-1)


def ybr_to_rgb(pixels: PixelArray, photometric: str) -> PixelArray:
    """Convert YBR_FULL or YBR_PARTIAL to RGB of the same type (PS3.3 C.7.6.3.1.2)."""
    is_partial = photometric.startswith("YBR_PARTIAL")
    top = np.float32(np.iinfo(pixels.dtype).max)
    ybr = pixels.astype(np.float32)
    luminance, blue, red = ybr[..., 0], ybr[..., 1] - (top + 1) / 2, ybr[..., 2] - (top + 1) / 2
    if is_partial:
        luminance = (luminance - 16 * (top + 1) / 256) * np.float32(255 / 219)
        blue, red = blue * np.float32(255 / 224), red * np.float32(255 / 224)
    rgb = np.stack(
        [luminance + 1.402 * red, luminance - 0.344136 * blue - 0.714136 * red, luminance + 1.772 * blue], axis=-1
    )
    return np.clip(np.floor(rgb + 0.5), 0, top).astype(pixels.dtype)


def presentation_window(attributes: Attributes) -> Window | None:
    """Give the window that the image itself asks for first; None if it has none."""
    return next(iter(windows_of(attributes)), None)
