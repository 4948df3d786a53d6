"""A picture as a DICOM object: the JPEG as it came, or native pixels that say the same (docs/decisions/0012)."""

import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

from pacs.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from pacs.dicom.pictures import Picture, PictureError
from pacs.dicom.teeth import TEETH

VL_PHOTOGRAPHIC: Final = "1.2.840.10008.5.1.4.1.1.77.1.4"
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"


@dataclass(frozen=True, slots=True)
class FilmKind:
    """What a picture shows, and what it may therefore claim to be.

    A radiograph that comes as a picture has lost what its own SOP class must state (detector, exposure, the meaning of
    its grey levels): it is a secondary capture, with the modality of the device it was taken with (PS3.3 C.8.6.1).
    """

    code: str
    sop_class_uid: str
    modality: str
    region: tuple[str, str]
    body_part: str


_TEETH = ("28035005", "Teeth, gums and supporting structures")
FILM_KINDS: Final = {
    kind.code: kind
    for kind in (
        FilmKind("intraoral-photo", VL_PHOTOGRAPHIC, "XC", _TEETH, "JAW"),
        FilmKind("face-photo", VL_PHOTOGRAPHIC, "XC", ("89545001", "Face"), "FACE"),
        FilmKind("intraoral-xray", SECONDARY_CAPTURE, "IO", _TEETH, "JAW"),
        FilmKind("panoramic", SECONDARY_CAPTURE, "PX", ("661005", "Jaw region"), "JAW"),
        FilmKind("cephalometric", SECONDARY_CAPTURE, "DX", ("69536005", "Head"), "HEAD"),
        FilmKind("other", SECONDARY_CAPTURE, "OT", ("69536005", "Head"), "HEAD"),
    )
}


@dataclass(frozen=True, slots=True)
class FilmHeader:
    """What people say of a picture, and the identifiers that it gets.

    Attributes
    ----------
    tooth
        FDI number, or empty.
    laterality
        ``R``, ``L``, or empty (PS3.3 10.5, Image Laterality).
    """

    kind: FilmKind
    patient_name: str
    patient_id: str
    issuer: str
    birth_date: dt.date | None
    sex: str
    taken_on: dt.date
    tooth: str
    laterality: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    instance_number: int
    description: str
    created_at: dt.datetime


def write_film(header: FilmHeader, picture: Picture, original: bytes) -> bytes:
    """Write a picture as a Part 10 file (PS3.3 A.8.1 or A.32.4).

    Parameters
    ----------
    picture
        What the sandbox found.
    original
        The file as it came: a baseline JPEG becomes the one fragment of the object, byte for byte.

    Raises
    ------
    PictureError
        If the kind cannot hold such pixels.
    """
    if header.kind.sop_class_uid == VL_PHOTOGRAPHIC and picture.bits != 8:
        raise PictureError("A photograph has 8 bits a sample, this one has 16.")
    dataset = _identified(header)
    _describe(dataset, header)
    _add_pixels(dataset, picture, original)
    syntax = ExplicitVRLittleEndian if picture.native else JPEGBaseline8Bit
    dataset.file_meta = _file_meta(header, syntax)
    dataset.preamble = bytes(128)
    out = BytesIO()
    dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def _identified(header: FilmHeader) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = header.kind.sop_class_uid
    dataset.SOPInstanceUID = header.sop_instance_uid
    dataset.StudyInstanceUID = header.study_instance_uid
    dataset.SeriesInstanceUID = header.series_instance_uid
    dataset.PatientName = header.patient_name
    dataset.PatientID = header.patient_id
    if header.issuer:
        dataset.IssuerOfPatientID = header.issuer
    dataset.PatientBirthDate = header.birth_date.strftime("%Y%m%d") if header.birth_date else ""
    dataset.PatientSex = header.sex if header.sex in {"M", "F", "O"} else ""
    day = header.taken_on.strftime("%Y%m%d")
    dataset.StudyDate = dataset.SeriesDate = day
    dataset.StudyTime = ""
    if header.kind.sop_class_uid == SECONDARY_CAPTURE:
        # A photograph may not have an empty time (type 1C, PS3.3 C.8.12.1.1), and nobody knows one.
        dataset.ContentDate, dataset.ContentTime = day, ""
    dataset.InstanceCreationDate = header.created_at.strftime("%Y%m%d")
    dataset.InstanceCreationTime = header.created_at.strftime("%H%M%S")
    dataset.StudyID = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    return dataset


def _describe(dataset: Dataset, header: FilmHeader) -> None:
    kind = header.kind
    dataset.Modality = kind.modality
    dataset.StudyDescription = dataset.SeriesDescription = header.description
    dataset.SeriesNumber = list(FILM_KINDS).index(kind.code) + 1
    dataset.InstanceNumber = header.instance_number
    dataset.BodyPartExamined = kind.body_part
    dataset.PatientOrientation = ""
    dataset.Manufacturer = ""
    dataset.AnatomicRegionSequence = [_code(*kind.region)]
    if header.tooth:
        tooth = TEETH[header.tooth]
        dataset.PrimaryAnatomicStructureSequence = [_code(tooth.code, tooth.meaning)]
        dataset.ImageComments = f"FDI {tooth.fdi}"
    if header.laterality:
        dataset.ImageLaterality = header.laterality
    if kind.sop_class_uid == SECONDARY_CAPTURE:
        dataset.ConversionType = "WSD"
        dataset.ImageType = ["DERIVED", "SECONDARY"]
    else:
        dataset.ImageType = ["ORIGINAL", "PRIMARY"]
        dataset.AcquisitionContextSequence = []


def _add_pixels(dataset: Dataset, picture: Picture, original: bytes) -> None:
    dataset.SamplesPerPixel = picture.samples
    dataset.PhotometricInterpretation = picture.photometric_interpretation
    if picture.samples > 1:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = picture.rows, picture.columns
    dataset.BitsAllocated = dataset.BitsStored = picture.bits
    dataset.HighBit = picture.bits - 1
    dataset.PixelRepresentation = 0
    if picture.is_jpeg:
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionMethod = "ISO_10918_1"
        ratio = picture.rows * picture.columns * picture.samples / len(original)
        dataset.LossyImageCompressionRatio = f"{ratio:.4g}"
    elif dataset.SOPClassUID == VL_PHOTOGRAPHIC:
        dataset.LossyImageCompression = "00"
    if picture.native:
        dataset.PixelData = picture.native + bytes(len(picture.native) % 2)
        dataset["PixelData"].VR = "OB" if picture.bits == 8 else "OW"
    else:
        dataset.PixelData = encapsulate([original + bytes(len(original) % 2)], has_bot=True)
        dataset["PixelData"].VR = "OB"


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def _file_meta(header: FilmHeader, syntax: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(header.kind.sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(header.sop_instance_uid)
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta
