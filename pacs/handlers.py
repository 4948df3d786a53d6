"""What this package does when something was announced."""

from pacs import services
from pacs.appointments import services as appointments
from pacs.events import SeriesReceived


def prepare_series(event: SeriesReceived) -> None:
    """Make what reading the series needs, when it has arrived."""
    services.wait_for_rest(tenant_id=event.tenant_id, series_id=event.series_id)
    services.prepare_series(tenant_id=event.tenant_id, series_id=event.series_id)


def match_series(event: SeriesReceived) -> None:
    """Find the appointment that the study of a series came of."""
    appointments.match_series(tenant_id=event.tenant_id, series_id=event.series_id)
