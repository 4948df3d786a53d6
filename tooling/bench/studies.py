"""The work: synthetic CBCTs of 400 slices, and a thousand tiny studies, made by code.

All CBCTs of a run share their pixels: another study is the same one under other UIDs of the same length.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import product

import numpy as np

from pacs.dicom.phantom import write_file
from tooling.bench.client import Piece

SLICES, ROWS, COLUMNS = 400, 512, 512
# Each slice is brighter than the one below it, so that a picture tells which one it is.
BRIGHTER = 2
FRAME_BYTES = ROWS * COLUMNS * 2
UID_STEM = "2.25.3141592653"
# The tiny studies were made in the first months of a year.
MONTHS = 9
BOUNDARY = "bench-7d1f0c5e9a2b4c83"
_CT = "1.2.840.10008.5.1.4.1.1.2"
# What an object of many frames has otherwise, or not at all (PS3.3 A.8.4).
_OF_FRAMES = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.3",
    "ImageType": ["DERIVED", "SECONDARY"],
    "ImageOrientationPatient": None,
    "ConversionType": "WSD",
    "BurnedInAnnotation": "NO",
}
_FAMILIES = ("Abel", "Brandt", "Cohen", "Demir", "Engel", "Fuchs", "Garcia", "Haas", "Ivanov", "Jansen")
_GIVEN = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gro", "Hal", "Ina", "Jon")


@dataclass(frozen=True, slots=True)
class Slice:
    """One file: its header as bytes of its own, its pixels as a view of those that all studies share."""

    sop_instance_uid: str
    head: bytes
    pixels: memoryview

    @property
    def size(self) -> int:
        return len(self.head) + len(self.pixels)

    def digest(self) -> bytes:
        """Return the SHA-256 of the file."""
        hashed = sha256(self.head)
        hashed.update(self.pixels)
        return hashed.digest()


@dataclass(frozen=True)
class Study:
    """A study of one series."""

    study_instance_uid: str
    series_instance_uid: str
    patient_id: str
    patient_name: str
    slices: tuple[Slice, ...]

    @cached_property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.slices)

    @cached_property
    def sop_instance_uids(self) -> frozenset[str]:
        return frozenset(one.sop_instance_uid for one in self.slices)

    @cached_property
    def hashes(self) -> frozenset[bytes]:
        """SHA-256 of each file."""
        return frozenset(one.digest() for one in self.slices)


def body_of(slices: tuple[Slice, ...]) -> tuple[list[Piece], int]:
    """Return the body of a STOW-RS request (PS3.18 10.5) in pieces that share the pixels, and its length."""
    start = f"\r\n--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    pieces: list[Piece] = []
    for one in slices:
        pieces += [start + one.head, one.pixels]
    pieces.append(f"\r\n--{BOUNDARY}--\r\n".encode())
    return pieces, sum(map(len, pieces))


def make_cbct(*, slices: int = SLICES, seed: int = 7) -> Study:
    """Make the CBCT under the UIDs of study 0."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 96, size=ROWS * COLUMNS, dtype=np.uint16)
    rows, columns = np.mgrid[-1:1:512j, -1:1:512j]
    head = np.clip(1.1 - np.hypot(rows, columns * 1.2), 0, 0.5) * 3000
    shape = head.astype(np.uint16).ravel()
    # Seven bits of noise, another in each slice: like a detector's, it packs to half its size and no further.
    stack = [shape + np.roll(noise, 7919 * number) + np.uint16(BRIGHTER * number) for number in range(slices)]
    planes = np.stack(stack).astype("<u2")
    pixels = memoryview(planes.tobytes())
    uids = [uid_of(0, 2, number) for number in range(slices)]
    files = []
    for number, uid in enumerate(uids):
        own = pixels[number * FRAME_BYTES : (number + 1) * FRAME_BYTES]
        file = write_file({**_header(0), **_place(number), "SOPInstanceUID": uid, "PixelData": bytes(own)})
        files.append(Slice(uid, file[:-FRAME_BYTES], own))
    return Study(uid_of(0, 0), uid_of(0, 1), patient_id_of(0), "Bench^Volume", tuple(files))


def gathered(cbct: Study) -> Study:
    """Return the pixels of a study in slices as one object of many frames, under the UID of its first slice."""
    first = cbct.slices[0]
    # All slices are views of the same bytes.
    whole = memoryview(first.pixels.obj)
    number = len(whole) // FRAME_BYTES
    header = {**_header(0), **_OF_FRAMES, "SOPInstanceUID": first.sop_instance_uid, "NumberOfFrames": number}
    file = write_file({**header, "PixelData": bytes(2)})
    head = file[:-6] + len(whole).to_bytes(4, "little")
    return replace(cbct, slices=(Slice(first.sop_instance_uid, head, whole),))


