"""Rendered frames and thumbnails."""

import itertools
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.test import Client
from imagecodecs import gif_decode, jpeg8_decode, png_decode

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.models import Series, Study
from pacs.services import prepare_series
from tests.factories.studies import make_study
from tests.pacs.dicomweb.images import make_image, pixel_elements
from tests.pacs.dicomweb.requests import address, content_of, parts_of
from vault import selectors as vault
from vault import storage
from vault.models import Blob
from vault.reader import ObjectReader

pytestmark = pytest.mark.django_db

OF_IMAGES = (
    "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel PhotometricInterpretation "
    "ImagePositionPatient ImageOrientationPatient PixelSpacing PixelData"
)
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
NO_IMAGE: dict[str, Any] = dict.fromkeys(OF_IMAGES.split())
WIDE = np.tile(np.arange(40, dtype=np.uint16), (20, 1))


@pytest.fixture
def wide(tenant: Tenant) -> Study:
    return make_image(tenant, pixels=WIDE, prepared=True)


def picture(study: Study, *rest: str) -> str:
    return address(study, "series", make_uid("s", "series"), "instances", make_uid("s", "instance", 1), *rest)


@pytest.mark.parametrize("accept", ["*/*", "image/jpeg", "image/*"])
def test_a_frame_is_a_jpeg_unless_asked_otherwise(web: Client, wide: Study, accept: str) -> None:
    response = web.get(picture(wide, "rendered"), headers={"Accept": accept})
    assert response["Content-Type"] == "image/jpeg"
    assert jpeg8_decode(response.content).shape == (20, 40)


def test_a_frame_is_a_png_when_asked_for(web: Client, wide: Study) -> None:
    response = web.get(picture(wide, "frames", "1", "rendered"), headers={"Accept": "image/png"})
    assert response["Content-Type"] == "image/png"
    assert png_decode(response.content)[0, [0, -1]].tolist() == [0, 255]


def test_a_window_is_applied(web: Client, wide: Study) -> None:
    query = {"window": "10,2,linear-exact"}
    shown = png_decode(web.get(picture(wide, "rendered"), query, headers={"Accept": "image/png"}).content)
    assert shown[0, [8, 12]].tolist() == [0, 255]


def test_a_picture_fits_its_viewport(web: Client, wide: Study) -> None:
    response = web.get(picture(wide, "rendered"), {"viewport": "20,20"})
    assert jpeg8_decode(response.content).shape == (10, 20)


def test_a_part_of_the_image_can_be_shown(web: Client, wide: Study) -> None:
    query = {"viewport": "10,20,0,0,10,20", "window": "20,40,linear-exact"}
    shown = png_decode(web.get(picture(wide, "rendered"), query, headers={"Accept": "image/png"}).content)
    assert shown.shape == (20, 10)
    assert int(shown.max()) < 70


@pytest.mark.parametrize(
    "query",
    [
        {"window": "1"},
        {"window": "1,0,linear"},
        {"window": "1,2,cubic"},
        {"window": "nan,2,linear"},
        {"viewport": "0,0"},
        {"viewport": "10"},
        {"viewport": "10,10,0,0,999,999"},
        {"viewport": "10,10,0,0,-5,0"},
        {"viewport": "100000,1"},
        {"quality": "0"},
        {"quality": "high"},
    ],
)
def test_a_parameter_that_is_not_understood_is_400(web: Client, wide: Study, query: dict[str, str]) -> None:
    assert web.get(picture(wide, "rendered"), query).status_code == 400


def test_a_lower_quality_is_smaller(web: Client, tenant: Tenant) -> None:
    noise = np.random.default_rng(3).integers(0, 4096, (128, 128), dtype=np.uint16)
    study = make_image(tenant, pixels=noise)
    sizes = [len(web.get(picture(study, "rendered"), {"quality": quality}).content) for quality in ("20", "95")]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("path", ["frames/2/rendered", "frames/2/thumbnail"])
def test_a_frame_that_is_not_there_is_404(web: Client, wide: Study, path: str) -> None:
    assert web.get(picture(wide, path)).status_code == 404


@pytest.mark.parametrize("accept", ["text/html", "image/jp2", "application/dicom+json"])
def test_other_formats_are_not_offered(web: Client, wide: Study, accept: str) -> None:
    assert web.get(picture(wide, "rendered"), headers={"Accept": accept}).status_code == 406


@pytest.mark.parametrize("is_prepared", [True, False])
def test_every_level_has_a_thumbnail(web: Client, tenant: Tenant, is_prepared: bool) -> None:
    study = make_study(tenant.id, "s", 2, prepared=is_prepared)
    series = address(study, "series", make_uid("s", "series"), "thumbnail")
    for path in (
        address(study, "thumbnail"),
        series,
        picture(study, "thumbnail"),
        picture(study, "frames/1/thumbnail"),
    ):
        response = web.get(path)
        assert response["Content-Type"] == "image/jpeg"
        assert jpeg8_decode(response.content).size > 0


def test_a_study_without_images_has_no_thumbnail(web: Client, tenant: Tenant) -> None:
    from tests.pacs.dicomweb.test_bulkdata import document

    assert web.get(address(document(tenant), "thumbnail")).status_code == 404


