"""Photographs of assets: kept sealed, shown to who may, removed with a trace."""

import pytest

from accounts.models import Tenant
from common.actor import Actor
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance import files, history
from compliance.assets import photos, selectors
from compliance.errors import AssetNotFoundError, PhotoRefusedError
from tests.factories.cast import make_actor, make_tenant
from tests.factories.inventory import JPEG, PNG, add_asset
from vault import storage
from vault.models import Blob

pytestmark = pytest.mark.django_db


def test_a_photo_comes_back_as_it_was_sent(officer: Actor) -> None:
    photo_id = photos.add_photo(actor=officer, asset_id=add_asset(officer), data=JPEG, caption="The sticker")

    assert photos.open_photo(actor=officer, photo_id=photo_id) == (JPEG, "image/jpeg")


@pytest.mark.req("RA-11")
def test_a_photo_lies_encrypted_in_the_store(tenant: Tenant, officer: Actor) -> None:
    photos.add_photo(actor=officer, asset_id=add_asset(officer), data=JPEG * 100)
    with tenant_scope(tenant.id):
        (blob,) = Blob.objects.all()
    sealed = bytearray(blob.cipher_size)
    with storage.current().open(blob.object_key, 0, blob.cipher_size) as source:
        read = source.readinto(memoryview(sealed))

    assert read == blob.cipher_size > len(JPEG) * 100
    assert JPEG not in sealed


def test_the_same_picture_again_is_the_one_that_is_there(officer: Actor) -> None:
    asset_id = add_asset(officer)
    first = photos.add_photo(actor=officer, asset_id=asset_id, data=JPEG)

    assert photos.add_photo(actor=officer, asset_id=asset_id, data=JPEG) == first


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<svg onload='x'>", ""),
        (b"%PDF-1.7", ""),
        (b"RIFF\x10\x00\x00\x00WAVE", ""),
        (b"", ""),
    ],
)
def test_the_kind_of_a_picture_is_told_by_its_first_bytes(data: bytes, media_type: str) -> None:
    assert photos.media_type_of(data) == media_type


@pytest.mark.parametrize("data", [b"<svg onload='x'>", b"", JPEG + bytes(photos.MAX_BYTES)])
def test_what_is_no_picture_or_too_large_is_refused(officer: Actor, data: bytes) -> None:
    with pytest.raises(PhotoRefusedError):
        photos.add_photo(actor=officer, asset_id=add_asset(officer), data=data)


def test_an_asset_has_a_dozen_photos_at_most(officer: Actor) -> None:
    asset_id = add_asset(officer)
    for number in range(photos.MAX_PHOTOS):
        photos.add_photo(actor=officer, asset_id=asset_id, data=JPEG + bytes([number]))

    with pytest.raises(PhotoRefusedError, match="There are 12 photos already"):
        photos.add_photo(actor=officer, asset_id=asset_id, data=PNG)


def test_a_removed_photo_is_gone_with_its_bytes_and_leaves_a_trace(
    tenant: Tenant, officer: Actor, django_capture_on_commit_callbacks: object
) -> None:
    asset_id = add_asset(officer)
    photo_id = photos.add_photo(actor=officer, asset_id=asset_id, data=JPEG)
    with tenant_scope(tenant.id):
        blob_id = selectors.get_photo(photo_id).blob_id
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture of pytest-django
        assert photos.remove_photo(actor=officer, photo_id=photo_id) == asset_id

    with pytest.raises(AssetNotFoundError):
        photos.open_photo(actor=officer, photo_id=photo_id)
    with tenant_scope(tenant.id):
        assert Blob.objects.get(id=blob_id).state == "gone"
        verbs = [change.verb for change in history.list_changes(noun="asset", subject_id=asset_id)]
    assert verbs == ["photo_removed", "photo_added", "created"]


def test_a_photo_of_another_tenant_is_absent(officer: Actor) -> None:
    stranger = make_actor(make_tenant(), "owner")
    photo_id = photos.add_photo(actor=officer, asset_id=add_asset(officer), data=JPEG)

    with pytest.raises(AssetNotFoundError):
        photos.open_photo(actor=stranger, photo_id=photo_id)
    with pytest.raises(AssetNotFoundError):
        photos.remove_photo(actor=stranger, photo_id=photo_id)


def test_an_auditor_looks_and_changes_nothing(tenant: Tenant, officer: Actor) -> None:
    auditor = make_actor(tenant, "auditor")
    photo_id = photos.add_photo(actor=officer, asset_id=add_asset(officer), data=JPEG)

    assert photos.open_photo(actor=auditor, photo_id=photo_id)[0] == JPEG
    with pytest.raises(ForbiddenError):
        photos.remove_photo(actor=auditor, photo_id=photo_id)


def test_a_file_of_the_record_is_sealed_under_a_key_of_its_own(tenant: Tenant) -> None:
    with tenant_scope(tenant.id):
        first, second = (files.keep(tenant_id=tenant.id, data=b"evidence") for _ in range(2))
        keys = set(Blob.objects.values_list("study_key_id", flat=True))

    assert len(keys) == 2
    assert files.read(tenant_id=tenant.id, blob_id=first.blob_id) == b"evidence"
    assert first.sha256 == second.sha256
