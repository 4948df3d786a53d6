"""What the viewer is told of a study."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from pydicom import Dataset
from pytest_django import DjangoAssertNumQueries

from accounts.models import Tenant
from audit.models import AuditEvent
from common.scope import tenant_scope
from pacs import headers, scenes
from pacs.models import Series, Study
from tests.factories.studies import make_dicom, make_files, make_study, store
from tests.pacs.dicomweb.images import make_image
from tests.pacs.viewer.conftest import SceneOf

pytestmark = pytest.mark.django_db

RAMP = np.tile(np.arange(40, dtype=np.uint16), (20, 1))


def lut(entries: list[int], first: int = 0, bits: int = 16) -> Dataset:
    table = Dataset()
    table.LUTDescriptor = [len(entries), first, bits]
    table.add_new(0x00283006, "OW", np.array(entries, dtype="<u2").tobytes())
    return table


def film_of(scene: dict[str, Any]) -> dict[str, Any]:
    ((series,), kind) = scene["series"], "images"
    assert series["kind"] == kind
    film: dict[str, Any] = series["images"][0]
    return film


@pytest.fixture
def volume(tenant: Tenant) -> Study:
    return make_study(
        tenant.id, "s", 6, prepared=True, RescaleIntercept=-1000, PixelRepresentation=0, BitsStored=12, HighBit=11
    )


def test_a_volume_has_its_slices_in_order_and_its_preview(volume: Study, scene_of: SceneOf) -> None:
    (series,) = scene_of(volume)["series"]
    assert (series["kind"], series["images"], len(series["volume"]["frames"])) == ("volume", [], 6)
    assert series["volume"]["intercept"] == -1000
    assert (series["volume"]["bits_allocated"], series["volume"]["bits_stored"]) == (16, 12)
    assert series["volume"]["preview"]["url"] == f"/viewer/{volume.id}/series/{series['id']}/preview?of=6"


def test_a_scene_reads_no_header(volume: Study, scene_of: SceneOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(headers, "unseal_json")
    assert len(scene_of(volume)["series"]) == 1


def test_a_scene_asks_as_often_for_many_slices_as_for_few(
    tenant: Tenant, reader: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study = make_study(tenant.id, "many", 40, prepared=True)
    reader.get(f"/viewer/{study.id}/scene")
    with django_assert_max_num_queries(16):
        reader.get(f"/viewer/{study.id}/scene")


@pytest.mark.req("PA-05")
def test_nothing_of_a_scene_lies_open_in_the_database(tenant: Tenant, volume: Study) -> None:
    with tenant_scope(tenant.id):
        row = Series.objects.get(study=volume)
    assert b"/frames/" not in bytes(row.scene)
    assert set(row.layout) == {"kind", "warnings", "volume"}


@pytest.mark.req("PA-07")
def test_reading_a_scene_is_in_the_audit_log(tenant: Tenant, volume: Study, scene_of: SceneOf) -> None:
    scene_of(volume)
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action="study.opened", study_id=volume.id).exists()


def test_a_series_that_grows_is_being_prepared_until_all_of_it_is(
    tenant: Tenant, volume: Study, scene_of: SceneOf
) -> None:
    store(tenant.id, make_files("s", 9, RescaleIntercept=-1000, PixelRepresentation=0, BitsStored=12, HighBit=11))
    (series,) = scene_of(volume)["series"]
    assert (series["kind"], series["volume"], series["images"]) == ("preparing", None, [])


# --- films ------------------------------------------------------------------------------------------------------------


def test_a_voi_lut_goes_to_the_viewer(tenant: Tenant, scene_of: SceneOf) -> None:
    entries = [65535 - 4096 * step for step in range(16)]
    study = make_image(tenant, pixels=RAMP, prepared=True, VOILUTSequence=[lut(entries, first=10)])
    scene = scene_of(study)
    assert film_of(scene)["voi_lut"] == 0
    assert scene["series"][0]["voi_luts"] == [{"first": 10, "bits": 16, "data": entries}]


def test_a_voi_lut_too_long_for_the_header_goes_to_the_viewer(tenant: Tenant, scene_of: SceneOf) -> None:
    entries = list(range(0, 8192, 2))
    study = make_image(tenant, pixels=RAMP, prepared=True, VOILUTSequence=[lut(entries, bits=13)])
    assert scene_of(study)["series"][0]["voi_luts"] == [{"first": 0, "bits": 13, "data": entries}]


def test_a_voi_lut_that_images_share_is_sent_once(tenant: Tenant, scene_of: SceneOf) -> None:
    elements = {"Modality": "IO", "VOILUTSequence": [lut([0, 65535])]}
    study = make_study(tenant.id, "s", 3, prepared=True, **elements)
    (series,) = scene_of(study)["series"]
    assert [image["voi_lut"] for image in series["images"]] == [0, 0, 0]
    assert len(series["voi_luts"]) == 1


def test_images_whose_voi_luts_would_be_too_much_come_rendered(
    tenant: Tenant, scene_of: SceneOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "MAX_TABLE_ENTRIES", 5)
    store(tenant.id, [make_dicom("s", n, Modality="IO", VOILUTSequence=[lut([0, n])]) for n in (1, 2, 3)])
    study = make_study(tenant.id, "s", 3, prepared=True)
    (series,) = scene_of(study)["series"]
    images = series["images"]
    assert [(image["voi_lut"], image["is_raw_grey"]) for image in images] == [(0, True), (1, True), (None, False)]
    assert len(series["voi_luts"]) == 2


def test_a_damaged_voi_lut_is_left_out(tenant: Tenant, scene_of: SceneOf) -> None:
    table = lut([1, 2, 3])
    table.LUTDescriptor = [300, 0, 16]
    scene = scene_of(make_image(tenant, pixels=RAMP, prepared=True, VOILUTSequence=[table]))
    assert film_of(scene)["voi_lut"] is None


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_the_function_of_the_window_goes_to_the_viewer(tenant: Tenant, scene_of: SceneOf, function: str) -> None:
    elements = {"WindowCenter": 20, "WindowWidth": 10, "VOILUTFunction": function}
    film = film_of(scene_of(make_image(tenant, pixels=RAMP, prepared=True, **elements)))
    assert (film["window"], film["voi_function"]) == ({"center": 20, "width": 10}, function)


@pytest.mark.parametrize(
    ("elements", "is_inverse"),
    [
        ({"PhotometricInterpretation": "MONOCHROME1"}, True),
        ({"PhotometricInterpretation": "MONOCHROME2", "PresentationLUTShape": "INVERSE"}, True),
        ({"PhotometricInterpretation": "MONOCHROME2", "PresentationLUTShape": "IDENTITY"}, False),
    ],
)
def test_inverse_images_are_said_to_be(
    tenant: Tenant, scene_of: SceneOf, elements: dict[str, str], is_inverse: bool
) -> None:
    assert film_of(scene_of(make_image(tenant, pixels=RAMP, prepared=True, **elements)))["is_inverse"] is is_inverse


@pytest.mark.parametrize(
    ("elements", "is_raw_grey"),
    [
        ({}, True),
        ({"BitsStored": 12, "HighBit": 11}, True),
        ({"BitsStored": 12, "HighBit": 15}, False),
        ({"ModalityLUTSequence": [lut([0, 1, 2])]}, False),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, False),
    ],
)
def test_what_the_viewer_cannot_window_itself_comes_rendered(
    tenant: Tenant, scene_of: SceneOf, elements: dict[str, Any], is_raw_grey: bool
) -> None:
    assert film_of(scene_of(make_image(tenant, pixels=RAMP, prepared=True, **elements)))["is_raw_grey"] is is_raw_grey


def test_a_film_without_spacing_is_uncalibrated(tenant: Tenant, scene_of: SceneOf) -> None:
    film = film_of(scene_of(make_image(tenant, pixels=RAMP, prepared=True)))
    assert (film["spacing_mm"], film["spacing_kind"]) == (None, "none")


def test_a_projection_names_its_magnification(tenant: Tenant, scene_of: SceneOf) -> None:
    elements = {"ImagerPixelSpacing": [0.1, 0.2], "EstimatedRadiographicMagnificationFactor": 1.25}
    film = film_of(scene_of(make_image(tenant, pixels=RAMP, prepared=True, **elements)))
    assert (film["spacing_mm"], film["spacing_kind"]) == ([0.2, 0.1], "detector")
    assert "1.25" in film["spacing_note"]
