"""What this package does when something was announced."""

from pacs import services
from pacs.events import SeriesReceived


def prepare_series(event: SeriesReceived) -> None:
    """Make what reading the series needs."""
    services.prepare_series(tenant_id=event.tenant_id, series_id=event.series_id)
