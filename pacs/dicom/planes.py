"""Image planes: orientation in the patient, and what a pixel measures (PS3.3 C.7.6.2, 10.7)."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final

from pacs.dicom.json_model import Attributes, get_number, get_numbers, get_str, get_strings

Vector = tuple[float, float, float]

# Cosines are written with few decimals: beyond one per cent they are no unit vectors at right angles.
_COSINE_TOLERANCE: Final = 0.01

# No part of a patient is farther away than this.
_FAR_MM: Final = 1e5

# Projections enlarge: the pixel spacing of these modalities is not one within the patient unless calibrated.
_PROJECTIONS: Final = frozenset({"CR", "DX", "IO", "PX", "MG", "RG", "RF", "XA", "RTIMAGE"})
_CROSS_SECTIONS: Final = frozenset({"CT", "MR", "PT", "NM", "RTDOSE"})


@dataclass(frozen=True, slots=True)
class Orientation:
    """Directions of a row (left to right) and a column (top to bottom) of an image, as unit vectors in LPS."""

    row: Vector
    column: Vector

    @property
    def normal(self) -> Vector:
        """The direction that looks into the screen: row x column."""
        return cross(self.row, self.column)


class SpacingKind(StrEnum):
    """What the distance between pixels is true of."""

    CALIBRATED = "calibrated"
    DETECTOR = "detector"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlanarSpacing:
    """Distances between pixel centres.

    Attributes
    ----------
    columns_mm, rows_mm
        Between neighbouring columns (along a row) and between neighbouring rows. Without a unit, as the ratio of the
        two, where `kind` is NONE.
    kind
        CALIBRATED: true within the patient. DETECTOR: true where the image was taken up; the patient's structures are
        smaller by an unknown or estimated magnification. NONE: no length can be told.
    magnification
        Estimated Radiographic Magnification Factor (0018,1114), if given.
    note
        The same for people, in one sentence; empty for calibrated cross-sections.
    """

    columns_mm: float
    rows_mm: float
    kind: SpacingKind
    magnification: float | None = None
    note: str = ""


def cross(a: Vector, b: Vector) -> Vector:
    """Give the vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def dot(a: Vector, b: Vector) -> float:
    """Give the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def orientation_of(attributes: Attributes) -> Orientation | None:
    """Read Image Orientation (Patient) (0020,0037); None if absent or not two unit vectors at right angles."""
    cosines = get_numbers(attributes, "ImageOrientationPatient")
    if len(cosines) != 6:
        return None
    row: Vector = (cosines[0], cosines[1], cosines[2])
    column: Vector = (cosines[3], cosines[4], cosines[5])
    row_length, column_length = sqrt(dot(row, row)), sqrt(dot(column, column))
    errors = (row_length - 1, column_length - 1, dot(row, column))
    if not all(abs(error) <= _COSINE_TOLERANCE for error in errors):
        return None
    return Orientation(_scale(row, row_length), _scale(column, column_length))


def _scale(vector: Vector, length: float) -> Vector:
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def position_of(attributes: Attributes) -> Vector | None:
    """Read Image Position (Patient) (0020,0032), the centre of the first pixel in mm; None if absent or absurd."""
    position = get_numbers(attributes, "ImagePositionPatient")
    if len(position) != 3 or not all(abs(value) < _FAR_MM for value in position):
        return None
    return (position[0], position[1], position[2])


def orientation_letters(direction: Vector) -> str:
    """Name a direction as Patient Orientation does, the main direction first: ``"L"``, ``"AFL"`` (PS3.3 C.7.6.1.1.1).

    A component of less than 0.1 (6 degrees) is not named.
    """
    letters = ("LR", "PA", "HF")
    ranked = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    return "".join(letters[axis][direction[axis] < 0] for axis in ranked if abs(direction[axis]) >= 0.1)


def patient_orientation(attributes: Attributes) -> tuple[str, str] | None:
    """Give the directions of rows and columns as letters: Patient Orientation (0020,0020), else from the cosines."""
    stated = get_strings(attributes, "PatientOrientation")
    if len(stated) == 2 and all(stated):
        return stated[0], stated[1]
    orientation = orientation_of(attributes)
    if orientation is None:
        return None
    return orientation_letters(orientation.row), orientation_letters(orientation.column)


def planar_spacing(attributes: Attributes) -> PlanarSpacing:
    """Tell what a pixel of an image measures, and of what that is true (PS3.3 10.7.1)."""
    pixel = _pair(attributes, "PixelSpacing")
    imager = _pair(attributes, "ImagerPixelSpacing")
    if pixel is not None and (pixel != imager or _is_calibrated(attributes)):
        return _from_pixel_spacing(attributes, pixel, has_imager_spacing=imager is not None)
    if imager is not None:
        return _at_detector(attributes, imager)
    nominal = _pair(attributes, "NominalScannedPixelSpacing")
    if nominal is not None:
        note = "Lengths are those on the scanned film or screen, not in the patient."
        return PlanarSpacing(nominal[1], nominal[0], SpacingKind.DETECTOR, note=note)
    vertical, horizontal = _pair(attributes, "PixelAspectRatio") or (1.0, 1.0)
    note = "The image carries no scale: lengths cannot be measured."
    return PlanarSpacing(1.0, vertical / horizontal, SpacingKind.NONE, note=note)


def _is_calibrated(attributes: Attributes) -> bool:
    return get_str(attributes, "PixelSpacingCalibrationType") in {"GEOMETRY", "FIDUCIAL"}


def _pair(attributes: Attributes, keyword: str) -> tuple[float, float] | None:
    """Read a pair (between rows, between columns), PS3.3 10.7.1.3; None unless both are positive."""
    values = get_numbers(attributes, keyword)
    return (values[0], values[1]) if len(values) == 2 and all(0 < value < _FAR_MM for value in values) else None


def _from_pixel_spacing(
    attributes: Attributes, pixel: tuple[float, float], *, has_imager_spacing: bool
) -> PlanarSpacing:
    rows_mm, columns_mm = pixel
    modality = get_str(attributes, "Modality")
    how = get_str(attributes, "PixelSpacingCalibrationDescription")
    if modality in _CROSS_SECTIONS or orientation_of(attributes) is not None:
        return PlanarSpacing(columns_mm, rows_mm, SpacingKind.CALIBRATED)
    if _is_calibrated(attributes):
        kind = get_str(attributes, "PixelSpacingCalibrationType").lower()
        note = f"Lengths were calibrated by {kind}{': ' + how if how else ''}."
        return PlanarSpacing(columns_mm, rows_mm, SpacingKind.CALIBRATED, note=note)
    if has_imager_spacing:
        note = "Lengths were calibrated for the patient; the device does not say how."
        return PlanarSpacing(columns_mm, rows_mm, SpacingKind.CALIBRATED, note=note)
    if modality in _PROJECTIONS:
        note = "The device does not say whether lengths are those at the detector or in the patient."
        return PlanarSpacing(columns_mm, rows_mm, SpacingKind.DETECTOR, note=note)
    note = "The device does not say how its scale was found."
    return PlanarSpacing(columns_mm, rows_mm, SpacingKind.DETECTOR, note=note)


def _at_detector(attributes: Attributes, imager: tuple[float, float]) -> PlanarSpacing:
    magnification = get_number(attributes, "EstimatedRadiographicMagnificationFactor")
    if magnification is None or magnification <= 0:
        magnification = None
        note = "Lengths are those at the detector; the patient's structures are smaller by an unknown magnification."
    else:
        note = f"Lengths are those at the detector; the device estimates a magnification of {magnification:g}."
    return PlanarSpacing(imager[1], imager[0], SpacingKind.DETECTOR, magnification, note)
