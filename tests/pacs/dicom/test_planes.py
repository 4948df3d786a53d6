"""What a pixel measures, and where its rows and columns point."""

from pathlib import Path

import pytest

from pacs.dicom.planes import (
    Orientation,
    SpacingKind,
    orientation_letters,
    orientation_of,
    patient_orientation,
    planar_spacing,
)
from tests.factories.attributes import make_attributes
from tests.pacs.dicom.test_codecs import scan


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 1), "H"),
        ((0, 0, -1), "F"),
        ((0.1736, -0.9848, 0), "AL"),
        ((0.05, 0, -0.99), "F"),
    ],
)
def test_directions_have_letters(direction: tuple[float, float, float], letters: str) -> None:
    assert orientation_letters(direction) == letters


def test_the_stated_patient_orientation_goes_first() -> None:
    attributes = make_attributes(PatientOrientation=["L", "F"], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    assert patient_orientation(attributes) == ("L", "F")


def test_the_patient_orientation_follows_from_the_cosines() -> None:
    assert patient_orientation(make_attributes(ImageOrientationPatient=[1, 0, 0, 0, 0, -1])) == ("L", "F")


def test_without_either_there_is_no_patient_orientation() -> None:
    assert patient_orientation(make_attributes(Modality="IO")) is None


def test_cosines_are_normalized() -> None:
    orientation = orientation_of(make_attributes(ImageOrientationPatient=[0.999, 0, 0, 0, 0.999, 0]))
    assert orientation == Orientation((1, 0, 0), (0, 1, 0))
    assert orientation.normal == (0, 0, 1)


def test_a_cross_section_is_calibrated() -> None:
    spacing = planar_spacing(make_attributes(Modality="CT", PixelSpacing=[0.2, 0.3]))
    assert (spacing.columns_mm, spacing.rows_mm, spacing.kind) == (0.3, 0.2, SpacingKind.CALIBRATED)
    assert spacing.note == ""


def test_a_calibrated_radiograph_says_how() -> None:
    attributes = make_attributes(
        Modality="PX",
        PixelSpacing=[0.1, 0.1],
        ImagerPixelSpacing=[0.1, 0.1],
        PixelSpacingCalibrationType="FIDUCIAL",
        PixelSpacingCalibrationDescription="5 mm ball",
    )
    spacing = planar_spacing(attributes)
    assert spacing.kind is SpacingKind.CALIBRATED
    assert spacing.note == "Lengths were calibrated by fiducial: 5 mm ball."


def test_a_pixel_spacing_other_than_the_detectors_was_calibrated() -> None:
    spacing = planar_spacing(make_attributes(Modality="DX", PixelSpacing=[0.09, 0.09], ImagerPixelSpacing=[0.1, 0.1]))
    assert (spacing.columns_mm, spacing.kind) == (0.09, SpacingKind.CALIBRATED)


def test_a_pixel_spacing_equal_to_the_detectors_is_the_detectors() -> None:
    spacing = planar_spacing(make_attributes(Modality="DX", PixelSpacing=[0.1, 0.1], ImagerPixelSpacing=[0.1, 0.1]))
    assert spacing.kind is SpacingKind.DETECTOR
    assert "unknown magnification" in spacing.note


def test_a_projection_with_pixel_spacing_alone_is_not_trusted() -> None:
    spacing = planar_spacing(make_attributes(Modality="CR", PixelSpacing=[0.1, 0.1]))
    assert spacing.kind is SpacingKind.DETECTOR


def test_the_estimated_magnification_is_named() -> None:
    attributes = make_attributes(
        Modality="DX", ImagerPixelSpacing=[0.114, 0.114], EstimatedRadiographicMagnificationFactor=1.14
    )
    spacing = planar_spacing(attributes)
    assert (spacing.kind, spacing.magnification) == (SpacingKind.DETECTOR, 1.14)
    assert spacing.note.endswith("magnification of 1.14.")


def test_a_scanned_film_measures_on_the_film() -> None:
    spacing = planar_spacing(make_attributes(Modality="OT", NominalScannedPixelSpacing=[0.2, 0.25]))
    assert (spacing.columns_mm, spacing.rows_mm, spacing.kind) == (0.25, 0.2, SpacingKind.DETECTOR)
    assert "scanned film" in spacing.note


@pytest.mark.parametrize("spacing", [None, [0, 0], [-1, 0.1], [0.1]])
def test_without_a_scale_nothing_is_measured(spacing: list[float] | None) -> None:
    assert planar_spacing(make_attributes(Modality="IO", PixelSpacing=spacing)).kind is SpacingKind.NONE


def test_without_a_scale_the_aspect_ratio_still_holds() -> None:
    spacing = planar_spacing(make_attributes(Modality="OT", PixelAspectRatio=[2, 1]))
    assert (spacing.columns_mm, spacing.rows_mm) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("path", "kind", "spacing_mm", "words"),
    [
        ("derived-from-cbct/px_panoramic.dcm", "detector", (0.125, 0.125), "unknown magnification"),
        ("derived-from-cbct/io_bitewing_right.dcm", "detector", (0.03, 0.03), "unknown magnification"),
        ("ImagingDataCommons__highdicom/dx_image.dcm", "detector", (1.2012, 1.2), "unknown magnification"),
        ("pydicom__pylibjpeg-data/966_fixed.dcm", "detector", (0.16, 0.16), "unknown magnification"),
        ("robyoung__dicom-test-files/J2KR/RG3_J2KR", "none", (1, 1), "no scale"),
        ("open-ortho__dicom4ortho/test.dcm", "none", (1, 1), "no scale"),
    ],
)
def test_real_radiographs_say_what_their_scale_is_true_of(
    data_folder: Path, path: str, kind: str, spacing_mm: tuple[float, float], words: str
) -> None:
    spacing = planar_spacing(scan((data_folder / "dicom/radiographs" / path).read_bytes()).head.json)
    assert spacing.kind == kind
    assert (spacing.columns_mm, spacing.rows_mm) == pytest.approx(spacing_mm, abs=1e-4)
    assert words in spacing.note
