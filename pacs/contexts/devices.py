"""What the pages about DICOM devices show."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from pacs.dimse import peers, promising
from pacs.dimse.models import CalledTitle, Peer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_RIGHTS = (
    ("can_store", _("send images")),
    ("can_worklist", _("read appointments")),
    ("can_query", _("search")),
    ("can_retrieve", _("fetch images")),
)


@dataclass(frozen=True, slots=True)
class TitleLine:
    id: UUID
    ae_title: str
    takes_unknown_classes: bool
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class PeerLine:
    """A device in a list."""

    id: UUID
    ae_title: str
    name: str
    state: str
    rights: tuple["StrOrPromise", ...]
    address: str
    has_certificate: bool
    last_seen_at: dt.datetime | None
    last_address: str


@dataclass(frozen=True, slots=True)
class DevicesPage:
    titles: tuple[TitleLine, ...]
    proposed: tuple[PeerLine, ...]
    peers: tuple[PeerLine, ...]
    waiting_commitments: int


def build(*, tenant_id: UUID) -> DevicesPage:
    """Return the devices and names of the open tenant."""
    lines = [peer_line(row) for row in peers.list_peers()]
    return DevicesPage(
        titles=tuple(title_line(row) for row in peers.list_titles()),
        proposed=tuple(line for line in lines if line.state == Peer.State.PROPOSED),
        peers=tuple(line for line in lines if line.state != Peer.State.PROPOSED),
        waiting_commitments=promising.count_waiting(tenant_id),
    )


def title_line(row: CalledTitle) -> TitleLine:
    """Return one name."""
    return TitleLine(row.id, row.ae_title, row.takes_unknown_classes, row.is_enabled)


def peer_line(row: Peer) -> PeerLine:
    """Return one device."""
    return PeerLine(
        id=row.id,
        ae_title=row.ae_title,
        name=row.name,
        state=row.state,
        rights=tuple(label for name, label in _RIGHTS if getattr(row, name)),
        address=f"{row.host}:{row.port}" if row.host else "",
        has_certificate=bool(row.certificate_sha256),
        last_seen_at=row.last_seen_at,
        last_address=row.last_address,
    )
