"""Reads of parties, flows and the map, of today or of any day before; inside the tenant's scope."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from common.clock import now
from compliance import history
from compliance.errors import FlowNotFoundError
from compliance.models import Asset, DataFlow, InventoryChange, Party
from compliance.models.states import Ephi
from compliance.packs import selectors as packs
from compliance.packs.library import Catalogue

PARTY = "party"
_PHOTO_VERBS = (InventoryChange.Verb.PHOTO_ADDED, InventoryChange.Verb.PHOTO_REMOVED)


@dataclass(frozen=True, slots=True)
class Node:
    """An asset or a party on the map; `group` is the class of the asset's type, or "party"."""

    key: str
    id: UUID
    name: str
    group: str
    kind_label: str
    site: str
    ephi: str
    x: float | None
    y: float | None

    @property
    def is_party(self) -> bool:
        """Say whether it lies outside of the practice."""
        return self.group == PARTY


@dataclass(frozen=True, slots=True)
class FlowRef:
    """One flow as other parts know it."""

    id: UUID
    source: Node
    target: Node
    channel_id: str
    channel_name: str
    label: str
    is_both_ways: bool
    ephi: str
    encryption: str
    access_log: str
    discloses: bool
    safeguards: str
    verified_at: str
    ended_date: str

    @property
    def asset_ids(self) -> tuple[UUID, ...]:
        """Return the assets at its ends."""
        return tuple(node.id for node in (self.source, self.target) if not node.is_party)


