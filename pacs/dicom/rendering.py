"""Rendered frames and thumbnails: what WADO-RS answers under `rendered` and `thumbnail` (PS3.18 8.3.5, 10.4)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pacs.dicom import luts
from pacs.dicom.codecs import DecodeError, encode_gif, encode_jpeg, encode_png
from pacs.dicom.json_model import Attributes, tag_of
from pacs.dicom.pixel_format import Frame
from pacs.dicom.resampling import area_average

THUMBNAIL_PIXELS: Final = 256
MAX_PIXELS: Final = 8192

_DISPLAY_KEYWORDS: Final = (
    "BitsAllocated",
    "BitsStored",
    "Columns",
    "DoubleFloatPixelData",
    "FloatPixelData",
    "HighBit",
    "ModalityLUTSequence",
    "PhotometricInterpretation",
    "PixelPaddingValue",
    "PixelRepresentation",
    "PlanarConfiguration",
    "PresentationLUTShape",
    "RescaleIntercept",
    "RescaleSlope",
    "Rows",
    "SamplesPerPixel",
    "VOILUTFunction",
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
    *(
        f"{colour}PaletteColorLookupTable{part}"
        for colour in ("Red", "Green", "Blue")
        for part in ("Data", "Descriptor")
    ),
)


@dataclass(frozen=True, slots=True)
class View:
    """What a client asks for.

    Attributes
    ----------
    window
        Instead of the image's own.
    max_rows, max_columns
        The viewport; the image is fitted into it, its proportions kept. None: the image's own size.
    region
        The part of the image to show: left, top, width, height as shares of the image. None: all of it.
    is_mirrored, is_upside_down
        Whether columns, or rows, are shown in the opposite order.
    """

    window: luts.Window | None = None
    max_rows: int | None = None
    max_columns: int | None = None
    region: tuple[float, float, float, float] | None = None
    is_mirrored: bool = False
    is_upside_down: bool = False


WHOLE: Final = View()
THUMBNAIL: Final = View(max_rows=THUMBNAIL_PIXELS, max_columns=THUMBNAIL_PIXELS)


def display_attributes(attributes: Attributes) -> Attributes:
    """Pick the attributes that decoding and display need; nothing in them is about the patient."""
    tags = map(tag_of, _DISPLAY_KEYWORDS)
    return {tag: attributes[tag] for tag in tags if tag in attributes}


def render(frame: Frame, attributes: Attributes, view: View = WHOLE) -> npt.NDArray[np.uint8]:
    """Make a frame ready to be shown.

    Parameters
    ----------
    attributes
        Of the frame (see `functional_groups.frame_attributes`), with long tables inline (see `luts.with_bulk`).

    Returns
    -------
    ndarray of uint8
        (rows, columns) for grey, (rows, columns, 3) for RGB.
    """
    frame = Frame(_cut(frame.pixels, view.region), frame.photometric_interpretation)
    shown = _show(frame, attributes, view.window)
    rows, columns = _fit(shown.shape[0], shown.shape[1], view)
    if (rows, columns) != shown.shape[:2]:
        shown = (area_average(shown, rows, columns) + np.float32(0.5)).astype(np.uint8)
    shown = shown[::-1] if view.is_upside_down else shown
    return np.ascontiguousarray(shown[:, ::-1] if view.is_mirrored else shown)


def encode(shown: npt.NDArray[np.uint8], media_type: str, *, quality: int = 90) -> bytes:
    """Encode a rendered frame as ``image/jpeg``, ``image/png`` or ``image/gif``."""
    if media_type == "image/gif":
        return encode_gif(shown)
    return encode_png(shown) if media_type == "image/png" else encode_jpeg(shown, quality=quality)


def _show(frame: Frame, attributes: Attributes, window: luts.Window | None) -> npt.NDArray[np.uint8]:
    photometric = frame.photometric_interpretation
    if photometric.startswith("MONOCHROME"):
        return _show_grey(frame, attributes, window)
    if photometric == "PALETTE COLOR":
        palette = luts.palette_of(attributes)
        if palette is None:
            raise DecodeError("the palette is absent, segmented or too short")
        return luts.apply_palette(frame.pixels, palette)
    if frame.pixels.ndim != 3 or frame.pixels.shape[2] < 3:
        raise DecodeError("this photometric interpretation needs three samples per pixel")
    colours = frame.pixels[..., :3]
    if photometric.startswith(("YBR_FULL", "YBR_PARTIAL")):
        colours = luts.ybr_to_rgb(colours, photometric)
    shift = max(0, colours.dtype.itemsize * 8 - 8)
    return np.ascontiguousarray((colours >> shift).astype(np.uint8))


def _show_grey(frame: Frame, attributes: Attributes, window: luts.Window | None) -> npt.NDArray[np.uint8]:
    pixels = frame.pixels if frame.pixels.ndim == 2 else frame.pixels[..., 0]
    values = luts.modality_values(pixels, attributes)
    table = next(iter(luts.voi_tables_of(attributes)), None)
    if window is None and table is not None:
        # Where both are given, the window is the stand-in for displays that know no tables (PS3.3 C.11.2.1.1).
        shown = luts.apply_voi_table(values, table)
    else:
        own = luts.presentation_window(attributes)
        shown = luts.apply_window(values, window or own or luts.full_range(values, attributes))
    return 255 - shown if luts.is_inverse(attributes) else shown


def _cut(pixels: npt.NDArray[np.generic], region: tuple[float, float, float, float] | None) -> npt.NDArray[np.generic]:
    if region is None:
        return pixels
    left, top, width, height = region
    rows, columns = pixels.shape[:2]
    first_row, first_column = min(int(top * rows), rows - 1), min(int(left * columns), columns - 1)
    last_row = max(first_row + 1, round((top + height) * rows))
    last_column = max(first_column + 1, round((left + width) * columns))
    return pixels[first_row:last_row, first_column:last_column]


def _fit(rows: int, columns: int, view: View) -> tuple[int, int]:
    """Fit an image into a viewport, keeping its proportions (PS3.18 8.3.5.1.3)."""
    factor = min(
        (view.max_rows or rows) / rows,
        (view.max_columns or columns) / columns,
        MAX_PIXELS / max(rows, columns) if view.max_rows or view.max_columns else 1.0,
    )
    return max(1, round(rows * factor)), max(1, round(columns * factor))
