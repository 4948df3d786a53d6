"""Reads of appointments; inside the tenant's scope."""

import datetime as dt
from uuid import UUID

from django.db.models import Q

from common.actor import Actor
from pacs import selectors as studies
from pacs.appointments.errors import UnmatchedNotFoundError
from pacs.appointments.models import Appointment, Unmatched

MAX_ROWS = 500


def list_day(day: dt.date) -> list[Appointment]:
    """List the appointments of a day in their order, with the studies that came of them."""
    rows = Appointment.objects.filter(start_date=day).select_related("study")
    return list(rows.order_by("start_time", "id")[:MAX_ROWS])


def list_between(*, first: dt.date, last: dt.date, after: Appointment | None, limit: int) -> list[Appointment]:
    """List appointments of some days in the order of their days, behind one of them (keyset)."""
    rows = Appointment.objects.filter(start_date__range=(first, last))
    if after is not None:
        later = Q(start_date__gt=after.start_date)
        same_day = Q(start_date=after.start_date)
        later |= same_day & Q(start_time__gt=after.start_time)
        later |= same_day & Q(start_time=after.start_time, id__gt=after.id)
        rows = rows.filter(later)
    return list(rows.order_by("start_date", "start_time", "id")[:limit])


def find(appointment_id: UUID) -> Appointment | None:
    """Return one appointment."""
    found: Appointment | None = Appointment.objects.filter(id=appointment_id).first()
    return found


def list_waiting(*, actor: Actor, limit: int = 100) -> list[Unmatched]:
    """List the studies that wait for somebody to say which appointment they belong to, the newest first."""
    visible = studies.visible_studies(actor)
    rows = Unmatched.objects.filter(decided_at=None, study__in=visible).select_related("study")
    return list(rows.order_by("-noted_at", "-id")[:limit])


def get_waiting(*, actor: Actor, unmatched_id: UUID) -> Unmatched:
    """Return one study that waits, or raise."""
    visible = studies.visible_studies(actor)
    found = Unmatched.objects.filter(id=unmatched_id, decided_at=None, study__in=visible).select_related("study")
    row: Unmatched | None = found.first()
    if row is None:
        raise UnmatchedNotFoundError
    return row


def count_waiting(*, actor: Actor) -> int:
    """Count the studies that wait."""
    return int(Unmatched.objects.filter(decided_at=None, study__in=studies.visible_studies(actor)).count())
