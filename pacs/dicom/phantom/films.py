"""The phantom as projection radiographs: panoramic, lateral cephalogram and bitewing."""

from typing import Any, Final

import numpy as np
from pydicom import Dataset
from pydicom.uid import (
    DigitalIntraOralXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
)

from pacs.dicom.phantom.anatomy import AIR, FloatArray, Places, places_along_arch
from pacs.dicom.phantom.cbct import DEFAULT_PERSON, Scene, grid_centres, person_header, study_header
from pacs.dicom.phantom.files import Person, make_uid, write_file

MAX_STORED: Final = 4095
CEPHALOMETRIC_MAGNIFICATION: Final = 1.14


def make_panoramic(
    *,
    columns: int = 640,
    rows: int = 300,
    spacing_mm: float = 0.25,
    patient: Person = DEFAULT_PERSON,
    study_instance_uid: str | None = None,
    seed: str = "phantom",
    **elements: Any,
) -> bytes:
    """Make a panoramic radiograph: rays across the jaws, summed along the arch from the patient's right to left.

    A Digital X-Ray Image for presentation of modality PX (PS3.3 A.26), MONOCHROME2, 12 bits in 16.
    """
    s, z = grid_centres(columns, spacing_mm), grid_centres(rows, spacing_mm)
    image = _project(*_arch_rays(s, 16.0, spacing_mm), z)
    header = _film_header(patient, study_instance_uid, seed, "panoramic") | {
        "SOPClassUID": DigitalXRayImageStorageForPresentation,
        "Modality": "PX",
        "BodyPartExamined": "JAW",
        "SeriesDescription": "Panoramic",
        "SeriesNumber": 2,
        "PatientOrientation": ["L", "F"],
        "ImageLaterality": "B",
        "AnatomicRegionSequence": [_code("661005", "Jaw region")],
        "ImagerPixelSpacing": [spacing_mm, spacing_mm],
    }
    return _write(header, image, elements)


def make_cephalometric(
    *,
    columns: int = 300,
    rows: int = 240,
    spacing_mm: float = 0.3,
    patient: Person = DEFAULT_PERSON,
    study_instance_uid: str | None = None,
    seed: str = "phantom",
    **elements: Any,
) -> bytes:
    """Make a lateral cephalogram: rays from side to side, the face looking to the image's right.

    A Digital X-Ray Image for presentation, MONOCHROME1 (bone has low values), with the magnification of a
    cephalostat named in (0018,1114).
    """
    y, z = grid_centres(columns, spacing_mm)[::-1], grid_centres(rows, spacing_mm)
    x = grid_centres(90, 1.4)
    grid_x, grid_y = np.meshgrid(x, y)
    image = MAX_STORED - _project(Places(grid_x, grid_y, spacing_mm), 1.4, z)
    header = _film_header(patient, study_instance_uid, seed, "cephalometric") | {
        "SOPClassUID": DigitalXRayImageStorageForPresentation,
        "Modality": "DX",
        "BodyPartExamined": "HEAD",
        "SeriesDescription": "Cephalogram, lateral",
        "SeriesNumber": 3,
        "PhotometricInterpretation": "MONOCHROME1",
        "PresentationLUTShape": "INVERSE",
        "PatientOrientation": ["A", "F"],
        "ImageLaterality": "U",
        "PositionerType": "CEPHALOSTAT",
        "AnatomicRegionSequence": [_code("69536005", "Head")],
        "ImagerPixelSpacing": [round(spacing_mm * CEPHALOMETRIC_MAGNIFICATION, 6)] * 2,
        "EstimatedRadiographicMagnificationFactor": CEPHALOMETRIC_MAGNIFICATION,
        "DistanceSourceToDetector": 1710,
        "DistanceSourceToPatient": 1500,
    }
    return _write(header, image, elements)