@dataclass(frozen=True, slots=True)
class FlowMap:
    """What flows between what on a day. `apart` are assets with patients' data that nothing flows to or from."""

    day: dt.date
    nodes: tuple[Node, ...]
    flows: tuple[FlowRef, ...]
    apart: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The facts of a day, by id: columns as JSON values."""

    day: dt.date
    assets: Mapping[UUID, Mapping[str, Any]]
    parties: Mapping[UUID, Mapping[str, Any]]
    flows: Mapping[UUID, Mapping[str, Any]]


def inventory_as_of(day: dt.date) -> Inventory:
    """Return assets, parties and flows as they were at the end of a day (UTC), as the history tells it."""
    end = dt.datetime.combine(min(day, now().date()) + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
    later = InventoryChange.objects.filter(made_at__gte=end).exclude(verb__in=_PHOTO_VERBS).order_by("-id")
    changes = list(later) if end <= now() else []
    return Inventory(
        day=day,
        assets=_rewound(Asset, InventoryChange.Noun.ASSET, changes),
        parties=_rewound(Party, InventoryChange.Noun.PARTY, changes),
        flows=_rewound(DataFlow, InventoryChange.Noun.FLOW, changes),
    )


def _rewound(model: Any, noun: str, changes: Iterable[InventoryChange]) -> dict[UUID, dict[str, Any]]:
    rows = {row.id: {**history.values_of(row), **_place(row)} for row in model.objects.order_by("id")}
    return history.rewind(rows, [change for change in changes if change.noun == noun])


def _place(row: Any) -> dict[str, float | None]:
    return {} if isinstance(row, DataFlow) else {"map_x": row.map_x, "map_y": row.map_y}


def get_map(day: dt.date | None = None) -> FlowMap:
    """Return what flowed on a day; places on the drawing are those of today."""
    book, wanted = packs.active(), day or now().date()
    facts = inventory_as_of(wanted)
    nodes = _nodes(facts, book)
    flows = [
        _flow(flow_id, values, nodes, book)
        for flow_id, values in facts.flows.items()
        if _runs(values, wanted) and {_key(values, "source"), _key(values, "target")} <= set(nodes)
    ]
    used = {node.key for flow in flows for node in (flow.source, flow.target)}
    order = sorted(flows, key=lambda flow: (flow.source.name.casefold(), flow.target.name.casefold(), str(flow.id)))
    return FlowMap(
        day=wanted,
        nodes=tuple(node for key, node in nodes.items() if key in used),
        flows=tuple(order),
        apart=tuple(
            node for key, node in nodes.items() if key not in used and not node.is_party and node.ephi != Ephi.NONE
        ),
    )


def _runs(values: Mapping[str, Any], day: dt.date) -> bool:
    ended = values["ended_date"]
    return ended is None or dt.date.fromisoformat(str(ended)) > day


def _nodes(facts: Inventory, book: Catalogue) -> dict[str, Node]:
    found = {}
    for asset_id, values in facts.assets.items():
        if values["status"] != Asset.Status.DISPOSED:
            found[f"asset:{asset_id}"] = _asset_node(asset_id, values, book)
    labels = dict(Party.Kind.choices)
    for party_id, values in facts.parties.items():
        key = f"{PARTY}:{party_id}"
        kind_label = str(labels.get(values["kind"], values["kind"]))
        found[key] = Node(
            key, party_id, values["name"], PARTY, kind_label, "", Ephi.UNKNOWN, values["map_x"], values["map_y"]
        )
    return dict(sorted(found.items(), key=lambda item: item[1].name.casefold()))


def _asset_node(asset_id: UUID, values: Mapping[str, Any], book: Catalogue) -> Node:
    kind = book.asset_types.get(values["type_id"])
    return Node(
        key=f"asset:{asset_id}",
        id=asset_id,
        name=values["name"],
        group=kind.class_id if kind else "",
        kind_label=kind.name if kind else values["type_id"],
        site=values["site"],
        ephi=values["ephi"],
        x=values["map_x"],
        y=values["map_y"],
    )


def _key(values: Mapping[str, Any], end: str) -> str:
    asset_id = values[f"{end}_asset_id"]
    return f"asset:{asset_id}" if asset_id else f"{PARTY}:{values[f'{end}_party_id']}"


def _flow(flow_id: UUID, values: Mapping[str, Any], nodes: Mapping[str, Node], book: Catalogue) -> FlowRef:
    channel = book.channels.get(values["channel_id"])
    return FlowRef(
        id=flow_id,
        source=nodes[_key(values, "source")],
        target=nodes[_key(values, "target")],
        channel_id=values["channel_id"],
        channel_name=channel.name if channel else values["channel_id"],
        label=values["label"],
        is_both_ways=values["is_both_ways"],
        ephi=values["ephi"],
        encryption=values["encryption"],
        access_log=values["access_log"],
        discloses=bool(channel and channel.discloses),
        safeguards=values["safeguards"],
        verified_at=values["verified_at"] or "",
        ended_date=values["ended_date"] or "",
    )


def list_flows() -> list[FlowRef]:
    """List the flows that run today, between what is there today."""
    return list(get_map().flows)


def list_nodes() -> list[Node]:
    """List everything that a flow may begin or end at, by name."""
    facts = Inventory(
        day=now().date(),
        assets=_rewound(Asset, InventoryChange.Noun.ASSET, []),
        parties=_rewound(Party, InventoryChange.Noun.PARTY, []),
        flows={},
    )
    return list(_nodes(facts, packs.active()).values())


def list_ended() -> list[DataFlow]:
    """List the flows that ended, the last one first."""
    rows = DataFlow.objects.exclude(ended_date=None).order_by("-ended_date", "-id")
    return list(rows.select_related("source_asset", "source_party", "target_asset", "target_party")[:100])


def get_flow(flow_id: UUID) -> DataFlow:
    """Return one flow, or raise."""
    row: DataFlow | None = DataFlow.objects.filter(id=flow_id).first()
    if row is None:
        raise FlowNotFoundError()
    return row


def get_party(party_id: UUID) -> Party:
    """Return one party, or raise."""
    row: Party | None = Party.objects.filter(id=party_id).first()
    if row is None:
        raise FlowNotFoundError()
    return row


def flows_of_asset(asset_id: UUID) -> list[DataFlow]:
    """List the running flows that begin or end at an asset, with what is at their ends, in one query."""
    at_an_end = Q(source_asset_id=asset_id) | Q(target_asset_id=asset_id)
    rows = DataFlow.objects.running().filter(at_an_end).order_by("id")
    return list(rows.select_related("source_asset", "source_party", "target_asset", "target_party"))