def relabelled(study: Study, number: int) -> Study:
    """Return the same pixels as another study of another patient."""
    changes = [
        (study.study_instance_uid[: len(_stem(number))], _stem(number)),
        (study.patient_id, patient_id_of(number)),
    ]

    def change(text: bytes) -> bytes:
        for old, new in changes:
            text = text.replace(old.encode(), new.encode())
        return text

    slices = tuple(Slice(change(s.sop_instance_uid.encode()).decode(), change(s.head), s.pixels) for s in study.slices)
    return Study(uid_of(number, 0), uid_of(number, 1), patient_id_of(number), study.patient_name, slices)


def make_tiny(count: int) -> list[Study]:
    """Make studies of one small slice each; a hundred names and as many days come again and again."""
    names = [f"{family}^{given}" for family, given in product(_FAMILIES, _GIVEN)]
    pixels = np.arange(256, dtype="<u2").tobytes()
    made = []
    for index in range(count):
        number = 1000 + index
        uid = uid_of(number, 2)
        header = {
            **_header(number),
            "Rows": 16,
            "Columns": 16,
            "PatientName": names[index % len(names)],
            "StudyDate": f"2026{1 + index % MONTHS:02d}{1 + index % 28:02d}",
            "SOPInstanceUID": uid,
            "PixelData": pixels,
        }
        file = write_file(header)
        one = Slice(uid, file, memoryview(b""))
        made.append(
            Study(uid_of(number, 0), uid_of(number, 1), patient_id_of(number), str(header["PatientName"]), (one,))
        )
    return made


def _stem(study: int) -> str:
    return f"{UID_STEM}{study:06d}"


def uid_of(study: int, level: int, number: int = 0) -> str:
    """Return a UID of a numbered study: its own at level 0, its series' at 1, its instances' at 2."""
    return f"{_stem(study)}{level}{number:06d}"


def patient_id_of(study: int) -> str:
    """Return the patient id of a numbered study."""
    return f"BENCH-{study:06d}"


def _place(number: int) -> dict[str, object]:
    return {
        "InstanceNumber": number + 1,
        "ImagePositionPatient": [-51.2, -51.2, number * 0.2],
        "SliceLocation": number * 0.2,
        "AcquisitionNumber": 1,
    }


def _header(study: int) -> dict[str, object]:
    """Return what a CBCT machine writes (PS3.3 A.3)."""
    return {
        "SpecificCharacterSet": "ISO_IR 100",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "SOPClassUID": _CT,
        "StudyInstanceUID": uid_of(study, 0),
        "SeriesInstanceUID": uid_of(study, 1),
        "FrameOfReferenceUID": uid_of(study, 3),
        "StudyDate": "20260302",
        "SeriesDate": "20260302",
        "AcquisitionDate": "20260302",
        "ContentDate": "20260302",
        "StudyTime": "101500",
        "SeriesTime": "101510",
        "AcquisitionTime": "101512",
        "ContentTime": "101540",
        "AccessionNumber": f"A{study:06d}",
        "Modality": "CT",
        "Manufacturer": "Bench",
        "InstitutionName": "Bench Imaging",
        "StationName": "CBCT1",
        "StudyDescription": "CBCT both jaws",
        "SeriesDescription": "0.2 mm",
        "ManufacturerModelName": "Synthetic",
        "ReferringPhysicianName": "Referrer^Rita",
        "PatientName": "Bench^Volume",
        "PatientID": patient_id_of(study),
        "PatientBirthDate": "19800101",
        "PatientSex": "O",
        "PatientAge": "046Y",
        "BodyPartExamined": "JAW",
        "SliceThickness": 0.2,
        "KVP": 90,
        "DeviceSerialNumber": "12345",
        "SoftwareVersions": "1.0",
        "ProtocolName": "Both jaws",
        "ExposureTime": 12000,
        "XRayTubeCurrent": 8,
        "ConvolutionKernel": "STD",
        "PatientPosition": "HFS",
        "StudyID": "1",
        "SeriesNumber": 1,
        "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        "PositionReferenceIndicator": "",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": ROWS,
        "Columns": COLUMNS,
        "PixelSpacing": [0.2, 0.2],
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "WindowCenter": 1200,
        "WindowWidth": 3000,
        "RescaleIntercept": -1000,
        "RescaleSlope": 1,
        "RescaleType": "HU",
    }
