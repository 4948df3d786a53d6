"""Smaller volumes: a preview for everybody, and half the resolution for phones."""

import gzip
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import Tenant
from audit.models import AuditEvent
from common.scope import tenant_scope
from pacs import services
from pacs.dicom import preview
from pacs.models import Series, Study
from tests.factories.studies import make_dicom, make_study, store
from tests.pacs.dicomweb.requests import content_of
from tests.pacs.viewer.conftest import SceneOf
from vault.models import Blob
from vault.objects import ObjectKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def _every_volume_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "_WORTHWHILE_VOXELS", 1)


def volume_of(scene: dict[str, Any]) -> dict[str, Any]:
    volume: dict[str, Any] = scene["series"][0]["volume"]
    return volume


def voxels(client: Client, address: str, kind: str) -> np.ndarray[Any, Any]:
    response = client.get(address)
    body = content_of(response)
    assert (response["Content-Encoding"], response["Content-Length"]) == ("gzip", str(len(body)))
    return np.frombuffer(gzip.decompress(body), kind)


@pytest.mark.usefixtures("_every_volume_is_large")
@pytest.mark.req("X-05")
def test_half_the_resolution_is_the_mean_of_eight_voxels(tenant: Tenant, reader: Client, scene_of: SceneOf) -> None:
    study = make_study(tenant.id, "s", 4, prepared=True, RescaleIntercept=-100)
    half = volume_of(scene_of(study))["half"]
    assert (half["columns"], half["rows"], half["slices"]) == (8, 8, 2)
    slices = np.stack([np.arange(256).reshape(16, 16) + number - 100 for number in (1, 2, 3, 4)])
    expected = np.rint(slices.reshape(2, 2, 8, 2, 8, 2).mean(axis=(1, 3, 5)))
    assert voxels(reader, half["url"], "<i2").tolist() == expected.ravel().tolist()


def test_a_small_volume_has_no_half(tenant: Tenant, reader: Client, scene_of: SceneOf) -> None:
    study = make_study(tenant.id, "s", 4, prepared=True)
    volume = volume_of(scene_of(study))
    assert volume["half"] is None
    assert reader.get(volume["preview"]["url"].replace("/preview?", "/half?")).status_code == 404


@pytest.mark.usefixtures("_every_volume_is_large")
@pytest.mark.parametrize("elements", [{"RescaleSlope": 0.25}, {"RescaleIntercept": 32700}])
def test_values_that_int16_does_not_hold_are_not_halved(
    tenant: Tenant, scene_of: SceneOf, elements: dict[str, float]
) -> None:
    study = make_study(tenant.id, "s", 4, prepared=True, **elements)
    assert volume_of(scene_of(study))["half"] is None


def test_the_preview_has_the_size_that_the_scene_says(tenant: Tenant, reader: Client, scene_of: SceneOf) -> None:
    size = volume_of(scene_of(make_study(tenant.id, "s", 4, prepared=True)))["preview"]
    assert voxels(reader, size["url"], "u1").size == size["columns"] * size["rows"] * size["slices"]


@pytest.mark.req("PA-07")
def test_reading_a_smaller_volume_is_in_the_audit_log(tenant: Tenant, reader: Client) -> None:
    study = make_study(tenant.id, "s", 4, prepared=True)
    with tenant_scope(tenant.id):
        series = Series.objects.get(study=study)
    reader.get(f"/viewer/{study.id}/series/{series.id}/preview")
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(action="study.opened", study_id=study.id).exists()


def test_a_series_of_another_study_is_not_found(tenant: Tenant, reader: Client) -> None:
    study, other = make_study(tenant.id, "s", 4, prepared=True), make_study(tenant.id, "t", 4, prepared=True)
    with tenant_scope(tenant.id):
        series = Series.objects.get(study=other)
    assert reader.get(f"/viewer/{study.id}/series/{series.id}/preview").status_code == 404


@pytest.mark.usefixtures("_every_volume_is_large")
def test_a_frame_that_no_decoder_reads_leaves_no_half_behind(tenant: Tenant) -> None:
    syntax = "1.2.840.10008.1.2.4.90"
    store(
        tenant.id,
        [
            make_dicom("s", n, pixels=None, fragments=[b"\xff\x4f\xff\x51"], transfer_syntax_uid=syntax)
            for n in (1, 2, 3)
        ],
    )
    with tenant_scope(tenant.id):
        (series,) = Series.objects.all()
    services.prepare_series(tenant_id=tenant.id, series_id=series.id)
    with tenant_scope(tenant.id):
        series.refresh_from_db()
        assert (series.prepared_instances, series.half_blob_id, series.preview_blob_id) == (3, None, None)
        assert not Blob.objects.filter(kind=ObjectKind.RENDERED).exists()


@pytest.mark.usefixtures("_every_volume_is_large")
def test_the_half_of_a_series_that_is_prepared_again_replaces_the_former(tenant: Tenant) -> None:
    study: Study = make_study(tenant.id, "s", 4, prepared=True)
    with tenant_scope(tenant.id):
        before = Series.objects.get(study=study)
    services.prepare_series(tenant_id=tenant.id, series_id=before.id)
    with tenant_scope(tenant.id):
        after = Series.objects.get(study=study)
        old = Blob.objects.get(id=before.half_blob_id)
    assert after.half_blob_id != before.half_blob_id
    assert old.state == "deleting"
