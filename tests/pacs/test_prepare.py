"""What is prepared for reading, once a series arrived."""

import gzip
import json
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from common.errors import NotFoundError
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import scenes, services
from pacs.models import Series
from tests.factories.cast import make_tenant
from tests.factories.studies import make_dicom, make_files, make_study, store
from vault import selectors as vault
from vault.models import Blob

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant_id() -> UUID:
    return make_tenant().id


def prepared(tenant_id: UUID, slices: int = 6, **elements: object) -> Series:
    study = make_study(tenant_id, "s", slices, prepared=True, **elements)
    with tenant_scope(tenant_id):
        series: Series = Series.objects.get(study=study)
    return series


def layout_of(series: Series) -> dict[str, Any]:
    assert series.layout is not None
    return dict(series.layout)


def scene_of(tenant_id: UUID, series: Series) -> dict[str, Any]:
    assert series.scene is not None
    with tenant_scope(tenant_id):
        return scenes.unseal(bytes(series.scene), tenant_id=tenant_id, key_id=series.study.key_id)


def content(tenant_id: UUID, blob_id: UUID | None) -> bytes:
    assert blob_id is not None
    with tenant_scope(tenant_id):
        return b"".join(vault.open_object(tenant_id=tenant_id, blob_id=blob_id).stream())


def test_a_volume_gets_its_geometry(tenant_id: UUID) -> None:
    series = prepared(tenant_id, PixelSpacing=[0.4, 0.3])
    assert layout_of(series)["kind"] == "volume"
    volume = layout_of(series)["volume"]
    assert (volume["columns"], volume["rows"], volume["slices"]) == (16, 16, 6)
    assert volume["spacing_mm"] == [0.3, 0.4, 1.0]


def test_slices_are_ordered_by_where_they_lie(tenant_id: UUID) -> None:
    files = [make_dicom("s", n, ImagePositionPatient=[0.0, 0.0, -float(n)]) for n in range(1, 5)]
    store(tenant_id, files)
    outbox.drain([tenant_id])
    with tenant_scope(tenant_id):
        series = Series.objects.get()
        numbers = {i.sop_instance_uid: i.instance_number for i in series.instances.all()}
        frames = scene_of(tenant_id, series)["volume"]["frames"]
    assert [numbers[frame.split("/")[0]] for frame in frames] == [4, 3, 2, 1]


@pytest.mark.req("DS-04")
def test_a_missing_slice_is_said(tenant_id: UUID) -> None:
    store(tenant_id, [make_dicom("s", n) for n in (1, 2, 3, 5, 6)])
    outbox.drain([tenant_id])
    with tenant_scope(tenant_id):
        series = Series.objects.get()
    assert layout_of(series)["warnings"] == ["A gap of 1.00 mm after slice 3: 1 slice is missing"]
    assert scene_of(tenant_id, series)["volume"]["frames"][3] is None


def test_the_preview_covers_the_volume(tenant_id: UUID) -> None:
    series = prepared(tenant_id)
    size = scene_of(tenant_id, series)["volume"]["preview"]
    voxels = np.frombuffer(gzip.decompress(content(tenant_id, series.preview_blob_id)), np.uint8)
    assert voxels.size == size["slices"] * size["rows"] * size["columns"]
    assert voxels.max() > voxels.min()


def test_the_metadata_is_the_header_of_every_instance(tenant_id: UUID) -> None:
    series = prepared(tenant_id, 4)
    array = json.loads(gzip.decompress(content(tenant_id, series.metadata_blob_id)))
    assert sorted(item["00200013"]["Value"][0] for item in array) == [1, 2, 3, 4]


def test_the_thumbnail_is_a_jpeg(tenant_id: UUID) -> None:
    series = prepared(tenant_id)
    assert content(tenant_id, series.thumbnail_blob_id).startswith(b"\xff\xd8")


def test_a_series_that_grows_is_prepared_again_and_its_old_objects_go(
    tenant_id: UUID, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    old = prepared(tenant_id, 4)
    with django_capture_on_commit_callbacks(execute=True):
        store(tenant_id, make_files("s", 6))
        outbox.drain([tenant_id])
    with tenant_scope(tenant_id):
        new = Series.objects.get(id=old.id)
        gone = Blob.objects.get(id=old.preview_blob_id)
    assert (new.prepared_instances, layout_of(new)["volume"]["slices"]) == (6, 6)
    assert gone.state == "gone"
    with pytest.raises(NotFoundError):
        content(tenant_id, old.preview_blob_id)


def test_preparing_twice_changes_nothing_that_readers_see(tenant_id: UUID) -> None:
    series = prepared(tenant_id)
    before = content(tenant_id, series.metadata_blob_id)
    services.prepare_series(tenant_id=tenant_id, series_id=series.id)
    with tenant_scope(tenant_id):
        again = Series.objects.get(id=series.id)
    assert content(tenant_id, again.metadata_blob_id) == before


def test_a_binned_series_is_left_alone(tenant_id: UUID) -> None:
    from common.actor import system_actor

    study = make_study(tenant_id, "s", 3)
    services.delete_study(actor=system_actor(tenant_id), study_id=study.id)
    outbox.drain([tenant_id])
    with tenant_scope(tenant_id):
        assert Series.objects.get(study_id=study.id).prepared_instances == 0
