"""Writing down devices as they leave traces, and deciding about them."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts import access
from accounts import figures as account_figures
from accounts import selectors as accounts
from audit import figures as audit_figures
from audit import services as audit
from common.actor import Actor, system_actor
from common.clock import now
from common.scope import tenant_scope
from compliance.assets import selectors as assets
from compliance.assets import services as asset_services
from compliance.devices import selectors, sightings
from compliance.devices.sightings import Sighting
from compliance.errors import InventoryConflictError, InventoryRefusedError
from compliance.events import AssetChanged, DeviceSeen
from compliance.models import Asset, DeviceSighting
from compliance.packs import selectors as packs
from outbox import services as outbox
from pacs import sources

_State = DeviceSighting.State
# A busy device is written down again after this time, not with every series.
RENEW_AFTER = dt.timedelta(hours=1)
LOOK_BACK = dt.timedelta(days=90)
_MAX_VERSIONS = 20
# Ways in which the server takes files in by itself; the others have a token or a browser.
_SERVER_SOURCES = ("import", "watch")


def see_series(*, tenant_id: UUID, series_id: UUID) -> None:
    """Write down the device that made a series; one that nobody knew is announced."""
    with tenant_scope(tenant_id), transaction.atomic():
        source = sources.source_of(series_id)
        if source is not None:
            _see(tenant_id, sightings.of_series(source, packs.active()))


def see_caller(*, tenant_id: UUID, ae_title: str) -> None:
    """Write down a device that called by DIMSE; one that nobody knew is announced."""
    with tenant_scope(tenant_id), transaction.atomic():
        _see(tenant_id, sightings.of_sender(ae_title))


def look_around(*, tenant_id: UUID) -> None:
    """Write down everything that left its traces so far: devices of stored images, senders, tokens, browsers."""
    with tenant_scope(tenant_id):
        series_ids = sources.latest_series_of_models()
    for series_id in series_ids:
        see_series(tenant_id=tenant_id, series_id=series_id)
    with tenant_scope(tenant_id), transaction.atomic():
        for sighting in _found_in_records():
            _see(tenant_id, sighting)


def _found_in_records() -> list[Sighting]:
    stored = audit_figures.details_of(["study.stored"], since=now() - LOOK_BACK)
    senders = {actor_id for _action, actor_id, _detail in stored}
    callers = {str(detail["calling_ae_title"]) for *_, detail in stored if detail.get("calling_ae_title")}
    by_server = {str(detail["source"]) for *_, detail in stored if detail.get("source") in _SERVER_SOURCES}
    tokens = [token for token in accounts.list_tokens() if token.state == "active"]
    return [
        *(sightings.of_token(token, sends=token.id in senders) for token in tokens),
        *(sightings.of_browser(device) for device in accounts.list_staff_devices()),
        *(sightings.of_sender(caller) for caller in sorted(callers)),
        *(sightings.of_uploader(source) for source in sorted(by_server)),
    ]


def look_everywhere() -> None:
    """Look around in every tenant: by the clock."""
    for tenant_id in account_figures.active_tenants():
        look_around(tenant_id=tenant_id)


def request_look(*, actor: Actor) -> int:
    """Look around now, and return how many devices wait for a decision."""
    access.require(actor, "compliance.write")
    look_around(tenant_id=actor.tenant_id)
    with tenant_scope(actor.tenant_id):
        audit.record(actor=actor, action="devices.looked-for")
        return selectors.count_proposed()


def _see(tenant_id: UUID, seen: Sighting) -> None:
    row, is_new = DeviceSighting.objects.get_or_create(
        tenant_id=tenant_id,
        kind=seen.kind,
        fingerprint=seen.fingerprint,
        defaults={
            "label": seen.label[:200],
            "facts": _facts(seen, []),
            "suggested_type_id": seen.suggested_type_id,
        },
    )
    if is_new:
        outbox.publish(DeviceSeen(tenant_id=tenant_id, sighting_id=row.id, kind=row.kind))
        audit.record(actor=system_actor(tenant_id), action="device.seen", subject_id=row.id, detail={"kind": row.kind})
        return
    versions = row.facts.get("software_versions", [])
    is_updated = bool(seen.software) and seen.software not in versions
    if is_updated or row.facts != _facts(seen, versions) or now() - row.last_seen_at > RENEW_AFTER:
        row.facts, row.last_seen_at = _facts(seen, versions), now()
        row.save(update_fields=["facts", "last_seen_at"])
    if is_updated and versions and row.asset_id:
        # New software on a device of the inventory is a reason to look at the analysis again.
        outbox.publish(AssetChanged(tenant_id=tenant_id, asset_id=row.asset_id, reason="software"))


def _facts(seen: Sighting, versions: list[str]) -> dict[str, object]:
    known = [*versions, *([seen.software] if seen.software and seen.software not in versions else [])]
    return {**seen.facts, **({"software_versions": known[-_MAX_VERSIONS:]} if known else {})}


def adopt_as_new(*, actor: Actor, sighting_id: UUID, type_id: str, name: str, site: str = "") -> UUID:
    """Write a device into the inventory as a new asset; adopting it again is the asset that it became."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_sighting(sighting_id)
        access.require(actor, "compliance.write")
        if row.asset_id is not None:
            return row.asset_id
        kind = packs.active().asset_types.get(type_id)
        if kind is None:
            raise InventoryRefusedError("There is no type of assets {type_id}.", type_id=type_id)
        known = {name: row.facts.get(name, "") for name in ("vendor", "model", "serial", "hostname", "ae_title")}
        versions = row.facts.get("software_versions", [])
        values = {
            **{name: value for name, value in known.items() if value},
            **({"software_version": versions[-1]} if versions else {}),
            "name": name,
            "type_id": type_id,
            "site": site,
            "ephi": kind.ephi,
            "criticality": kind.criticality,
        }
        asset_id = asset_services.add_asset(actor=actor, values=values, request_id=row.id)
        _decide(actor, row, _State.ADOPTED, asset_id=asset_id)
        return asset_id


