"""Rendered frames and thumbnails."""

import itertools
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import pytest
from django.test import Client
from imagecodecs import jpeg8_decode, png_decode

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dicom.phantom import make_uid
from pacs.models import Series, Study
from pacs.services import prepare_series
from tests.factories.studies import make_study
from tests.pacs.dicomweb.images import make_image
from tests.pacs.dicomweb.requests import address
from vault import selectors as vault
from vault import storage
from vault.models import Blob
from vault.reader import ObjectReader

pytestmark = pytest.mark.django_db

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
        {"viewport": "10,10,0,0,-5,5"},
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


@pytest.mark.parametrize("accept", ["text/html", "image/gif", "application/dicom+json"])
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
