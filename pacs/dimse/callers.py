"""Who calls: from the two AE titles and the certificate to a device of one tenant.

AE titles alone prove nothing. Over TLS the certificate must be the device's own; without, the operator has named the
network (`--plain`), and the list of devices is what remains.
"""

import datetime as dt
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import services as accounts
from audit import services as audit
from common.actor import Actor, ActorKind, system_actor
from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox
from pacs.dimse import pdu
from pacs.dimse.models import CalledTitle, Peer
from pacs.dimse.pdu import Rejection
from pacs.events import CallerSeen

_KIND: Final = "ae-title"
DECISION_S: Final = 5.0
# Whoever invents names must not fill the list.
MAX_PROPOSED: Final = 200
SEEN_EVERY: Final = dt.timedelta(minutes=1)
_remembered: "OrderedDict[UUID, tuple[float, Peer | None]]" = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Caller:
    """A device that was let in, and what it may do."""

    tenant_id: UUID
    peer_id: UUID
    calling: str
    called: str
    can_store: bool
    can_query: bool
    can_retrieve: bool
    can_worklist: bool
    takes_unknown_classes: bool
    actor: Actor = field(repr=False)

    def is_still_welcome(self, right: str = "") -> bool:
        """Say whether the device may still come, and has a right that it came with, at most five seconds old."""
        row = _peer(self.tenant_id, self.peer_id)
        return self.actor.recheck() and (not right or (getattr(self, right) and getattr(row, right)))


def admit(*, called: str, calling: str, address: str, certificate_sha256: str) -> Caller | Rejection:
    """Decide about an association request; an unknown device is proposed to those who manage the tenant.

    Parameters
    ----------
    certificate_sha256
        Of the certificate that the peer proved; empty without TLS.
    """
    tenant_id = accounts.tenant_of_name(kind=_KIND, name=called)
    if tenant_id is None:
        return pdu.CALLED_UNKNOWN
    with tenant_scope(tenant_id):
        title = CalledTitle.objects.filter(ae_title=called, is_enabled=True).first()
        peer = Peer.objects.filter(ae_title=calling).first()
    if title is None:
        return pdu.CALLED_UNKNOWN
    if peer is None:
        _propose(tenant_id, calling, address, certificate_sha256)
        return pdu.CALLING_UNKNOWN
    _note_seen(tenant_id, peer, address)
    if peer.state != Peer.State.ALLOWED or peer.certificate_sha256 != certificate_sha256:
        return pdu.CALLING_UNKNOWN
    return _caller(title, peer)


def _caller(title: CalledTitle, peer: Peer) -> Caller:
    actor = Actor(
        tenant_id=peer.tenant_id,
        kind=ActorKind.SYSTEM,
        id=peer.id,
        recheck=partial(_is_let_in, peer),
    )
    return Caller(
        tenant_id=peer.tenant_id,
        peer_id=peer.id,
        calling=peer.ae_title,
        called=title.ae_title,
        can_store=peer.can_store,
        can_query=peer.can_query,
        can_retrieve=peer.can_retrieve,
        can_worklist=peer.can_worklist,
        takes_unknown_classes=title.takes_unknown_classes,
        actor=actor,
    )


def _is_let_in(peer: Peer) -> bool:
    """Say whether a device would be let in as it was."""
    row = _peer(peer.tenant_id, peer.id)
    if row is None or row.state != Peer.State.ALLOWED:
        return False
    return bool(row.certificate_sha256 == peer.certificate_sha256)


def _peer(tenant_id: UUID, peer_id: UUID) -> Peer | None:
    known = _remembered.get(peer_id)
    if known is not None and time.monotonic() - known[0] < DECISION_S:
        return known[1]
    with tenant_scope(tenant_id):
        row: Peer | None = Peer.objects.filter(id=peer_id).first()
    with _lock:
        _remembered[peer_id] = (time.monotonic(), row)
        while len(_remembered) > 1000:
            _remembered.popitem(last=False)
    return row


def forget() -> None:
    """Drop what is remembered in this process."""
    with _lock:
        _remembered.clear()


def _note_seen(tenant_id: UUID, peer: Peer, address: str) -> None:
    moment = now()
    if peer.last_seen_at is not None and moment - peer.last_seen_at < SEEN_EVERY and peer.last_address == address:
        return
    with tenant_scope(tenant_id):
        Peer.objects.filter(id=peer.id).update(last_seen_at=moment, last_address=address[:45])


def _propose(tenant_id: UUID, calling: str, address: str, certificate_sha256: str) -> None:
    """Write an unknown device down as proposed, once, and announce it."""
    if not calling or not calling.isascii() or not calling.isprintable():
        return
    with tenant_scope(tenant_id), transaction.atomic():
        if Peer.objects.filter(state=Peer.State.PROPOSED).count() >= MAX_PROPOSED:
            return
        moment = now()
        row = Peer(
            tenant_id=tenant_id,
            ae_title=calling,
            host=address if "%" not in address else "",
            certificate_sha256=certificate_sha256,
            first_seen_at=moment,
            last_seen_at=moment,
            last_address=address[:45],
        )
        Peer.objects.bulk_create([row], ignore_conflicts=True)
        if Peer.objects.filter(id=row.id).exists():
            outbox.publish(CallerSeen(tenant_id=tenant_id, peer_id=row.id))
            audit.record(actor=system_actor(tenant_id), action="dicom.device-refused", subject_id=row.id)
