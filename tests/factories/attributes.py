"""Headers as DICOM JSON model, written by keyword."""

from typing import Any

from pacs.dicom.dictionary import tag_of, vr_of
from pacs.dicom.json_model import Attributes


def make_attributes(**values: Any) -> Attributes:
    """Make a header: a scalar is one value, a list several, a list of dicts a sequence, None no element."""
    return {
        tag_of(keyword): _attribute(tag_of(keyword), value) for keyword, value in values.items() if value is not None
    }


def make_ct_slice(number: int, position: tuple[float, float, float], **values: Any) -> Attributes:
    """Make the header of one axial slice of 4 x 5 pixels of 0.3 mm."""
    defaults = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "SOPInstanceUID": f"1.2.3.{number}",
        "Modality": "CT",
        "InstanceNumber": number,
        "ImagePositionPatient": list(position),
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "PixelSpacing": [0.3, 0.3],
        "SliceThickness": 0.3,
        "Rows": 4,
        "Columns": 5,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "PixelRepresentation": 0,
    }
    return make_attributes(**(defaults | values))


def _attribute(tag: str, value: Any) -> dict[str, Any]:
    vr = vr_of(int(tag, 16)) or "UN"
    values = value if isinstance(value, list) else [value]
    if vr == "PN":
        values = [{"Alphabetic": name} for name in values]
    return {"vr": vr, "Value": values} if values else {"vr": vr}
