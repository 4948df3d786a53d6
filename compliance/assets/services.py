"""Changes to the inventory: each is written into its history and announced."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance import history
from compliance.assets import fields, selectors
from compliance.errors import InventoryConflictError, InventoryRefusedError
from compliance.events import AssetChanged
from compliance.models import Asset, InventoryChange
from compliance.packs import selectors as packs
from outbox import services as outbox

Values = Mapping[str, Any]
_Verb = InventoryChange.Verb


def add_asset(*, actor: Actor, values: Values, request_id: UUID | None = None) -> UUID:
    """Write a new asset into the inventory; the same request again is the asset that it made."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        asset_id = uuid.uuid5(actor.tenant_id, str(request_id)) if request_id else None
        if asset_id is not None and Asset.objects.filter(id=asset_id).exists():
            return asset_id
        asset = Asset(tenant_id=actor.tenant_id, **({"id": asset_id} if asset_id else {}))
        _fill(asset, values)
        asset.number = asset.number or next_number()
        _write(asset, is_new=True)
        _note(actor, asset, _Verb.CREATED, history.beginning(asset), ["added"])
        return asset.id


def change_asset(*, actor: Actor, asset_id: UUID, values: Values, seen_at: dt.datetime | None = None) -> None:
    """Change facts of an asset; `seen_at` is the state that the person saw, so that nobody overwrites another."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
        if seen_at is not None and seen_at != asset.updated_at:
            raise InventoryConflictError("Somebody else changed this asset meanwhile. Reload it and enter yours again.")
        if asset.status == Asset.Status.DISPOSED:
            raise InventoryConflictError("This asset was disposed of. Take it back into the inventory first.")
        before = history.values_of(asset)
        _fill(asset, values)
        changed = history.diff(before, history.values_of(asset))
        if changed:
            _write(asset)
            _note(actor, asset, _Verb.CHANGED, changed, fields.reasons_of(set(changed)))


def verify_asset(*, actor: Actor, asset_id: UUID) -> None:
    """Confirm that an asset is there and as it is described; a second time on the same day changes nothing."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
        if asset.verified_at is not None and asset.verified_at.date() == today():
            return
        before = history.values_of(asset)
        asset.verified_at = now()
        asset.verified_by = accounts.names_of_users({actor.id}).get(actor.id, "")
        _write(asset)
        _note(actor, asset, _Verb.VERIFIED, history.diff(before, history.values_of(asset)), [])


def dispose_asset(*, actor: Actor, asset_id: UUID, date: dt.date, method: str, certificate: str = "") -> None:
    """Take an asset out of the inventory for good, with date and method; it stays readable."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
        before = history.values_of(asset)
        asset.status = Asset.Status.DISPOSED
        asset.disposal_date, asset.disposal_method, asset.disposal_certificate = date, method, certificate
        changed = history.diff(before, history.values_of(asset))
        if changed:
            _write(asset)
            _note(actor, asset, _Verb.DISPOSED, changed, ["disposed"] if "status" in changed else ["changed"])


def recall_asset(*, actor: Actor, asset_id: UUID) -> None:
    """Undo a disposal that was entered by mistake."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        asset = selectors.get_asset(asset_id)
        access.require(actor, "compliance.write")
        if asset.status != Asset.Status.DISPOSED:
            return
        before = history.values_of(asset)
        asset.status = Asset.Status.STORED
        asset.disposal_date, asset.disposal_method, asset.disposal_certificate = None, "", ""
        _write(asset)
        _note(actor, asset, _Verb.CHANGED, history.diff(before, history.values_of(asset)), ["added"])


def next_number() -> str:
    """Return the number after the highest of those that the portal gives (inside the open scope)."""
    given = Asset.objects.filter(number__regex=r"^A-[0-9]+$").values_list("number", flat=True)
    return f"A-{max((int(number[2:]) for number in given), default=0) + 1:04}"


def _fill(asset: Asset, values: Values) -> None:
    """Set the facts; what a column cannot hold is refused in the words of its check."""
    unknown = set(values) - set(fields.EDITABLE)
    if unknown:
        raise InventoryRefusedError("There is no {names} in the inventory.", names=", ".join(sorted(unknown)))
    for name, value in values.items():
        setattr(asset, name, value)
    if asset.type_id not in packs.active().asset_types:
        raise InventoryRefusedError("There is no type of assets {type_id}.", type_id=asset.type_id)
    if asset.status == Asset.Status.DISPOSED:
        raise InventoryRefusedError("An asset is disposed of with date and method: use 'Dispose of'.")
    try:
        asset.clean_fields(exclude={"tenant", "number"})
    except ValidationError as error:
        raise InventoryRefusedError(
            "; ".join(
                f"{fields.LABELS.get(name, name)}: {' '.join(texts)}" for name, texts in error.message_dict.items()
            )
        ) from None


def _write(asset: Asset, *, is_new: bool = False) -> None:
    asset.updated_at = now()
    try:
        with transaction.atomic():
            asset.save(force_insert=is_new)
    except IntegrityError:
        raise InventoryConflictError("There is another asset with the number {number}.", number=asset.number) from None


def _note(actor: Actor, asset: Asset, verb: str, changed: history.Diff, reasons: list[str]) -> None:
    history.write(actor=actor, noun=InventoryChange.Noun.ASSET, subject_id=asset.id, verb=verb, fields=changed)
    audit.record(actor=actor, action=f"asset.{verb}", subject_id=asset.id, detail={"fields": sorted(changed)})
    for reason in reasons:
        outbox.publish(AssetChanged(tenant_id=actor.tenant_id, asset_id=asset.id, reason=reason))
