"""What would lose something on its way out is refused, with the reason."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import Tenant
from pacs.dicom.lossless import HTJ2K_LOSSLESS, JPEG_LS_LOSSLESS
from pacs.models import Study
from tests.factories.studies import make_dicom
from tests.pacs.dicomweb.extremes import TYPES, one, stored_in, values
from tests.pacs.dicomweb.images import OF_IMAGES, make_image
from tests.pacs.dicomweb.requests import address, stow

pytestmark = pytest.mark.django_db

LITTLE = "1.2.840.10008.1.2.1"
REPORT = "1.2.840.10008.5.1.4.1.1.88.33"
OVERLAY = values(12, (16, 16)) | 0x8000
REFUSED: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "single bits": (
        lambda: {"PixelData": bytes(32), "Rows": 16, "Columns": 16, "BitsAllocated": 1, **stored_in(1)},
        "8 or 16 bits",
    ),
    "32 bits": (lambda: {"pixels": np.zeros((4, 4), np.uint32)}, "8 or 16 bits"),
    "shifted": (lambda: {"pixels": values(16, (4, 4)), "BitsStored": 12, "HighBit": 15}, "lowest bit"),
    "overlay": (lambda: {"pixels": OVERLAY, **stored_in(12)}, "Bits outside"),
    "other colours": (
        lambda: {"pixels": values(8, (4, 4, 3)), "SamplesPerPixel": 3, "PhotometricInterpretation": "HSV"},
        "photometric",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("syntax", [HTJ2K_LOSSLESS, JPEG_LS_LOSSLESS])
def test_what_would_lose_something_is_refused_with_the_reason(
    web: Client, tenant: Tenant, name: str, syntax: str
) -> None:
    make, reason = REFUSED[name]
    study = make_image(tenant, **make())
    for path, wanted in ((one(study), "application/dicom"), (one(study, "frames", "1"), TYPES[syntax])):
        response = web.get(path, headers={"Accept": f"{wanted}; transfer-syntax={syntax}"})
        assert (response.status_code, response.json()["type"]) == (406, "urn:bitewing:cannot-transcode")
        assert reason in response.json()["detail"]


def test_what_cannot_be_compressed_comes_as_the_next_best(web: Client, tenant: Tenant) -> None:
    study = make_image(tenant, pixels=np.zeros((4, 4), np.uint32))
    wanted = "image/jphc, application/octet-stream; q=0.5"
    response = web.get(one(study, "frames", "1"), headers={"Accept": wanted})
    assert response["Content-Type"] == f"application/octet-stream; transfer-syntax={LITTLE}"


def test_an_object_without_pixels_is_not_given_compressed(web: Client, study: Study) -> None:
    report = make_dicom("s", 9, **dict.fromkeys(OF_IMAGES.split()), SOPClassUID=REPORT, Modality="SR")
    assert stow(web, report).status_code == 200
    wanted = f'multipart/related; type="application/dicom"; transfer-syntax={HTJ2K_LOSSLESS}'
    response = web.get(address(study), headers={"Accept": wanted})
    assert (response.status_code, "without pixels" in response.json()["detail"]) == (406, True)
