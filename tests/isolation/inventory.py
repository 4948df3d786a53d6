"""One of everything of the victim's inventory, map and devices."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Tenant
from common.scope import tenant_scope
from compliance.assets import photos
from compliance.assets import services as assets
from compliance.devices import services as devices
from compliance.flows import services as flows
from compliance.models import Asset, AssetPhoto, DataFlow, DeviceSighting, PackChoice, Party
from tests.factories.cast import make_actor
from tests.factories.inventory import JPEG


def make_ids(tenant: Tenant) -> dict[str, Sequence[Any]]:
    """Make one of each, and return their ids."""
    officer = make_actor(tenant, "compliance_officer")
    asset_id = assets.add_asset(
        actor=officer, values={"name": "Canary CBCT", "type_id": "AT-CBCT", "number": "CANARY-1", "site": "Canary site"}
    )
    party_id = flows.add_party(actor=officer, values={"name": "Canary laboratory", "kind": "laboratory"})
    flow_id = flows.add_flow(
        actor=officer,
        source=f"asset:{asset_id}",
        target=f"party:{party_id}",
        values={"channel_id": "EF-LAB", "label": "Canary volumes"},
    )
    devices.look_around(tenant_id=tenant.id)
    with tenant_scope(tenant.id):
        sightings = list(DeviceSighting.objects.order_by("id").values_list("id", flat=True))
    return {
        "asset_id": (asset_id,),
        "photo_id": (photos.add_photo(actor=officer, asset_id=asset_id, data=JPEG, caption="Canary sticker"),),
        "party_id": (party_id,),
        "flow_id": (flow_id,),
        "sighting_id": sightings[:1],
    }


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the open scope)."""
    return {
        "assets": list(Asset.objects.order_by("id").values_list("id", "updated_at", "map_x")),
        "photos": list(AssetPhoto.objects.order_by("id").values_list("id", "removed_at")),
        "parties": list(Party.objects.order_by("id").values_list("id", "updated_at")),
        "flows": list(DataFlow.objects.order_by("id").values_list("id", "updated_at")),
        "sightings": list(DeviceSighting.objects.order_by("id").values_list("id", "state")),
        "packs": list(PackChoice.objects.order_by("id").values_list("id", "is_active")),
    }