def make_bitewing(
    *,
    columns: int = 400,
    rows: int = 300,
    spacing_mm: float = 0.1,
    patient: Person = DEFAULT_PERSON,
    study_instance_uid: str | None = None,
    seed: str = "phantom",
    **elements: Any,
) -> bytes:
    """Make a bitewing of the left molars and premolars.

    A Digital Intra-Oral X-Ray Image for presentation (PS3.3 A.28), MONOCHROME2, 12 bits in 16.
    """
    s, z = grid_centres(columns, spacing_mm) + np.float32(38.0), grid_centres(rows, spacing_mm)
    image = _project(*_arch_rays(s, 12.0, spacing_mm), z)
    header = _film_header(patient, study_instance_uid, seed, "bitewing") | {
        "SOPClassUID": DigitalIntraOralXRayImageStorageForPresentation,
        "Modality": "IO",
        "BodyPartExamined": "JAW",
        "SeriesDescription": "Bitewing, left",
        "SeriesNumber": 4,
        "ImageLaterality": "L",
        "PatientOrientation": ["P", "F"],
        "PositionerType": "NONE",
        "AnatomicRegionSequence": [_code("661005", "Jaw region")],
        "PrimaryAnatomicStructureSequence": [_code("38199008", "Tooth")],
        "ImagerPixelSpacing": [spacing_mm, spacing_mm],
    }
    return _write(header, image, elements)


def _arch_rays(s: FloatArray, half_depth_mm: float, edge_mm: float) -> tuple[Places, float]:
    step_mm = 0.8
    d = grid_centres(int(2 * half_depth_mm / step_mm), step_mm)
    grid_d, grid_s = np.meshgrid(d, s)
    return places_along_arch(grid_s, grid_d, edge_mm=edge_mm), step_mm


def _project(places: Places, step_mm: float, z: FloatArray) -> FloatArray:
    """Sum attenuation along the last axis of the places for each height; bright is dense, top row is the highest."""
    scene = Scene(places)
    sums = [(scene.at(float(height)) - AIR).sum(axis=1) for height in z[::-1]]
    depth = np.stack(sums) * np.float32(step_mm * 1e-3)
    low, high = np.percentile(depth, (1, 99.7))
    return np.asarray(np.clip((depth - low) / (high - low), 0, 1) * MAX_STORED, dtype=np.float32)


def _film_header(patient: Person, study: str | None, seed: str, kind: str) -> dict[str, Any]:
    study = study or make_uid(seed, "study")
    return (
        person_header(patient)
        | study_header(study)
        | {
            "SpecificCharacterSet": "ISO_IR 192",
            "ImageType": ["ORIGINAL", "PRIMARY"],
            "SOPInstanceUID": make_uid(seed, study, kind, "instance"),
            "SeriesInstanceUID": make_uid(seed, study, kind),
            "InstanceNumber": 1,
            "ContentDate": "20260102",
            "ContentTime": "101500",
            "AcquisitionDate": "20260102",
            "AcquisitionTime": "101500",
            "PresentationIntentType": "FOR PRESENTATION",
            "AcquisitionContextSequence": [],
            "DetectorType": "SCINTILLATOR",
            "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2",
            "BitsAllocated": 16,
            "BitsStored": 12,
            "HighBit": 11,
            "PixelRepresentation": 0,
            "PixelIntensityRelationship": "LOG",
            "PixelIntensityRelationshipSign": 1,
            "RescaleIntercept": 0,
            "RescaleSlope": 1,
            "RescaleType": "US",
            "PresentationLUTShape": "IDENTITY",
            "WindowCenter": (MAX_STORED + 1) // 2,
            "WindowWidth": MAX_STORED + 1,
            "BurnedInAnnotation": "NO",
            "LossyImageCompression": "00",
            "KVP": 70,
        }
    )


def _code(value: str, meaning: str) -> Dataset:
    """Return a term of SNOMED CT (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def _write(header: dict[str, Any], image: FloatArray, elements: dict[str, Any]) -> bytes:
    rows, columns = image.shape
    noise = np.random.default_rng(rows * columns).standard_normal(image.shape, dtype=np.float32) * 20
    pixels = np.clip(np.rint(image + noise), 0, MAX_STORED).astype("<u2")
    return write_file(header | {"Rows": rows, "Columns": columns, "PixelData": pixels.tobytes()} | elements)
