"""What happened in each month: closed ones are counted once and kept, the present one is counted each time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from audit import selectors as audit
from common.clock import today
from pacs.models import MonthFigures, Study

EVENTS = ("report.signed", "share.created", "share.session-started", "study.exported", "patient.entered")


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of one month; a study counts where it was received, also when it was deleted since it was counted."""

    month: dt.date
    studies: int
    images: int
    size_bytes: int
    events: dict[str, int]


def months_until_now(tenant_id: UUID, *, months: int = 12) -> list[Month]:
    """Return the last months of the open tenant, the present one first; at most four queries, whatever is there."""
    wanted = list(_months(today(), months))
    kept = {row.month: _of_row(row) for row in MonthFigures.objects.filter(month__in=wanted)}
    missing = [month for month in wanted if month not in kept]
    counted = _count(missing)
    closed = [figures for month, figures in counted.items() if month < wanted[0]]
    _keep(tenant_id, closed)
    return [kept.get(month) or counted[month] for month in wanted]


def _months(day: dt.date, count: int) -> Iterator[dt.date]:
    month = day.replace(day=1)
    for _ in range(count):
        yield month
        month = (month - dt.timedelta(days=1)).replace(day=1)


def _count(months: list[dt.date]) -> dict[dt.date, Month]:
    """Count these months together: from the first of them on, in one pass over studies and one over events."""
    since = dt.datetime.combine(min(months), dt.time(), dt.UTC)
    received = Study.objects.filter(received_at__gte=since).annotate(month=TruncMonth("received_at", tzinfo=dt.UTC))
    sums = {
        row["month"].date(): row
        for row in received.order_by()
        .values("month")
        .annotate(studies=Count("id"), images=Sum("number_of_instances"), size=Sum("size_bytes"))
    }
    events: dict[dt.date, dict[str, int]] = defaultdict(dict)
    for month, action, number in audit.count_by_month(EVENTS, since=since):
        events[month][action] = number
    nothing = {"studies": 0, "images": 0, "size": 0}
    return {month: _month(month, sums.get(month, nothing), events[month]) for month in months}


def _month(month: dt.date, sums: dict[str, int], events: dict[str, int]) -> Month:
    return Month(month, sums["studies"], sums["images"] or 0, sums["size"] or 0, events)


def _keep(tenant_id: UUID, closed: Iterable[Month]) -> None:
    rows = [
        MonthFigures(
            tenant_id=tenant_id,
            month=one.month,
            studies=one.studies,
            images=one.images,
            size_bytes=one.size_bytes,
            events=one.events,
        )
        for one in closed
    ]
    MonthFigures.objects.bulk_create(rows, ignore_conflicts=True)


def _of_row(row: MonthFigures) -> Month:
    return Month(row.month, row.studies, row.images, row.size_bytes, row.events)
