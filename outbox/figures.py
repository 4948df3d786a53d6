"""What can be measured of the open tenant's background work."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min, Q

from outbox.models import OutboxMessage


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits longer than it should, and what was given up."""

    waiting: int
    failed: int
    oldest_due_at: dt.datetime | None


def backlog(*, moment: dt.datetime) -> Backlog:
    """Count the messages that are due and not delivered, and those that failed for good."""
    due = Q(done_at=None, failed_at=None, available_at__lte=moment)
    found = OutboxMessage.objects.aggregate(
        waiting=Count("id", filter=due),
        failed=Count("id", filter=Q(failed_at__isnull=False)),
        oldest=Min("available_at", filter=due),
    )
    return Backlog(found["waiting"], found["failed"], found["oldest"])
