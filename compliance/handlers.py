"""What inventory and map do when something was announced."""

from compliance.devices import services as devices
from pacs.dimse import peers as pacs_peers
from pacs.events import CallerSeen, SeriesReceived


def see_device(event: SeriesReceived) -> None:
    """Write down the device that made a series."""
    devices.see_series(tenant_id=event.tenant_id, series_id=event.series_id)


def see_caller(event: CallerSeen) -> None:
    """Write down a device that called by DIMSE and that nobody knew."""
    ae_title = pacs_peers.caller_title(tenant_id=event.tenant_id, peer_id=event.peer_id)
    if ae_title:
        devices.see_caller(tenant_id=event.tenant_id, ae_title=ae_title)