def prepare_anew(study: Study) -> None:
    """What instances that arrive and corrections bring about."""
    with tenant_scope(study.tenant_id):
        series_id = Series.objects.get(study_id=study.id).id
        Series.objects.filter(id=series_id).update(prepared_instances=0)
    prepare_series(tenant_id=study.tenant_id, series_id=series_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["before it is opened", "before it is read"])
def test_a_thumbnail_that_is_replaced_while_it_is_asked_for_is_the_new_one(
    web: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    study = make_study(tenant.id, "s", 2, prepared=True)
    turns = itertools.count()

    def open_object(*, tenant_id: UUID, blob_id: UUID) -> ObjectReader:
        is_first = next(turns) == 0
        if is_first and moment == "before it is opened":
            prepare_anew(study)
        reader = vault.open_object(tenant_id=tenant_id, blob_id=blob_id)
        if is_first:
            prepare_anew(study)
        return reader

    monkeypatch.setattr("pacs.dicomweb.rendered.vault", SimpleNamespace(open_object=open_object))
    response = web.get(address(study, "thumbnail"))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.django_db(transaction=True)
def test_a_thumbnail_that_the_store_lost_is_told(web: Client, tenant: Tenant) -> None:
    study = make_study(tenant.id, "s", 2, prepared=True)
    with tenant_scope(tenant.id):
        thumbnail = Series.objects.get(study_id=study.id).thumbnail_blob_id
        key = Blob.objects.get(id=thumbnail).object_key
    storage.current().delete([key])
    response = web.get(address(study, "thumbnail"))
    assert response.status_code == 503
    assert b"object-missing" in response.content


@pytest.mark.parametrize("of_series", [False, True])
def test_every_image_of_a_study_or_series_is_shown(web: Client, tenant: Tenant, of_series: bool) -> None:
    study = make_study(tenant.id, "s", 3)
    steps = ["series", make_uid("s", "series")] if of_series else []
    response = web.get(address(study, *steps, "rendered"), {"viewport": "8,8"}, headers={"Accept": "multipart/related"})
    parts = parts_of(response)
    assert [head["content-type"] for head, _ in parts] == ["image/jpeg"] * 3
    assert {jpeg8_decode(content).shape for _, content in parts} == {(8, 8)}


def test_a_study_without_images_is_not_shown(web: Client, tenant: Tenant) -> None:
    study = make_study(tenant.id, "s", 1, SOPClassUID=PDF, **NO_IMAGE)
    assert web.get(address(study, "rendered")).status_code == 404


def test_several_frames_are_shown_in_the_order_they_are_asked_for(web: Client, tenant: Tenant) -> None:
    frames = np.stack([np.full((4, 4), grey, dtype=np.uint8) for grey in (10, 200)])
    study = make_image(tenant, pixels=frames, WindowCenter=128, WindowWidth=256)
    accept = {"Accept": 'multipart/related; type="image/png"'}
    parts = parts_of(web.get(picture(study, "frames/2,1/rendered"), headers=accept))
    shown = [int(png_decode(content)[0, 0]) for _, content in parts]
    assert shown[0] > 150 > 50 > shown[1]
    assert web.get(picture(study, "frames/2,1/rendered"), headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    ("size", "columns", "rows"), [("20,40", 1, 1), ("-20,40", -1, 1), ("20,-40", 1, -1), ("-20,-40", -1, -1)]
)
def test_a_negative_size_mirrors(web: Client, tenant: Tenant, size: str, columns: int, rows: int) -> None:
    pixels = (np.arange(800, dtype=np.uint16) * 80).reshape(40, 20)
    study = make_image(tenant, pixels=pixels)
    plain, seen = (
        png_decode(
            web.get(
                picture(study, "rendered"), {"viewport": f"20,40,0,0,{asked}"}, headers={"Accept": "image/png"}
            ).content
        )
        for asked in ("20,40", size)
    )
    assert np.array_equal(seen, plain[::rows, ::columns])
    assert plain[0, 0] < plain[-1, -1]


@pytest.mark.parametrize("samples", [1, 3])
def test_a_frame_is_a_gif_when_asked_for(web: Client, tenant: Tenant, samples: int) -> None:
    shape = (8, 16) if samples == 1 else (8, 16, 3)
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    photometric = "MONOCHROME2" if samples == 1 else "RGB"
    elements = pixel_elements(pixels, photometric)
    study = make_image(tenant, pixels=pixels, WindowCenter=128, WindowWidth=256, **elements)
    answers = {
        kind: web.get(picture(study, "rendered"), headers={"Accept": f"image/{kind}"}).content
        for kind in ("gif", "png")
    }
    assert answers["gif"].startswith(b"GIF8")
    seen, true = gif_decode(answers["gif"]).astype(int), png_decode(answers["png"]).astype(int)
    grey = seen[..., 0] if seen.ndim == 3 and samples == 1 else seen
    # Grey is exact; of colours there are four steps of blue.
    assert int(np.abs(grey - true).max()) <= (0 if samples == 1 else 43)


def test_a_document_is_shown_as_itself(web: Client, tenant: Tenant) -> None:
    study = make_study(
        tenant.id,
        "s",
        1,
        SOPClassUID=PDF,
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=b"%PDF-1.7 x",
        **NO_IMAGE,
    )
    response = web.get(picture(study, "rendered"))
    assert (response["Content-Type"], content_of(response)) == ("application/pdf", b"%PDF-1.7 x")
    assert web.get(picture(study, "rendered"), headers={"Accept": "image/jpeg"}).status_code == 406
