"""What inventory and map announce, so that an analysis can say what it does not know of yet."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen(Event):
    """A device that nobody had seen before left its first trace; `kind` is a `DeviceSighting.Kind`."""

    topic: ClassVar[str] = "compliance.device-seen"
    sighting_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetChanged(Event):
    """The inventory changed; `reason`: added, software, vendor, site, disposed, or changed for the rest."""

    topic: ClassVar[str] = "compliance.asset-changed"
    asset_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowChanged(Event):
    """A way in which data moves was added, changed or ended; `reason` says which."""

    topic: ClassVar[str] = "compliance.flow-changed"
    flow_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackChosen(Event):
    """The tenant switched a framework pack on or off, or took another version of it."""

    topic: ClassVar[str] = "compliance.pack-chosen"
    pack_id: str
