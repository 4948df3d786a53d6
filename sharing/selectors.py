"""Reads of links and guest sessions."""

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from accounts import selectors as accounts
from audit import selectors as audit
from common.actor import Actor, ActorKind, Grant
from common.clock import now
from common.scope import tenant_scope
from sharing import proofs
from sharing.errors import LinkNotFoundError
from sharing.models import GuestSession, OneTimeCode, ShareLink, ShareLinkStudy

IDLE = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=8)
# A revoked link stops within five seconds: streams ask with every block, so that this age is all that is lost.
CACHE_S = 2.0
_cache: dict[UUID, tuple[float, "GuestAccess"]] = {}


@dataclass(frozen=True, slots=True)
class Visit:
    """A session of somebody without an account, with what it grants, as last read."""

    session_id: UUID
    tenant_id: UUID
    grant: Grant
    secret_hash: bytes
    is_stopped: bool
    last_seen_at: dt.datetime
    ends_at: dt.datetime

    def holds(self, moment: dt.datetime) -> bool:
        """Say whether a running answer may go on; idleness does not end it, the reader is still reading."""
        return not self.is_stopped and moment < self.ends_at

    def is_live(self, moment: dt.datetime) -> bool:
        """Say whether a new request is answered."""
        return self.holds(moment) and moment - self.last_seen_at < IDLE


@dataclass(frozen=True, slots=True)
class GuestAccess(Visit):
    """The session of a guest."""

    link_id: UUID


@dataclass(frozen=True, slots=True)
class LinkSummary:
    """A link as its senders see it."""

    id: UUID
    recipient_email: str
    recipient_name: str
    created_by_id: UUID | None
    created_at: dt.datetime
    not_before: dt.datetime
    expires_at: dt.datetime
    rights: frozenset[str]
    used_sessions: int
    max_sessions: int
    used_downloads: int
    max_downloads: int
    state: str
    study_ids: tuple[UUID, ...]
    is_by_patient: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """Who made a link, and for whom; without name and address when a token made it, without name when a patient did."""

    name: str
    is_patient: bool
    email: str
    recipient: str
    recipient_hint: str
    study_ids: tuple[UUID, ...]
    expires_at: dt.datetime


def forget() -> None:
    """Drop the guest sessions kept in this process."""
    _cache.clear()


def guest_of(*, tenant_id: UUID, link_id: UUID) -> Actor:
    """Return the recipient of a link as who acts, granted nothing yet."""
    nothing = Grant(study_ids=frozenset(), rights=frozenset())
    return Actor(tenant_id=tenant_id, kind=ActorKind.GUEST, id=link_id, roles=frozenset({"guest"}), grant=nothing)


def tenant_of(credential_id: UUID) -> UUID | None:
    """Return the tenant of a link or a guest session, before any scope is open."""
    return next(iter(accounts.tenants_of(credential_id)), None)


# --- guests -----------------------------------------------------------------------------------------------------------


def get_guest_access(*, session_id: UUID, secret: str) -> GuestAccess | None:
    """Return what a guest session allows now, or None: unknown, wrong, ended and expired look alike."""
    access = _read(session_id)
    if access is None or not proofs.matches(secret, access.secret_hash):
        return None
    return access if access.is_live(now()) else None


def still_holds(session_id: UUID) -> bool:
    """Say whether an answer that began under this session may go on."""
    access = _read(session_id)
    return access is not None and access.holds(now())


def _read(session_id: UUID) -> GuestAccess | None:
    hit = _cache.get(session_id)
    if hit is not None and time.monotonic() - hit[0] < CACHE_S:
        return hit[1]
    _cache.pop(session_id, None)
    tenant_id = tenant_of(session_id)
    if tenant_id is None:
        return None
    with tenant_scope(tenant_id):
        row = GuestSession.objects.select_related("link").filter(id=session_id).first()
        access = _access(row) if row is not None else None
    if access is not None:
        _keep(access)
    return access


def _keep(access: GuestAccess) -> None:
    if len(_cache) > 4096:
        _cache.clear()
    _cache[access.session_id] = (time.monotonic(), access)


def _access(row: GuestSession) -> GuestAccess:
    link = row.link
    return GuestAccess(
        session_id=row.id,
        tenant_id=row.tenant_id,
        link_id=link.id,
        grant=Grant(study_ids=frozenset(_snapshot(link.id)), rights=frozenset(link.rights)),
        secret_hash=bytes(row.secret_hash),
        is_stopped=any(moment is not None for moment in (row.ended_at, link.revoked_at, link.locked_at)),
        last_seen_at=row.last_seen_at,
        ends_at=min(link.expires_at, row.created_at + ABSOLUTE),
    )


def _snapshot(link_id: UUID) -> list[UUID]:
    return list(ShareLinkStudy.objects.filter(link_id=link_id).order_by("id").values_list("study_id", flat=True))


