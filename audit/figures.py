"""What can be measured of the open tenant's access log itself."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from uuid import UUID

import orjson
from django.db.models import Max, Min

from audit.models import AuditEvent
from common.appendonly import refuses


def refuses_change() -> bool:
    """Try to change and to delete the newest event, and say whether the database refused both; nothing is changed.

    Raises
    ------
    LookupError
        If there is no event to try it on.
    """
    newest = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first()
    if newest is None:
        raise LookupError("the access log is empty")
    rows = AuditEvent.objects.filter(id=newest)
    return refuses(lambda: rows.update(action="probe")) and refuses(rows.delete)


def subjects_of(action: str, *, since: dt.datetime) -> Counter[UUID]:
    """Count the events of one action by what they are about."""
    found: Counter[UUID] = Counter()
    for body in AuditEvent.objects.filter(action=action, recorded_at__gte=since).values_list("body", flat=True):
        subject = orjson.loads(bytes(body))["subject"]
        if subject:
            found[UUID(subject)] += 1
    return found


def studies_of(action: str, *, since: dt.datetime) -> set[UUID]:
    """Return the studies that events of one action are about."""
    rows = AuditEvent.objects.filter(action=action, recorded_at__gte=since, study_id__isnull=False)
    return set(rows.values_list("study_id", flat=True))


def details_of(actions: Iterable[str], *, since: dt.datetime) -> list[tuple[str, UUID, dict[str, object]]]:
    """List action, actor and detail of events, oldest first."""
    rows = AuditEvent.objects.filter(action__in=list(actions), recorded_at__gte=since).order_by("id")
    return [
        (action, actor_id, orjson.loads(bytes(body))["detail"])
        for action, actor_id, body in rows.values_list("action", "actor_id", "body")
    ]


def span() -> tuple[dt.datetime, dt.datetime] | None:
    """Return the instants of the oldest and the newest event."""
    found = AuditEvent.objects.aggregate(first=Min("recorded_at"), last=Max("recorded_at"))
    return (found["first"], found["last"]) if found["first"] else None
