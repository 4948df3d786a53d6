"""Reads of the devices seen; inside the tenant's scope."""

from uuid import UUID

from compliance.errors import SightingNotFoundError
from compliance.models import DeviceSighting

_State = DeviceSighting.State


def list_sightings(state: str = "", *, limit: int = 200) -> list[DeviceSighting]:
    """List devices, the last seen first."""
    found = DeviceSighting.objects.select_related("asset").order_by("-last_seen_at", "-id")
    return list((found.filter(state=state) if state else found)[:limit])


def get_sighting(sighting_id: UUID) -> DeviceSighting:
    """Return one device, or raise."""
    row: DeviceSighting | None = DeviceSighting.objects.select_related("asset").filter(id=sighting_id).first()
    if row is None:
        raise SightingNotFoundError()
    return row


def count_proposed() -> int:
    """Count the devices about which nobody has decided."""
    return int(DeviceSighting.objects.filter(state=_State.PROPOSED).count())
