"""Photographs of assets: recognised by their first bytes, kept sealed, removed with a trace."""

import hashlib
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from compliance import files, history
from compliance.assets import selectors
from compliance.errors import PhotoRefusedError
from compliance.models import AssetPhoto, InventoryChange

MAX_BYTES = 10 * 1024 * 1024
MAX_PHOTOS = 12


def media_type_of(data: bytes) -> str:
    """Return the media type that the first bytes tell, whatever the file is called; "" for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def add_photo(*, actor: Actor, asset_id: UUID, data: bytes, caption: str = "") -> UUID:
    """Keep a photograph of an asset; the same picture again is the one that is there."""
    digest = hashlib.sha256(data).digest()
    with tenant_scope(actor.tenant_id), transaction.atomic():
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
        media_type = media_type_of(data)
        if not media_type or len(data) > MAX_BYTES:
            raise PhotoRefusedError()
        known = {bytes(photo.sha256): photo.id for photo in selectors.list_photos(asset.id)}
        if digest in known:
            return known[digest]
        if len(known) >= MAX_PHOTOS:
            raise PhotoRefusedError("There are {count} photos already. Remove one first.", count=MAX_PHOTOS)
        kept = files.keep(tenant_id=actor.tenant_id, data=data)
        photo: AssetPhoto = AssetPhoto.objects.create(
            tenant_id=actor.tenant_id,
            asset=asset,
            blob_id=kept.blob_id,
            caption=caption[:200],
            content_type=media_type,
            size_bytes=kept.size_bytes,
            sha256=digest,
        )
        _note(actor, photo, InventoryChange.Verb.PHOTO_ADDED)
        return photo.id


def remove_photo(*, actor: Actor, photo_id: UUID) -> UUID:
    """Remove a photograph with its bytes, and return its asset."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        photo = selectors.get_photo(photo_id)
        access.require(actor, "compliance.write")
        AssetPhoto.objects.filter(id=photo.id).update(removed_at=now())
        files.remove(tenant_id=actor.tenant_id, blob_id=photo.blob_id)
        _note(actor, photo, InventoryChange.Verb.PHOTO_REMOVED)
        return photo.asset_id


def open_photo(*, actor: Actor, photo_id: UUID) -> tuple[bytes, str]:
    """Return a photograph and its media type."""
    with tenant_scope(actor.tenant_id):
        photo = selectors.get_photo(photo_id)
        access.require(actor, "compliance.read")
        return files.read(tenant_id=actor.tenant_id, blob_id=photo.blob_id), photo.content_type


def _note(actor: Actor, photo: AssetPhoto, verb: str) -> None:
    fields = {"caption": ["", photo.caption]} if verb == InventoryChange.Verb.PHOTO_ADDED else {}
    history.write(actor=actor, noun=InventoryChange.Noun.ASSET, subject_id=photo.asset_id, verb=verb, fields=fields)
    audit.record(actor=actor, action=f"asset.{verb.replace('_', '-')}", subject_id=photo.asset_id)
