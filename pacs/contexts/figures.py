"""What the page of figures shows."""

import datetime as dt
from dataclasses import dataclass

from common.actor import Actor
from pacs import services, worklist


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month; `share` is its part of the largest, for the bar."""

    month: dt.date
    studies: int
    images: int
    size_bytes: int
    share: int
    reports: int
    links: int
    openings: int
    downloads: int
    patients: int


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """Storage now, and twelve months of activity."""

    used_bytes: int
    studies_this_month: int
    reports_this_month: int
    links_this_month: int
    months: tuple[MonthRow, ...]


def build(*, actor: Actor) -> FiguresPage:
    """Return the figures (inside the open scope)."""
    months = services.months_until_now(actor.tenant_id)
    most = max(one.size_bytes for one in months) or 1
    rows = tuple(
        MonthRow(
            month=one.month,
            studies=one.studies,
            images=one.images,
            size_bytes=one.size_bytes,
            share=round(100 * one.size_bytes / most),
            reports=one.events.get("report.signed", 0),
            links=one.events.get("share.created", 0),
            openings=one.events.get("share.session-started", 0),
            downloads=one.events.get("study.exported", 0),
            patients=one.events.get("patient.entered", 0),
        )
        for one in months
    )
    newest = rows[0]
    return FiguresPage(
        used_bytes=worklist.storage_used(actor.tenant_id),
        studies_this_month=newest.studies,
        reports_this_month=newest.reports,
        links_this_month=newest.links,
        months=rows,
    )
