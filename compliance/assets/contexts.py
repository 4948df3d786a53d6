"""What the pages of the inventory show."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor, ActorKind
from common.clock import today
from compliance import history
from compliance.assets import fields, findings, selectors
from compliance.assets.findings import Finding
from compliance.assets.selectors import AssetFilter
from compliance.flows import selectors as flows
from compliance.models import Asset, DataFlow, InventoryChange, Party
from compliance.packs import selectors as packs
from compliance.packs.library import Catalogue
from compliance.vendors import selectors as vendors
from compliance.vendors.selectors import Alert, Standing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_ROWS = 25


@dataclass(frozen=True, slots=True)
class AssetLine:
    """An asset in the list."""

    id: UUID
    number: str
    name: str
    type_name: str
    make: str
    site: str
    owner: str
    status: str
    status_label: str
    ephi_label: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ConcernCount:
    """How many assets have one weakness, with the address that lists them."""

    label: "StrOrPromise"
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class ListPage:
    rows: tuple[AssetLine, ...]
    total: int
    sort: str
    query: str
    next_query: str
    is_filtered: bool
    is_continued: bool
    concerns: tuple[ConcernCount, ...]
    can_write: bool


@dataclass(frozen=True, slots=True)
class Fact:
    label: "StrOrPromise"
    value: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One entry of a history: what was changed from what to what."""

    at: dt.datetime
    who: str
    verb: str
    fields: tuple[tuple["StrOrPromise", str, str], ...]


