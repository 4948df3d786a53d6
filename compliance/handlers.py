"""What inventory and map do when something was announced."""

from compliance.devices import services as devices
from pacs.events import SeriesReceived


def see_device(event: SeriesReceived) -> None:
    """Write down the device that made a series."""
    devices.see_series(tenant_id=event.tenant_id, series_id=event.series_id)
