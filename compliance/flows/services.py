"""Changes to parties, flows and the map."""

import datetime as dt
import math
import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.ids import parse_uuid
from common.scope import tenant_scope
from compliance import history
from compliance.errors import FlowNotFoundError, InventoryConflictError, InventoryRefusedError
from compliance.events import FlowChanged
from compliance.flows import selectors
from compliance.models import Asset, DataFlow, InventoryChange, Party
from compliance.packs import selectors as packs
from outbox import services as outbox

Values = Mapping[str, Any]
_Noun, _Verb = InventoryChange.Noun, InventoryChange.Verb
PARTY_FIELDS = ("name", "kind", "agreement_reference", "notes")
FLOW_FIELDS = (
    "channel_id", "label", "is_both_ways", "ephi", "encryption", "access_log", "safeguards", "started_date", "notes",
)  # fmt: skip
MAX_PLACES = 2000
MAX_COORDINATE = 100_000.0


def add_party(*, actor: Actor, values: Values) -> UUID:
    """Write down somebody outside of the practice; a name that is known is that party."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        known: UUID | None = Party.objects.filter(name=values["name"]).values_list("id", flat=True).first()
        if known is not None:
            return known
        party = Party(tenant_id=actor.tenant_id, **{name: values[name] for name in PARTY_FIELDS if name in values})
        _save(party, is_new=True)
        _note(actor, _Noun.PARTY, party.id, _Verb.CREATED, history.beginning(party))
        return party.id


def change_party(*, actor: Actor, party_id: UUID, values: Values) -> None:
    """Change what is known of a party."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        party = selectors.get_party(party_id)
        access.require(actor, "compliance.write")
        before = history.values_of(party)
        for name in PARTY_FIELDS:
            setattr(party, name, values.get(name, getattr(party, name)))
        changed = history.diff(before, history.values_of(party))
        if changed:
            _save(party)
            _note(actor, _Noun.PARTY, party.id, _Verb.CHANGED, changed)


def add_flow(*, actor: Actor, source: str, target: str, values: Values, request_id: UUID | None = None) -> UUID:
    """Write down a flow between two keys of the map; the same request again is the flow that it made."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        flow_id = uuid.uuid5(actor.tenant_id, str(request_id)) if request_id else None
        if flow_id is not None and DataFlow.objects.filter(id=flow_id).exists():
            return flow_id
        flow = DataFlow(tenant_id=actor.tenant_id, **({"id": flow_id} if flow_id else {}))
        _fill(flow, source, target, values)
        _save(flow, is_new=True)
        _note(actor, _Noun.FLOW, flow.id, _Verb.CREATED, history.beginning(flow), reason="added")
        return flow.id


def change_flow(*, actor: Actor, flow_id: UUID, source: str, target: str, values: Values) -> None:
    """Change a flow."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        flow = selectors.get_flow(flow_id)
        access.require(actor, "compliance.write")
        before = history.values_of(flow)
        _fill(flow, source, target, values)
        changed = history.diff(before, history.values_of(flow))
        if changed:
            _save(flow)
            _note(actor, _Noun.FLOW, flow.id, _Verb.CHANGED, changed, reason="changed")


def end_flow(*, actor: Actor, flow_id: UUID, date: dt.date | None = None) -> None:
    """Say that a flow takes place no more; its record and its history stay."""
    _set_end(actor, flow_id, date or today(), _Verb.ENDED, "ended")


def resume_flow(*, actor: Actor, flow_id: UUID) -> None:
    """Undo the end of a flow."""
    _set_end(actor, flow_id, None, _Verb.CHANGED, "added")


def _set_end(actor: Actor, flow_id: UUID, date: dt.date | None, verb: str, reason: str) -> None:
    with tenant_scope(actor.tenant_id), transaction.atomic():
        flow = selectors.get_flow(flow_id)
        access.require(actor, "compliance.write")
        if (flow.ended_date is None) == (date is None):
            return
        before = history.values_of(flow)
        flow.ended_date = date
        _save(flow)
        _note(actor, _Noun.FLOW, flow.id, verb, history.diff(before, history.values_of(flow)), reason=reason)


def verify_flow(*, actor: Actor, flow_id: UUID) -> None:
    """Confirm that a flow takes place as it is described; a second time on the same day changes nothing."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        flow = selectors.get_flow(flow_id)
        access.require(actor, "compliance.write")
        if flow.verified_at is not None and flow.verified_at.date() == today():
            return
        before = history.values_of(flow)
        flow.verified_at, flow.verified_by = now(), accounts.names_of_users({actor.id}).get(actor.id, "")
        _save(flow)
        _note(actor, _Noun.FLOW, flow.id, _Verb.VERIFIED, history.diff(before, history.values_of(flow)))


def place_nodes(*, actor: Actor, places: Mapping[str, tuple[float, float]]) -> None:
    """Keep where a person put things on the map; that is no fact about the practice, hence no history."""
    access.require(actor, "compliance.write")
    if len(places) > MAX_PLACES:
        raise InventoryRefusedError("A map has at most {limit} places.", limit=MAX_PLACES)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        for key, (x, y) in sorted(places.items()):
            if not (math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) <= MAX_COORDINATE):
                raise InventoryRefusedError(
                    "A place on the map lies within {limit} of its middle.", limit=MAX_COORDINATE
                )
            model, node_id = _split(key)
            if not model.objects.filter(id=node_id).update(map_x=x, map_y=y):
                raise FlowNotFoundError()


def _split(key: str) -> tuple[Any, UUID]:
    noun, _colon, text = key.partition(":")
    node_id = parse_uuid(text)
    if noun not in {"asset", selectors.PARTY} or node_id is None:
        raise FlowNotFoundError()
    return (Asset if noun == "asset" else Party), node_id


def _fill(flow: DataFlow, source: str, target: str, values: Values) -> None:
    for end, key in (("source", source), ("target", target)):
        model, node_id = _split(key)
        row = model.objects.filter(id=node_id).first()
        if row is None:
            raise FlowNotFoundError()
        is_asset = model is Asset
        setattr(flow, f"{end}_asset_id", node_id if is_asset else None)
        setattr(flow, f"{end}_party_id", None if is_asset else node_id)
    for name in FLOW_FIELDS:
        setattr(flow, name, values.get(name, getattr(flow, name)))
    if flow.channel_id not in packs.active().channels:
        raise InventoryRefusedError("There is no channel {channel_id}.", channel_id=flow.channel_id)
    if source == target:
        raise InventoryRefusedError("A flow leads from one place to another.")


def _save(row: Party | DataFlow, *, is_new: bool = False) -> None:
    row.updated_at = now()
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError:
        raise InventoryConflictError("There is another one of this name.") from None


def _note(actor: Actor, noun: str, subject_id: UUID, verb: str, changed: history.Diff, *, reason: str = "") -> None:
    history.write(actor=actor, noun=noun, subject_id=subject_id, verb=verb, fields=changed)
    audit.record(actor=actor, action=f"{noun}.{verb}", subject_id=subject_id, detail={"fields": sorted(changed)})
    if reason:
        outbox.publish(FlowChanged(tenant_id=actor.tenant_id, flow_id=subject_id, reason=reason))
