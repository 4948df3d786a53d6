"""Writing synthetic Part 10 files (PS3.10 7): headers like a device's, and any other header a test asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from pacs.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from pacs.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from pacs.dicom.uids import uid_from_uuid

PixelArray = npt.NDArray[Any]


@dataclass(frozen=True)
class Person:
    """The imaginary patient of a phantom."""

    name: str = "Phantom^Petra"
    patient_id: str = "PHANTOM-1"
    birth_date: str = "19800101"
    sex: str = "F"


def make_uid(*parts: object) -> str:
    """Derive a UID from a seed and what it names: the same parts always give the same UID (PS3.5 B.2)."""
    return uid_from_uuid(uuid5(NAMESPACE_OID, "/".join(map(str, parts))))


def make_slice(
    *,
    pixels: PixelArray | None = None,
    fragments: Sequence[bytes] | None = None,
    transfer_syntax_uid: str = ExplicitVRLittleEndian,
    preamble: bytes = bytes(128),
    **elements: Any,
) -> bytes:
    """Make one small image as a complete Part 10 file.

    Parameters
    ----------
    pixels
        Native pixels: (rows, columns), (frames, rows, columns), or with a last axis of 3 samples when
        ``SamplesPerPixel=3`` is given. A 4 x 4 ramp if neither this nor `fragments` is given.
    fragments
        Compressed frames, one fragment each, for an encapsulated transfer syntax.
    transfer_syntax_uid
        Native: implicit, explicit, big endian or deflated. Pixels are written in its byte order.
    preamble
        The first 128 bytes.
    elements
        Elements by keyword, overriding the defaults; ``None`` leaves an element out.
    """
    if pixels is None and fragments is None:
        pixels = np.arange(16, dtype=np.uint16).reshape(4, 4)
    header = _slice_header(pixels, transfer_syntax_uid, elements) if pixels is not None else _slice_identity()
    header |= elements
    if fragments is not None:
        header.setdefault("NumberOfFrames", len(fragments))
        header["PixelData"] = encapsulate(list(fragments))
    return write_file(header, transfer_syntax_uid=transfer_syntax_uid, preamble=preamble)


def write_file(
    header: Mapping[str, Any], *, transfer_syntax_uid: str = ExplicitVRLittleEndian, preamble: bytes = bytes(128)
) -> bytes:
    """Write elements given by keyword as a Part 10 file; values of ``None`` are left out."""
    dataset = Dataset()
    for keyword, value in header.items():
        if value is not None:
            setattr(dataset, keyword, value)
    if "PixelData" in dataset:
        is_encapsulated = TRANSFER_SYNTAXES[transfer_syntax_uid].is_encapsulated
        dataset["PixelData"].VR = "OB" if is_encapsulated or header["BitsAllocated"] <= 8 else "OW"
    dataset.file_meta = _file_meta(dataset, transfer_syntax_uid)
    dataset.preamble = preamble
    out = BytesIO()
    dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def _file_meta(dataset: Dataset, transfer_syntax_uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def _slice_identity() -> dict[str, Any]:
    return {
        "SOPClassUID": SecondaryCaptureImageStorage,
        "SOPInstanceUID": make_uid("slice", "instance"),
        "StudyInstanceUID": make_uid("slice", "study"),
        "SeriesInstanceUID": make_uid("slice", "series"),
        "PatientName": "Phantom^Petra",
        "PatientID": "PHANTOM-1",
        "PatientBirthDate": "19800101",
        "PatientSex": "F",
        "StudyDate": "20260102",
        "StudyTime": "101500",
        "StudyID": "1",
        "AccessionNumber": "A-1",
        "ReferringPhysicianName": "",
        "Modality": "OT",
        "ConversionType": "SYN",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 4,
        "Columns": 4,
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
    }


def _slice_header(pixels: PixelArray, transfer_syntax_uid: str, elements: Mapping[str, Any]) -> dict[str, Any]:
    samples = int(elements.get("SamplesPerPixel") or 1)
    shape = pixels.shape[:-1] if samples > 1 else pixels.shape
    bits = pixels.dtype.itemsize * 8
    dtype = pixels.dtype.newbyteorder("big" if transfer_syntax_uid == ExplicitVRBigEndian else "little")
    data = pixels.astype(dtype).tobytes()
    header = _slice_identity() | {
        "Rows": shape[-2],
        "Columns": shape[-1],
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        "PixelData": data + bytes(len(data) % 2),
    }
    if samples > 1:
        header |= {"PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    if len(shape) == 3:
        header["NumberOfFrames"] = shape[0]
    return header