@dataclass(frozen=True, slots=True)
class PhotoLine:
    id: UUID
    caption: str


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A flow that begins or ends at the asset."""

    id: UUID
    source: str
    target: str
    channel: str
    is_both_ways: bool
    discloses: bool


@dataclass(frozen=True, slots=True)
class VendorMark:
    """A vendor that is at work here, with what is open about its agreement."""

    id: UUID
    name: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class AssetPage:
    line: AssetLine
    groups: tuple[tuple["StrOrPromise", tuple[Fact, ...]], ...]
    is_disposed: bool
    verified_at: dt.datetime | None
    verified_by: str
    photos: tuple[PhotoLine, ...]
    flows: tuple[FlowLine, ...]
    changes: tuple[ChangeLine, ...]
    vendors: tuple[VendorMark, ...]
    can_write: bool


def build_list(*, actor: Actor, wanted: AssetFilter, sort: str, after_id: UUID | None) -> ListPage:
    """Return some assets in an order (inside the open scope)."""
    book = packs.active()
    found = selectors.list_assets(wanted, sort=sort, after_id=after_id, limit=PAGE_ROWS + 1)
    rows = found[:PAGE_ROWS]
    query = _query(wanted, sort)
    return ListPage(
        rows=tuple(line_of(asset, book) for asset in rows),
        total=selectors.count_assets(wanted),
        sort=sort,
        query=query,
        next_query=f"{query}&{urlencode({'cursor': rows[-1].id})}" if len(found) > PAGE_ROWS else "",
        is_filtered=wanted != AssetFilter(),
        is_continued=after_id is not None,
        concerns=_concerns(),
        can_write=access.allows(actor, "compliance.write"),
    )


def _query(wanted: AssetFilter, sort: str) -> str:
    given = {"text": wanted.text, "class_id": wanted.class_id, "site": wanted.site, "status": wanted.status}
    given |= {"concern": wanted.concern, "sort": sort}
    return urlencode({name: value for name, value in given.items() if value})


def _concerns() -> tuple[ConcernCount, ...]:
    counts = selectors.count_concerns()
    return tuple(
        ConcernCount(label, counts[code], urlencode({"concern": code}))
        for code, label in findings.CONCERNS.items()
        if counts[code]
    )


def line_of(asset: Asset, book: Catalogue) -> AssetLine:
    """Return an asset in a few words."""
    kind = book.asset_types.get(asset.type_id)
    return AssetLine(
        id=asset.id,
        number=asset.number,
        name=asset.name,
        type_name=kind.name if kind else asset.type_id,
        make=" ".join(part for part in (asset.vendor, asset.model) if part),
        site=" · ".join(part for part in (asset.site, asset.room) if part),
        owner=asset.owner,
        status=asset.status,
        status_label=asset.get_status_display(),
        ephi_label=asset.get_ephi_display(),
        findings=findings.findings_of(asset, day=today()),
    )


def build_asset(*, actor: Actor, asset: Asset) -> AssetPage:
    """Return everything about one asset (inside the open scope)."""
    book = packs.active()
    is_disposed = asset.status == Asset.Status.DISPOSED
    groups = list(fields.GROUPS)
    if is_disposed:
        groups.append((_("Disposal"), fields.DISPOSAL))
    changes = history.list_changes(noun=InventoryChange.Noun.ASSET, subject_id=asset.id)
    return AssetPage(
        line=line_of(asset, book),
        groups=tuple((title, _facts(asset, names, book)) for title, names in groups),
        is_disposed=is_disposed,
        verified_at=asset.verified_at,
        verified_by=asset.verified_by,
        photos=tuple(PhotoLine(photo.id, photo.caption) for photo in selectors.list_photos(asset.id)),
        flows=tuple(_flow_line(flow, book) for flow in flows.flows_of_asset(asset.id)),
        changes=change_lines(changes, book),
        vendors=vendor_marks(vendors.standing_of_asset(asset.id)),
        can_write=access.allows(actor, "compliance.write"),
    )


def vendor_marks(standing: Iterable[Standing]) -> tuple[VendorMark, ...]:
    """Return vendors as they are shown where they are at work."""
    return tuple(VendorMark(one.vendor.id, one.vendor.name, one.alerts) for one in standing)


def _flow_line(flow: DataFlow, book: Catalogue) -> FlowLine:
    channel = book.channels.get(flow.channel_id)
    return FlowLine(
        id=flow.id,
        source=flow.source_name,
        target=flow.target_name,
        channel=channel.name if channel else flow.channel_id,
        is_both_ways=flow.is_both_ways,
        discloses=bool(channel and channel.discloses),
    )


def _facts(asset: Asset, names: Iterable[str], book: Catalogue) -> tuple[Fact, ...]:
    values = history.values_of(asset)
    return tuple(
        Fact(fields.LABELS[name], text) for name in names if (text := worded(Asset, name, values[name], book, {}))
    )


def change_lines(changes: list[InventoryChange], book: Catalogue) -> tuple[ChangeLine, ...]:
    """Return a history with names and words (inside the open scope)."""
    users = {change.actor_id for change in changes if change.actor_kind == ActorKind.USER}
    names = accounts.names_of_users(users)
    nodes = _names_of_nodes(changes)
    portal = {ActorKind.SYSTEM: _("the portal itself"), ActorKind.TOKEN: _("API token")}
    return tuple(
        ChangeLine(
            at=change.made_at,
            who=names.get(change.actor_id, "") or str(portal.get(ActorKind(change.actor_kind), "")),
            verb=change.get_verb_display(),
            fields=tuple(_worded_change(change, name, book, nodes) for name in change.fields),
        )
        for change in changes
    )


_MODELS = {"asset": Asset, "party": Party, "flow": DataFlow}
_ENDS = ("source_asset_id", "source_party_id", "target_asset_id", "target_party_id")


def _names_of_nodes(changes: list[InventoryChange]) -> dict[str, str]:
    ids = {value for change in changes for name in _ENDS for value in change.fields.get(name, ()) if value}
    if not ids:
        return {}
    rows = [*Asset.objects.filter(id__in=ids).values_list("id", "name")]
    rows += Party.objects.filter(id__in=ids).values_list("id", "name")
    return {str(node_id): name for node_id, name in rows}


def _worded_change(
    change: InventoryChange, name: str, book: Catalogue, nodes: Mapping[str, str]
) -> tuple["StrOrPromise", str, str]:
    old, new = change.fields[name]
    model = _MODELS[change.noun]
    label = fields.LABELS.get(name) or fields.FLOW_LABELS.get(name, name)
    return label, worded(model, name, old, book, nodes), worded(model, name, new, book, nodes)


def worded(model: Any, name: str, value: Any, book: Catalogue, nodes: Mapping[str, str]) -> str:
    """Return a fact as a reader knows it: the label of a choice, the name of a type, a channel, an asset or a party."""
    if value in {None, ""}:
        return ""
    if name == "type_id":
        return book.asset_types[value].name if value in book.asset_types else str(value)
    if name == "channel_id":
        return book.channels[value].name if value in book.channels else str(value)
    if name in _ENDS:
        return nodes.get(value, "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    # A change may be older than the present columns.
    column = next((field for field in model._meta.concrete_fields if field.attname == name), None)
    choices = dict(column.flatchoices) if column else {}
    text = str(choices.get(value, value))
    return text[:16].replace("T", " ") if name == "verified_at" else text
