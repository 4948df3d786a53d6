"""Devices that may call, and the names under which they call the portal: added, changed, disabled."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import access
from accounts import services as accounts
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from pacs.dimse import callers
from pacs.dimse.errors import PeerNotFoundError, PeerTermsError, TitleNotFoundError, TitleTakenError
from pacs.dimse.models import CalledTitle, Peer

MANAGE: Final = "device.manage"
# In the directory that leads from a name to a tenant.
_KIND: Final = "ae-title"
_TITLE = re.compile(r"[ -\[\]-~]{1,16}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_FIELDS: Final = (
    "name",
    "state",
    "host",
    "port",
    "uses_tls",
    "certificate_sha256",
    "can_store",
    "can_query",
    "can_retrieve",
    "can_worklist",
)


def clean_title(text: str) -> str:
    """Return an AE title as it is compared (PS3.5 6.2: leading and trailing spaces mean nothing).

    Raises
    ------
    PeerTermsError
        If it is none.
    """
    title = text.strip()
    if not _TITLE.match(title):
        raise PeerTermsError("An AE title has 1 to 16 letters, digits and signs, and no backslash.")
    return title


def add_title(*, actor: Actor, ae_title: str, takes_unknown_classes: bool = False) -> UUID:
    """Let devices call the tenant by a name; no two tenants of a portal have the same one."""
    access.require(actor, MANAGE)
    title = clean_title(ae_title)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if not accounts.enlist(tenant_id=actor.tenant_id, kind=_KIND, name=title):
            raise TitleTakenError
        row = CalledTitle(tenant_id=actor.tenant_id, ae_title=title, takes_unknown_classes=takes_unknown_classes)
        CalledTitle.objects.bulk_create([row], ignore_conflicts=True)
        if not CalledTitle.objects.filter(id=row.id).exists():
            raise TitleTakenError
        audit.record(actor=actor, action="dicom.title-added", subject_id=row.id)
    callers.forget()
    return row.id


def change_title(*, actor: Actor, title_id: UUID, takes_unknown_classes: bool, is_enabled: bool) -> None:
    """Change what is taken under a name, or whether it is answered at all."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        found = CalledTitle.objects.filter(id=title_id)
        if not found.exists():
            raise TitleNotFoundError
        access.require(actor, MANAGE)
        found.update(takes_unknown_classes=takes_unknown_classes, is_enabled=is_enabled)
        detail = {"is_enabled": int(is_enabled), "takes_unknown_classes": int(takes_unknown_classes)}
        audit.record(actor=actor, action="dicom.title-changed", subject_id=title_id, detail=detail)
    callers.forget()


def add_peer(*, actor: Actor, ae_title: str, values: Mapping[str, Any]) -> UUID:
    """Let a device in; one that called before and was proposed becomes it."""
    access.require(actor, MANAGE)
    title, terms = clean_title(ae_title), _terms({"state": Peer.State.ALLOWED, **values})
    with tenant_scope(actor.tenant_id), transaction.atomic():
        known = Peer.objects.filter(ae_title=title).first()
        if known is not None and known.state != Peer.State.PROPOSED:
            raise TitleTakenError("A device of this AE title is on the list already.")
        row = known or Peer(tenant_id=actor.tenant_id, ae_title=title)
        _set(row, terms)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise TitleTakenError("A device of this AE title is on the list already.") from None
        audit.record(actor=actor, action="dicom.device-added", subject_id=row.id, detail=_detail(row))
    callers.forget()
    return UUID(str(row.id))


def change_peer(*, actor: Actor, peer_id: UUID, values: Mapping[str, Any]) -> None:
    """Change what a device may do; disabled, it is turned away within five seconds."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = Peer.objects.filter(id=peer_id).first()
        if row is None:
            raise PeerNotFoundError
        access.require(actor, MANAGE)
        _set(row, _terms(values))
        row.save(update_fields=[*_FIELDS])
        audit.record(actor=actor, action="dicom.device-changed", subject_id=peer_id, detail=_detail(row))
    callers.forget()


def forget_proposal(*, actor: Actor, peer_id: UUID) -> None:
    """Take a proposed device off the list; it comes back when it calls again."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        found = Peer.objects.filter(id=peer_id, state=Peer.State.PROPOSED)
        if not found.exists():
            raise PeerNotFoundError
        access.require(actor, MANAGE)
        found.delete()
        audit.record(actor=actor, action="dicom.device-dismissed", subject_id=peer_id)


def _terms(values: Mapping[str, Any]) -> dict[str, Any]:
    terms = {name: value for name, value in values.items() if name in _FIELDS}
    digest = str(terms.get("certificate_sha256", "")).replace(":", "").strip().lower()
    if digest and not _DIGEST.match(digest):
        raise PeerTermsError("The fingerprint of a certificate is its SHA-256: 64 hexadecimal digits.")
    if not 1 <= int(terms.get("port", 104)) <= 65535:
        raise PeerTermsError("A port is a number from 1 to 65535.")
    return {**terms, **({"certificate_sha256": digest} if "certificate_sha256" in terms else {})}


def _set(row: Peer, terms: Mapping[str, Any]) -> None:
    for name, value in terms.items():
        setattr(row, name, value)


def _detail(row: Peer) -> dict[str, str | int | list[str]]:
    rights = [name for name in ("can_store", "can_query", "can_retrieve", "can_worklist") if getattr(row, name)]
    return {"state": str(row.state), "rights": rights}


def list_titles() -> list[CalledTitle]:
    """List the names of the open tenant."""
    return list(CalledTitle.objects.order_by("ae_title"))


def list_peers() -> list[Peer]:
    """List the devices of the open tenant: proposed ones first."""
    order = {Peer.State.PROPOSED: 0, Peer.State.ALLOWED: 1, Peer.State.DISABLED: 2}
    return sorted(Peer.objects.order_by("ae_title")[:1000], key=lambda row: order[Peer.State(row.state)])


def get_peer(peer_id: UUID) -> Peer:
    """Return one device of the open tenant, or raise."""
    row: Peer | None = Peer.objects.filter(id=peer_id).first()
    if row is None:
        raise PeerNotFoundError
    return row


def get_title(title_id: UUID) -> CalledTitle:
    """Return one name of the open tenant, or raise."""
    row: CalledTitle | None = CalledTitle.objects.filter(id=title_id).first()
    if row is None:
        raise TitleNotFoundError
    return row


def caller_title(*, tenant_id: UUID, peer_id: UUID) -> str:
    """Return the AE title of a device, or nothing when it is gone."""
    with tenant_scope(tenant_id):
        return str(Peer.objects.filter(id=peer_id).values_list("ae_title", flat=True).first() or "")
