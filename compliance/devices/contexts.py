"""What the pages about devices show."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from compliance.devices import selectors
from compliance.models import DeviceSighting
from compliance.packs import selectors as packs
from compliance.packs.library import Catalogue

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_FACTS = {
    "vendor": _("Manufacturer"),
    "model": _("Model"),
    "serial": _("Serial number"),
    "hostname": _("Station name"),
    "site": _("Institution"),
    "modality": _("Modality"),
    "ae_title": _("AE title"),
    "scopes": _("Scopes"),
    "networks": _("Networks"),
    "people": _("People who use it"),
    "source": _("Way in"),
}


@dataclass(frozen=True, slots=True)
class SightingLine:
    """A device as it was seen, and what was decided about it."""

    id: UUID
    kind_label: str
    label: str
    suggested_type: str
    suggested_type_id: str
    facts: tuple[tuple["StrOrPromise", str], ...]
    state: str
    asset_id: UUID | None
    asset_name: str
    reason: str
    decided_by: str
    decided_at: dt.datetime | None
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DevicesPage:
    proposed: tuple[SightingLine, ...]
    decided: tuple[SightingLine, ...]
    can_write: bool


def build_list(*, actor: Actor) -> DevicesPage:
    """Return what waits for a decision, and what was decided (inside the open scope)."""
    lines = _lines(selectors.list_sightings())
    return DevicesPage(
        proposed=tuple(line for line in lines if line.state == DeviceSighting.State.PROPOSED),
        decided=tuple(line for line in lines if line.state != DeviceSighting.State.PROPOSED),
        can_write=access.allows(actor, "compliance.write"),
    )


def build_line(row: DeviceSighting) -> SightingLine:
    """Return one device (inside the open scope)."""
    return _lines([row])[0]


def _lines(rows: Iterable[DeviceSighting]) -> list[SightingLine]:
    found = list(rows)
    book = packs.active()
    names = accounts.names_of_users({row.decided_by_id for row in found if row.decided_by_id})
    return [_line(row, book, names.get(row.decided_by_id, "") if row.decided_by_id else "") for row in found]


def _line(row: DeviceSighting, book: Catalogue, decided_by: str) -> SightingLine:
    kind = book.asset_types.get(row.suggested_type_id)
    facts = [(label, row.facts[name]) for name, label in _FACTS.items() if row.facts.get(name)]
    versions = ", ".join(row.facts.get("software_versions", []))
    return SightingLine(
        id=row.id,
        kind_label=row.get_kind_display(),
        label=row.label,
        suggested_type=kind.name if kind else row.suggested_type_id,
        suggested_type_id=row.suggested_type_id,
        facts=tuple(facts + ([(_("Software versions"), versions)] if versions else [])),
        state=row.state,
        asset_id=row.asset_id,
        asset_name=row.asset.name if row.asset else "",
        reason=row.reason,
        decided_by=decided_by,
        decided_at=row.decided_at,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
    )