def adopt_as_known(*, actor: Actor, sighting_id: UUID, asset_id: UUID) -> None:
    """Say that a device is an asset that the inventory has already."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_sighting(sighting_id)
        access.require(actor, "compliance.write")
        asset = assets.get_asset(asset_id)
        if asset.status == Asset.Status.DISPOSED:
            raise InventoryConflictError("This asset was disposed of, and the device still sends. Take it back first.")
        if row.asset_id != asset.id:
            _decide(actor, row, _State.ADOPTED, asset_id=asset.id)


def dismiss(*, actor: Actor, sighting_id: UUID, reason: str) -> None:
    """Say why a device does not belong into the inventory."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_sighting(sighting_id)
        access.require(actor, "compliance.write")
        if not reason.strip():
            raise InventoryRefusedError("Say why: the reason stays with the record.")
        if row.state != _State.DISMISSED:
            _decide(actor, row, _State.DISMISSED, asset_id=None, reason=reason.strip()[:400])


def reconsider(*, actor: Actor, sighting_id: UUID) -> None:
    """Propose a device again; an asset that it became stays in the inventory."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_sighting(sighting_id)
        access.require(actor, "compliance.write")
        if row.state != _State.PROPOSED:
            _decide(actor, row, _State.PROPOSED, asset_id=None)


def _decide(actor: Actor, row: DeviceSighting, state: str, *, asset_id: UUID | None, reason: str = "") -> None:
    row.state, row.asset_id, row.reason = state, asset_id, reason
    row.decided_by_id, row.decided_at = actor.id, now()
    row.save(update_fields=["state", "asset", "reason", "decided_by_id", "decided_at"])
    audit.record(actor=actor, action=f"device.{state}", subject_id=row.id)
