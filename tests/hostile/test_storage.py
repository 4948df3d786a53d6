"""A store that is full, or gone: a clear answer, nothing half visible, nothing acknowledged lost."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Tenant
from common.scope import tenant_scope
from pacs.dicomweb import access
from pacs.models import Instance, Refusal, Series, Study
from tests.factories.browsers import enter_as
from tests.factories.cast import make_tenant
from tests.factories.studies import make_files, make_study
from tests.hostile.corpus import token_client
from tests.pacs.dicomweb.requests import content_of, stow
from vault.models import Blob

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

OBJECTS = Path(str(settings.BITEWING_STORAGE_URL).removeprefix("file://"))
FILES = make_files("storage", 3)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def web(tenant: Tenant) -> Client:
    return token_client(tenant)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    yield
    access.forget()


def rows(tenant: Tenant) -> list[int]:
    with tenant_scope(tenant.id):
        return [model.objects.count() for model in (Study, Series, Instance, Refusal, Blob)]


def refuse(*_arguments: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def unfinished() -> list[Path]:
    return list((OBJECTS / "tmp").glob("*"))


@pytest.mark.parametrize("call", ["os.writev", "sync_path", "Path.hardlink_to"])
def test_a_full_store_is_507_keeps_nothing_and_takes_the_same_files_later(
    web: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = unfinished()
    with monkeypatch.context() as full:
        full.setattr(f"vault.storage.file.{call}", refuse)
        refused = stow(web, *FILES)

    assert (refused.status_code, refused.json()["type"]) == (507, "urn:bitewing:storage-full")
    assert rows(tenant) == [0, 0, 0, 0, 0]
    assert unfinished() == before
    assert stow(web, *FILES).status_code == 200
    assert rows(tenant)[:3] == [1, 1, 3]


def test_a_store_that_fails_is_503_and_keeps_nothing(
    web: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> Any:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("vault.storage.file.sync_path", fail)
    refused = stow(web, *FILES)

    assert (refused.status_code, refused.json()["type"]) == (503, "urn:bitewing:unavailable")
    assert rows(tenant) == [0, 0, 0, 0, 0]


# --- gone while somebody looks ----------------------------------------------------------------------------------------


@pytest.fixture
def study(tenant: Tenant) -> Study:
    return make_study(tenant.id, "storage", 3, prepared=True)


@pytest.fixture
def _gone(study: Study) -> Iterator[None]:
    """Take the folder of objects away for a while, as an unmounted disk does."""
    hidden = OBJECTS.with_name("objects-away")
    OBJECTS.rename(hidden)
    yield
    shutil.rmtree(OBJECTS, ignore_errors=True)
    hidden.rename(OBJECTS)


def instance_of(study: Study) -> str:
    with tenant_scope(study.tenant_id):
        row = Instance.objects.filter(study=study).select_related("series").first()
    series, sop = row.series.series_instance_uid, row.sop_instance_uid
    return f"/dicom-web/studies/{study.study_instance_uid}/series/{series}/instances/{sop}"


@pytest.mark.usefixtures("_gone")
@pytest.mark.parametrize("path", ["", "/frames/1", "/rendered", "/thumbnail", "/bulkdata/7FE00010"])
def test_an_instance_whose_bytes_are_gone_is_503(web: Client, study: Study, path: str) -> None:
    response = web.get(instance_of(study) + path)

    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")


@pytest.mark.usefixtures("_gone")
@pytest.mark.parametrize("path", ["archive", "archive?deflate=1"])
def test_a_download_whose_bytes_are_gone_is_a_page_that_says_so(tenant: Tenant, study: Study, path: str) -> None:
    response = enter_as(tenant, "dentist").get(f"/studies/{study.id}/{path}")

    assert (response.status_code, response["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "<h1" in response.content.decode()


@pytest.mark.usefixtures("_gone")
@pytest.mark.parametrize("path", ["/studies/", "/studies/{study}/", "/viewer/{study}/"])
def test_pages_are_shown_while_the_bytes_are_gone(tenant: Tenant, study: Study, path: str) -> None:
    response = enter_as(tenant, "dentist").get(path.format(study=study.id))

    assert response.status_code == 200


@pytest.mark.usefixtures("_gone")
def test_a_portal_whose_store_is_gone_is_not_ready(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert "storage" in response.content.decode()


def test_a_store_that_comes_back_is_read_again(web: Client, study: Study) -> None:
    hidden = OBJECTS.with_name("objects-away")
    OBJECTS.rename(hidden)
    gone = web.get(instance_of(study)).status_code
    hidden.rename(OBJECTS)

    assert (gone, web.get(instance_of(study)).status_code) == (503, 200)


def test_one_lost_object_takes_nothing_else_away(web: Client, study: Study) -> None:
    with tenant_scope(study.tenant_id):
        lost, *kept = Instance.objects.filter(study=study).order_by("instance_number")
        (OBJECTS / Blob.objects.get(id=lost.blob_id).object_key).unlink()
        series = lost.series.series_instance_uid
    above = f"/dicom-web/studies/{study.study_instance_uid}/series/{series}/instances"

    assert web.get(f"{above}/{lost.sop_instance_uid}/frames/1").status_code == 503
    assert [web.get(f"{above}/{one.sop_instance_uid}/frames/1").status_code for one in kept] == [200, 200]


def test_a_changed_object_is_never_shown(web: Client, study: Study) -> None:
    with tenant_scope(study.tenant_id):
        row = Instance.objects.filter(study=study).first()
        path = OBJECTS / Blob.objects.get(id=row.blob_id).object_key
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    response = web.get(f"{instance_of(study)}")

    assert response.status_code == 503
    assert b"Phantom" not in content_of(response)
