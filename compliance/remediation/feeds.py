"""Calendar feeds: a secret, revocable address for each person, and the calendar behind it (RFC 5545).

A calendar program keeps and shows what it reads wherever it likes: titles stay here, only numbers and days go out.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access, tokens
from accounts import selectors as accounts
from accounts import services as accounts_services
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now, today
from common.errors import ForbiddenError
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.models import CalendarFeed, Task
from compliance.remediation import selectors
from compliance.remediation.errors import FeedNotFoundError
from compliance.remediation.selectors import TaskRow

_BEHIND, _AHEAD = dt.timedelta(days=90), dt.timedelta(days=400)
_LINE: Final = 75


@dataclass(frozen=True, slots=True)
class MadeFeed:
    """A fresh address; it holds the secret and is shown once."""

    feed_id: UUID
    url: str = field(repr=False)


def make_feed(*, actor: Actor) -> MadeFeed:
    """Make the address of a person's calendar; the one before ends."""
    access.require(actor, "compliance.read")
    if actor.kind is not ActorKind.USER:
        raise ForbiddenError("A calendar belongs to a person.")
    secret = tokens.new_secret()
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _revoke(actor)
        feed = CalendarFeed.objects.create(
            id=uuid7(), tenant_id=actor.tenant_id, user_id=actor.id, secret_hash=tokens.digest(secret)
        )
        accounts_services.register_credential(credential_id=feed.id, tenant_id=actor.tenant_id)
        audit.record(actor=actor, action="calendar.made", subject_id=feed.id)
    return MadeFeed(feed.id, settings.BITEWING_BASE_URL + reverse("compliance:calendar", args=[feed.id, secret]))


def revoke_feed(*, actor: Actor) -> None:
    """End the address of a person's calendar."""
    access.require(actor, "compliance.read")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        _revoke(actor)


def _revoke(actor: Actor) -> None:
    for feed_id in list(CalendarFeed.objects.filter(user_id=actor.id, revoked_at=None).values_list("id", flat=True)):
        CalendarFeed.objects.filter(id=feed_id).update(revoked_at=now())
        audit.record(actor=actor, action="calendar.ended", subject_id=feed_id)


def live_feed_since(actor: Actor) -> dt.datetime | None:
    """Return since when the person has a calendar (inside the tenant's scope)."""
    row = CalendarFeed.objects.filter(user_id=actor.id, revoked_at=None).values_list("created_at", flat=True).first()
    found: dt.datetime | None = row
    return found


def read_feed(*, feed_id: UUID, secret: str) -> bytes:
    """Return the calendar behind an address.

    Raises
    ------
    FeedNotFoundError
        Unknown, wrong, ended, or of somebody who may not read it any more: all look alike.
    """
    for tenant_id in accounts.tenants_of(feed_id):
        with tenant_scope(tenant_id):
            feed = CalendarFeed.objects.filter(id=feed_id, revoked_at=None).first()
            if feed is None or not tokens.matches(secret, feed.secret_hash) or not _may_read(feed):
                break
            CalendarFeed.objects.filter(id=feed_id).update(read_at=now())
            rows = selectors.due_between(today() - _BEHIND, today() + _AHEAD)
            return render(
                rows, calendar_name=_("Compliance tasks of %(name)s") % {"name": accounts.tenant_name(tenant_id)}
            )
    raise FeedNotFoundError


def _may_read(feed: CalendarFeed) -> bool:
    roles = accounts.roles_in(user_id=feed.user_id, tenant_id=feed.tenant_id)
    person = Actor(tenant_id=feed.tenant_id, kind=ActorKind.USER, id=feed.user_id, roles=roles)
    return bool(roles) and access.allows(person, "compliance.read")


def render(rows: list[TaskRow], *, calendar_name: str) -> bytes:
    """Write an iCalendar object with one all-day event for each task."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Bitewing//Compliance//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(calendar_name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]
    for row in rows:
        lines += _event(row)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(row: TaskRow) -> list[str]:
    is_accepted = row.state == Task.State.ACCEPTED
    day = row.accepted_until_date if is_accepted else row.due_date
    if day is None:
        raise ValueError("a task without a day")
    told = _("Acceptance of task %(number)s ends") if is_accepted else _("Task %(number)s is due")
    return [
        "BEGIN:VEVENT",
        f"UID:{row.id}@bitewing",
        f"DTSTAMP:{now():%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(told % {'number': row.number})}",
        f"URL:{settings.BITEWING_BASE_URL}{reverse('compliance:task', args=[row.id])}",
        f"SEQUENCE:{row.version}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    """Escape a text value (RFC 5545 3.3.11)."""
    for character, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(character, written)
    return text


def _folded(line: str) -> bytes:
    """End a line, and fold what is longer than 75 octets, between characters (RFC 5545 3.1)."""
    found, part = b"", b""
    for character in line:
        encoded = character.encode()
        if len(part) + len(encoded) > _LINE:
            found, part = found + part + b"\r\n", b" "
        part += encoded
    return found + part + b"\r\n"
