"""Studies of one image with pixels of a test's choice."""

from typing import Any

import numpy as np
import numpy.typing as npt
from imagecodecs import jpegls_encode

from accounts.models import Tenant
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.dicom.phantom import make_slice, make_uid
from pacs.models import Study
from tests.factories.studies import store

JPEG_LS = "1.2.840.10008.1.2.4.80"
# The elements of `make_dicom` that an object without pixels does not have.
OF_IMAGES = (
    "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel PhotometricInterpretation "
    "ImagePositionPatient ImageOrientationPatient PixelSpacing PixelData"
)
_IDENTITY = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7",
    "Modality": "PX",
    "StudyInstanceUID": make_uid("s", "study"),
    "SeriesInstanceUID": make_uid("s", "series"),
    "SOPInstanceUID": make_uid("s", "instance", 1),
    "PatientName": "Phantom^Petra",
    "PatientID": "P-1",
}


def make_image(tenant: Tenant, *, prepared: bool = False, **elements: Any) -> Study:
    """Store one image (arguments as of `make_slice`) and return its study."""
    (verdict,) = store(tenant.id, [make_slice(**{**_IDENTITY, **elements})])
    assert verdict.is_stored, verdict.message
    if prepared:
        outbox.drain([tenant.id])
    with tenant_scope(tenant.id):
        found: Study = Study.objects.get(deleted_at=None)
    return found


def pixel_elements(pixels: npt.NDArray[np.unsignedinteger], photometric: str = "MONOCHROME2") -> dict[str, Any]:
    """Return what a header says of one picture: (rows, columns) or (rows, columns, samples), every bit in use."""
    rows, columns, *samples = pixels.shape
    bits = 8 * pixels.dtype.itemsize
    return {
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": 0,
        "SamplesPerPixel": samples[0] if samples else 1,
        "PhotometricInterpretation": photometric,
    }


def make_compressed(tenant: Tenant, frames: npt.NDArray[np.uint16]) -> Study:
    """Store frames of 16 bits as JPEG-LS."""
    return make_image(
        tenant,
        fragments=[jpegls_encode(frame) for frame in frames],
        transfer_syntax_uid=JPEG_LS,
        **pixel_elements(frames[0]),
    )
