"""Counts and dates of the open tenant's links, for whoever measures how they are kept."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from common.clock import now
from sharing.models import GuestSession, OneTimeCode, ShareLink


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that opens."""

    id: UUID
    recipient_email: str
    created_by_id: UUID | None
    created_at: dt.datetime
    life: dt.timedelta
    used_sessions: int


@dataclass(frozen=True, slots=True)
class Openings:
    """How often links were opened in a while: sessions that began, and those of them that a one-time code began."""

    sessions: int
    by_code: int


def open_links() -> list[OpenLink]:
    """List the links that open now or later."""
    rows = ShareLink.objects.filter(revoked_at=None, locked_at=None, expires_at__gte=now()).order_by("id")
    return [
        OpenLink(
            id=row.id,
            recipient_email=row.recipient_email,
            created_by_id=row.created_by_id,
            created_at=row.created_at,
            life=row.expires_at - row.not_before,
            used_sessions=row.used_sessions,
        )
        for row in rows
    ]


def openings(*, since: dt.datetime) -> Openings:
    """Count the sessions of guests, and how many of their links a code was used for in the same time."""
    sessions = GuestSession.objects.filter(created_at__gte=since)
    used = OneTimeCode.objects.filter(used_at__gte=since)
    return Openings(sessions=sessions.count(), by_code=min(sessions.count(), used.count()))


def links_of_sessions(*, since: dt.datetime) -> list[UUID]:
    """List the link of each session that began since an instant."""
    return list(GuestSession.objects.filter(created_at__gte=since).order_by("id").values_list("link_id", flat=True))


def made_links(*, since: dt.datetime) -> set[UUID]:
    """Return the links that were made since an instant."""
    return set(ShareLink.objects.filter(created_at__gte=since).values_list("id", flat=True))


def revoked_links(*, since: dt.datetime) -> set[UUID]:
    """Return the links that were ended since an instant."""
    return set(ShareLink.objects.filter(revoked_at__gte=since).values_list("id", flat=True))


def recent_links(*, limit: int = 200) -> dict[UUID, str]:
    """Return the newest links with the name of whom they were made for."""
    rows = ShareLink.objects.order_by("-created_at")[:limit]
    return {row.id: f"{row.recipient_name or row.recipient_email} ({row.created_at:%Y-%m-%d})" for row in rows}
