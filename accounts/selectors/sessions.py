"""Reads of a person's own sessions."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Max, Min

from accounts.models import Membership, SignIn
from common.clock import now

# No session lives longer, whatever a tenant chose.
LONGEST = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session as its owner sees it."""

    id: UUID
    device: str
    address: str
    started_at: dt.datetime
    seen_at: dt.datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class StaffDevice:
    """A kind of browser and system that people of the open tenant signed in with, and how many of them."""

    device: str
    people: int
    first_at: dt.datetime
    last_at: dt.datetime


def list_staff_devices() -> list[StaffDevice]:
    """List the browsers that the present members of the open tenant use, the last used first."""
    members = Membership.objects.filter(is_active=True).values("user_id")
    rows = SignIn.objects.filter(user_id__in=members).exclude(device="").values("device")
    found = rows.annotate(people=Count("user_id", distinct=True), first_at=Min("started_at"), last_at=Max("seen_at"))
    return [StaffDevice(**row) for row in found.order_by("-last_at")]


def list_sessions(*, user_id: UUID, current_key: str) -> list[SessionLine]:
    """List the running sessions of a person, the present one first, then by when they were last used."""
    rows = SignIn.objects.filter(user_id=user_id, started_at__gt=now() - LONGEST).order_by("-seen_at")
    lines = [
        SessionLine(
            id=row.id,
            device=row.device,
            address=row.address or "",
            started_at=row.started_at,
            seen_at=row.seen_at,
            is_current=row.session_key == current_key,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: not line.is_current)
