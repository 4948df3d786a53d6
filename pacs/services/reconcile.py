"""Series that arrived and were never prepared: their event was given up, or was lost with its worker."""

from django.db import transaction

from accounts import figures as accounts
from common import logs
from common.scope import tenant_scope
from outbox import services as outbox
from pacs import selectors
from pacs.events import SeriesReceived

log = logs.get("pacs")


def announce_forgotten_series() -> int:
    """Announce them again, in every tenant; what waits for its turn already is not announced twice."""
    count = 0
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id), transaction.atomic():
            forgotten = selectors.list_forgotten_series()
            for series_id in forgotten:
                outbox.publish(SeriesReceived(tenant_id=tenant_id, series_id=series_id))
        count += len(forgotten)
    if count:
        log.warning("series.announced_again", count=count)
    return count
