"""What the pages about flows show."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts import access
from common.actor import Actor
from common.clock import today
from compliance import history
from compliance.assets.contexts import ChangeLine, VendorMark, change_lines, vendor_marks
from compliance.flows import drawing, selectors
from compliance.flows.layout import BOX_HEIGHT, BOX_WIDTH, places_of
from compliance.flows.selectors import FlowMap, FlowRef, Node
from compliance.models import DataFlow, InventoryChange, Party
from compliance.models.states import Ephi, Safeguard
from compliance.packs import selectors as packs
from compliance.vendors import selectors as vendors

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A flow in the table, under the number that it has on the map."""

    number: int
    id: UUID
    source: Node
    target: Node
    channel: str
    label: str
    is_both_ways: bool
    ephi: "StrOrPromise"
    encryption: str
    encryption_label: "StrOrPromise"
    log_label: "StrOrPromise"
    discloses: bool


@dataclass(frozen=True, slots=True)
class EndedLine:
    id: UUID
    source: str
    target: str
    channel: str
    ended_date: dt.date | None


@dataclass(frozen=True, slots=True)
class MapPage:
    day: dt.date
    is_today: bool
    rows: tuple[FlowLine, ...]
    apart: tuple[Node, ...]
    parties: tuple[Node, ...]
    ended: tuple[EndedLine, ...]
    can_write: bool


@dataclass(frozen=True, slots=True)
class FlowPage:
    """What is usual for the channel of a flow, and what happened to it."""

    flow: DataFlow
    expected: tuple[str, ...]
    threats: tuple[str, ...]
    changes: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class PartyPage:
    party: Party
    changes: tuple[ChangeLine, ...]
    vendors: tuple[VendorMark, ...]


def build_map(*, actor: Actor, day: dt.date | None) -> MapPage:
    """Return the map of a day as a table (inside the open scope)."""
    found = selectors.get_map(day)
    is_today = day is None or day >= today()
    return MapPage(
        day=found.day,
        is_today=is_today,
        rows=tuple(_line(number, flow) for number, flow in enumerate(found.flows, start=1)),
        apart=found.apart,
        parties=tuple(node for node in found.nodes if node.is_party),
        ended=_ended() if is_today else (),
        can_write=access.allows(actor, "compliance.write") and is_today,
    )


def _line(number: int, flow: FlowRef) -> FlowLine:
    words = dict(Safeguard.choices)
    return FlowLine(
        number=number,
        id=flow.id,
        source=flow.source,
        target=flow.target,
        channel=flow.channel_name,
        label=flow.label,
        is_both_ways=flow.is_both_ways,
        ephi=dict(Ephi.choices).get(flow.ephi, flow.ephi),
        encryption=flow.encryption,
        encryption_label=words.get(flow.encryption, flow.encryption),
        log_label=words.get(flow.access_log, flow.access_log),
        discloses=flow.discloses,
    )


def _ended() -> tuple[EndedLine, ...]:
    channels = packs.active().channels
    return tuple(
        EndedLine(
            id=flow.id,
            source=flow.source_name,
            target=flow.target_name,
            channel=channels[flow.channel_id].name if flow.channel_id in channels else flow.channel_id,
            ended_date=flow.ended_date,
        )
        for flow in selectors.list_ended()
    )


def build_flow(flow: DataFlow) -> FlowPage:
    """Return what helps to judge a flow (inside the open scope)."""
    book = packs.active()
    channel = book.channels.get(flow.channel_id)
    changes = history.list_changes(noun=InventoryChange.Noun.FLOW, subject_id=flow.id)
    return FlowPage(
        flow=flow,
        expected=channel.expected if channel else (),
        threats=tuple(book.threats[pair.threat_id].name for pair in channel.pairs) if channel else (),
        changes=change_lines(changes, book),
    )


def build_party(party: Party) -> PartyPage:
    """Return a party with its history (inside the open scope)."""
    changes = history.list_changes(noun=InventoryChange.Noun.PARTY, subject_id=party.id)
    marks = vendor_marks(vendors.standing_of_party(party.id))
    return PartyPage(party, change_lines(changes, packs.active()), marks)


def map_data(found: FlowMap) -> dict[str, Any]:
    """Return the map as the drawing in the browser reads it."""
    places = places_of(found.nodes, found.flows)
    return {
        "day": found.day.isoformat(),
        "box": {"width": BOX_WIDTH, "height": BOX_HEIGHT},
        "nodes": [
            {
                "key": node.key,
                "name": node.name,
                "below": node.site or node.kind_label,
                "group": node.group,
                "x": places[node.key][0],
                "y": places[node.key][1],
                "isPlaced": node.x is not None,
            }
            for node in found.nodes
        ],
        "flows": [
            {
                "id": str(flow.id),
                "number": number,
                "source": flow.source.key,
                "target": flow.target.key,
                "text": drawing.describe(flow),
                "isBothWays": flow.is_both_ways,
                "isEncrypted": flow.encryption == Safeguard.YES,
                "discloses": flow.discloses,
            }
            for number, flow in enumerate(found.flows, start=1)
        ],
    }
