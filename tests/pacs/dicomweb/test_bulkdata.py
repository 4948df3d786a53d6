"""Bulk data: values by their path."""

from typing import Any

import numpy as np
import orjson
import pytest
from django.test import Client
from imagecodecs import jpegls_decode

from accounts.models import Tenant
from pacs.dicom.phantom import make_uid
from pacs.models import Study
from tests.factories.studies import make_dicom, make_study, store
from tests.pacs.dicomweb.images import JPEG_LS, make_compressed
from tests.pacs.dicomweb.requests import address, content_of, parts_of

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 " + b"x" * 5001
OF_IMAGES = (
    "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel PhotometricInterpretation "
    "ImagePositionPatient ImageOrientationPatient PixelSpacing PixelData"
)
DOCUMENT: dict[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1",
    "MIMETypeOfEncapsulatedDocument": "application/pdf",
    **dict.fromkeys(OF_IMAGES.split()),
}


def bulk(study: Study, path: str) -> str:
    return address(
        study, "series", make_uid("s", "series"), "instances", make_uid("s", "instance", 1), "bulkdata", path
    )


def document(tenant: Tenant, content: bytes = PDF, **elements: Any) -> Study:
    return make_study(tenant.id, "s", 1, **{**DOCUMENT, "EncapsulatedDocument": content, **elements})


def test_pixel_data_is_all_frames(web: Client, study: Study) -> None:
    ((_, content),) = parts_of(web.get(bulk(study, "7FE00010")))
    assert make_dicom("s", 1).endswith(content)
    assert len(content) == 512


@pytest.mark.parametrize("accept", ["*/*", "application/pdf", "text/html,application/xhtml+xml,*/*;q=0.8"])
@pytest.mark.parametrize("content", [PDF, b"%PDF small"])
def test_a_document_comes_as_what_it_is(web: Client, tenant: Tenant, accept: str, content: bytes) -> None:
    study = document(tenant, content)
    response = web.get(bulk(study, "00420011"), headers={"Accept": accept})
    assert response["Content-Type"] == "application/pdf"
    assert content_of(response) == content


def test_a_document_comes_in_a_part_where_that_is_asked_for(web: Client, tenant: Tenant) -> None:
    accept = {"Accept": "multipart/related; type=application/octet-stream"}
    ((_, content),) = parts_of(web.get(bulk(document(tenant), "00420011"), headers=accept))
    assert content == PDF


def test_a_file_cannot_choose_to_be_a_page(web: Client, tenant: Tenant) -> None:
    study = document(tenant, MIMETypeOfEncapsulatedDocument="text/html")
    for accept in ("*/*", "text/html,*/*"):
        response = web.get(bulk(study, "00420011"), headers={"Accept": accept})
        assert response["Content-Type"].startswith('multipart/related; type="application/octet-stream"')
    assert web.get(bulk(study, "00420011"), headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("path", ["00100010", "00420011", "00081115/1/7FE00010", "0008", "00081115/1"])
def test_what_is_no_bulk_data_is_404(web: Client, study: Study, path: str) -> None:
    assert web.get(bulk(study, path)).status_code == 404


def test_a_value_inside_a_sequence_is_reached_by_its_item(web: Client, tenant: Tenant) -> None:
    from pydicom import Dataset

    table = Dataset()
    table.LUTDescriptor = [1024, 0, 16]
    table.add_new(0x00283006, "OW", bytes(range(256)) * 8)
    store(tenant.id, [make_dicom("s", 1, VOILUTSequence=[table])])
    with_study = make_study(tenant.id, "s", 1, VOILUTSequence=[table])
    ((_, content),) = parts_of(web.get(bulk(with_study, "00283010/1/00283006")))
    assert content == bytes(range(256)) * 8
    assert web.get(bulk(with_study, "00283010/2/00283006")).status_code == 404


@pytest.mark.req("BR-13")
@pytest.mark.parametrize("levels", [0, 2, 4])
def test_all_bulk_data_of_a_level_comes_under_the_addresses_of_its_metadata(
    web: Client, tenant: Tenant, levels: int
) -> None:
    study = make_study(tenant.id, "s", 2, EncapsulatedDocument=b"x" * 3001)
    steps = ["series", make_uid("s", "series"), "instances", make_uid("s", "instance", 1)][:levels]
    parts = parts_of(web.get(address(study, *steps, "bulkdata")))
    metadata = orjson.loads(content_of(web.get(address(study, *steps, "metadata"))))
    named = [item[tag]["BulkDataURI"] for item in metadata for tag in ("00420011", "7FE00010")]
    assert [head["content-location"] for head, _ in parts] == named
    for head, content in parts:
        (alone,) = parts_of(web.get(head["content-location"], headers={"Accept": "multipart/related"}))
        assert alone[1] == content


def test_compressed_pixels_among_bulk_data_say_how(web: Client, tenant: Tenant) -> None:
    frames = np.arange(2 * 64, dtype=np.uint16).reshape(2, 8, 8)
    study = make_compressed(tenant, frames)
    parts = parts_of(web.get(address(study, "bulkdata")))
    assert [head["content-type"] for head, _ in parts] == [f"application/octet-stream; transfer-syntax={JPEG_LS}"] * 2
    assert [jpegls_decode(content).tobytes() for _, content in parts] == [frame.tobytes() for frame in frames]


def test_bulk_data_of_a_series_that_is_not_there_is_404(web: Client, study: Study) -> None:
    assert web.get(address(study, "series", "1.2.3", "bulkdata")).status_code == 404