# --- opening (inside the tenant's scope) ------------------------------------------------------------------------------


def find_link(*, link_id: UUID, secret: str) -> ShareLink | None:
    """Return the link when the secret is right, whatever its state."""
    row: ShareLink | None = ShareLink.objects.filter(id=link_id).first()
    return row if row is not None and proofs.matches(secret, row.secret_hash) else None


def find_code(*, link_id: UUID, nonce: str) -> OneTimeCode | None:
    """Return the newest unused code that this browser asked for: whoever has its nonce had the secret."""
    issued = OneTimeCode.objects.select_related("link").filter(link_id=link_id, used_at=None)
    found = issued.filter(nonce_hash=proofs.digest(nonce))
    row: OneTimeCode | None = found.order_by("-id").first()
    return row


# --- senders (inside the tenant's scope) ------------------------------------------------------------------------------


def list_links(study_id: UUID) -> list[LinkSummary]:
    """List the links that name a study, newest first; one query for the links, one for their snapshots."""
    links = (
        ShareLink.objects.filter(snapshot__study_id=study_id)
        .prefetch_related("snapshot")
        .order_by("-created_at", "-id")
    )
    return [summary_of(link) for link in links]


def list_forwards(access_id: UUID) -> list[LinkSummary]:
    """List the links that a patient made by an access and nobody ended, oldest first."""
    rows = ShareLink.objects.filter(made_by_patient_id=access_id, revoked_at=None).prefetch_related("snapshot")
    return [summary_of(row) for row in rows.order_by("id")]


def shared_until(study_ids: Iterable[UUID]) -> dict[UUID, dt.datetime | None]:
    """Return until when each of some studies is shared, as its links that nobody ended say."""
    wanted = list(study_ids)
    standing = ShareLinkStudy.objects.filter(study_id__in=wanted, link__revoked_at=None)
    found = dict(standing.order_by().values_list("study_id").annotate(Max("link__expires_at")))
    return {study_id: found.get(study_id) for study_id in wanted}


def has_links() -> bool:
    """Say whether any link of the open tenant was ever made."""
    return bool(ShareLink.objects.exists())


def get_link(link_id: UUID) -> LinkSummary:
    """Return one link, or raise."""
    row = ShareLink.objects.prefetch_related("snapshot").filter(id=link_id).first()
    if row is None:
        raise LinkNotFoundError
    return summary_of(row)


def names_of_links(link_ids: set[UUID]) -> dict[UUID, str]:
    """Return the recipients of links, for pages that resolve the ids of the audit log."""
    rows = ShareLink.objects.filter(id__in=link_ids).values_list("id", "recipient_name", "recipient_email")
    return {link_id: name or email for link_id, name, email in rows}


def list_activity(link_id: UUID, *, limit: int = 100) -> list[audit.Entry]:
    """List what was done with a link, newest first."""
    return audit.list_events(audit.Filter(actor_id=link_id), limit=limit)


def get_sender(link_id: UUID) -> Sender:
    """Return who made a link, and for whom."""
    makers = ShareLink.objects.select_related("created_by", "made_by_patient").prefetch_related("snapshot")
    row = makers.get(id=link_id)
    person, patient = row.created_by, row.made_by_patient
    return Sender(
        name=person.name if person else "",
        is_patient=patient is not None,
        email=person.email if person else patient.email if patient else "",
        recipient=row.recipient_name or row.recipient_email,
        recipient_hint=proofs.hint(row.recipient_email),
        study_ids=_study_ids(row),
        expires_at=row.expires_at,
    )


def summary_of(row: ShareLink) -> LinkSummary:
    """Return a link as its senders see it."""
    return LinkSummary(
        id=row.id,
        recipient_email=row.recipient_email,
        recipient_name=row.recipient_name,
        created_by_id=row.created_by_id,
        created_at=row.created_at,
        not_before=row.not_before,
        expires_at=row.expires_at,
        rights=frozenset(row.rights),
        used_sessions=row.used_sessions,
        max_sessions=row.max_sessions,
        used_downloads=row.used_downloads,
        max_downloads=row.max_downloads,
        state=state_of(row),
        study_ids=_study_ids(row),
        is_by_patient=row.made_by_patient_id is not None,
    )


def _study_ids(row: ShareLink) -> tuple[UUID, ...]:
    return tuple(part.study_id for part in sorted(row.snapshot.all(), key=lambda part: part.id))


def state_of(row: ShareLink) -> str:
    """Return the one word for a link: the first that applies, what is final before what passes."""
    moment = now()
    states = {
        "revoked": row.revoked_at is not None,
        "locked": row.locked_at is not None,
        "expired": moment > row.expires_at,
        "waiting": moment < row.not_before,
        "used": row.used_sessions >= row.max_sessions,
    }
    return next((state for state, applies in states.items() if applies), "active")
