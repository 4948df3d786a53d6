"""The phantom as a cone-beam CT series (PS3.3 A.3, CT Image IOD)."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from pydicom.uid import CTImageStorage

from pacs.dicom.phantom.anatomy import AIR, FloatArray, Jaws, Places, paint_rods
from pacs.dicom.phantom.files import Person, make_uid, write_file
from pacs.dicom.phantom.teeth import PlacedTooth, dentition

RESCALE_INTERCEPT: Final = -1000
MAX_STORED: Final = 4095
NOISE_SIGMA: Final = 30.0
DEFAULT_PERSON: Final = Person()


class Scene:
    """Everything of the phantom at the given places."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.jaws = Jaws(places)
        self.teeth = [PlacedTooth(tooth, places) for tooth in dentition()]

    def at(self, z: float) -> FloatArray:
        """Give the noiseless grey values of the plane at height ``z`` in mm, in the shape of the places."""
        values = self.jaws.at(z)
        for tooth in self.teeth:
            tooth.paint(values, z)
        return values


def grid_centres(count: int, spacing_mm: float) -> FloatArray:
    """Give the centres of a row of voxels that is centred on 0."""
    return ((np.arange(count) - (count - 1) / 2) * spacing_mm).astype(np.float32)


def make_cbct(
    *,
    columns: int = 256,
    rows: int = 256,
    slices: int = 200,
    spacing_mm: float = 0.4,
    patient: Person = DEFAULT_PERSON,
    study_instance_uid: str | None = None,
    series_instance_uid: str | None = None,
    seed: str = "phantom",
    **elements: Any,
) -> Iterator[bytes]:
    """Make a CBCT of the phantom, one complete Part 10 file per axial slice, from the feet upwards.

    Parameters
    ----------
    columns, rows, slices
        Size of the volume; it is centred on the origin of the patient coordinate system, and cut to the cylinder
        that a cone-beam scanner sees.
    spacing_mm
        Edge of a voxel. The rods of `anatomy` are whole within 102 x 102 x 74 mm (the default size, for instance).
    seed
        Decides UIDs and noise: the same arguments give the same bytes.
    elements
        Further elements by keyword for every slice; ``None`` leaves one out.

    Returns
    -------
    Iterator of bytes
        CT Image Storage, Explicit VR Little Endian, 12 bits stored in 16, unsigned, Rescale Intercept -1000.
    """
    study = study_instance_uid or make_uid(seed, "study")
    series = series_instance_uid or make_uid(seed, study, "cbct")
    x, y, z = (grid_centres(count, spacing_mm) for count in (columns, rows, slices))
    common = _cbct_header(patient, study, series, seed) | {
        "Rows": rows,
        "Columns": columns,
        "PixelSpacing": [spacing_mm, spacing_mm],
        "SliceThickness": spacing_mm,
    }
    for index, pixels in enumerate(_slices(x, y, z, spacing_mm, seed)):
        place = [f"{float(value):.4f}" for value in (x[0], y[0], z[index])]
        yield write_file(
            common
            | {
                "SOPInstanceUID": make_uid(seed, series, index),
                "InstanceNumber": index + 1,
                "ImagePositionPatient": place,
                "SliceLocation": place[2],
                "PixelData": pixels.tobytes(),
            }
            | elements
        )


def _slices(
    x: FloatArray, y: FloatArray, z: FloatArray, spacing_mm: float, seed: str
) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint16]]]:
    grid_x, grid_y = np.meshgrid(x, y)
    places = Places(grid_x, grid_y, spacing_mm)
    scene = Scene(places)
    is_seen = np.hypot(grid_x, grid_y) < min(float(x[-1]), float(y[-1])) + spacing_mm / 2
    random = np.random.default_rng(list(seed.encode()))
    for height in z:
        values = scene.at(float(height))
        paint_rods(values, places, float(height))
        values += random.standard_normal(values.shape, dtype=np.float32) * np.float32(NOISE_SIGMA)
        values[~is_seen] = AIR
        yield np.clip(np.rint(values - RESCALE_INTERCEPT), 0, MAX_STORED).astype("<u2")


def person_header(patient: Person) -> dict[str, Any]:
    """Give the Patient and Patient Study modules (PS3.3 C.7.1.1)."""
    return {
        "PatientName": patient.name,
        "PatientID": patient.patient_id,
        "PatientBirthDate": patient.birth_date,
        "PatientSex": patient.sex,
    }


def study_header(study_instance_uid: str) -> dict[str, Any]:
    """Give the General Study and General Equipment modules (PS3.3 C.7.2.1, C.7.5.1)."""
    return {
        "StudyInstanceUID": study_instance_uid,
        "StudyDate": "20260102",
        "StudyTime": "101500",
        "StudyID": "1",
        "AccessionNumber": "ACC-1",
        "StudyDescription": "Phantom of the jaws",
        "ReferringPhysicianName": "Referrer^Rita",
        "Manufacturer": "Bitewing",
        "InstitutionName": "Phantom Imaging Centre",
        "ManufacturerModelName": "Phantom",
        "DeviceSerialNumber": "1",
        "SoftwareVersions": "1",
    }


def _cbct_header(patient: Person, study: str, series: str, seed: str) -> dict[str, Any]:
    return (
        person_header(patient)
        | study_header(study)
        | {
            "SpecificCharacterSet": "ISO_IR 192",
            "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
            "SOPClassUID": CTImageStorage,
            "SeriesInstanceUID": series,
            "SeriesNumber": 1,
            "SeriesDescription": "CBCT 10 x 8 cm",
            "SeriesDate": "20260102",
            "SeriesTime": "101500",
            "AcquisitionDate": "20260102",
            "AcquisitionTime": "101500",
            "AcquisitionNumber": 1,
            "ContentDate": "20260102",
            "ContentTime": "101500",
            "Modality": "CT",
            "BodyPartExamined": "JAW",
            "PatientPosition": "HFS",
            "KVP": 90,
            "XRayTubeCurrent": 8,
            "ExposureTime": 14000,
            "FrameOfReferenceUID": make_uid(seed, study, "frame of reference"),
            "PositionReferenceIndicator": "",
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2",
            "BitsAllocated": 16,
            "BitsStored": 12,
            "HighBit": 11,
            "PixelRepresentation": 0,
            "RescaleIntercept": RESCALE_INTERCEPT,
            "RescaleSlope": 1,
            "RescaleType": "US",
            "WindowCenter": 800,
            "WindowWidth": 3200,
            "BurnedInAnnotation": "NO",
            "LossyImageCompression": "00",
        }
    )
