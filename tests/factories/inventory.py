"""Inventories of every size."""

from itertools import count
from typing import Any
from uuid import UUID

from common.actor import Actor
from common.scope import tenant_scope
from compliance.assets import services
from compliance.models import Asset

_numbers = count(1)
# The smallest pictures that are what they say.
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF picture"
PNG = b"\x89PNG\r\n\x1a\n picture"


def add_asset(actor: Actor, name: str = "", type_id: str = "AT-CAPWS", **values: Any) -> UUID:
    """Write an asset into the inventory as a person does."""
    given = {"name": name or f"Asset {next(_numbers)}", "type_id": type_id, **values}
    return services.add_asset(actor=actor, values=given)


def make_assets(tenant_id: UUID, many: int, **columns: Any) -> None:
    """Create many assets as rows."""
    with tenant_scope(tenant_id):
        Asset.objects.bulk_create(
            Asset(
                tenant_id=tenant_id,
                number=f"B-{number:05}",
                name=f"Workstation {number:05}",
                **{"type_id": "AT-CAPWS", "ephi": "stored", "owner": "Dr. Rivera", **columns},
            )
            for number in range(many)
        )


def get_asset(tenant_id: UUID, asset_id: UUID) -> Asset:
    """Return the row of an asset."""
    with tenant_scope(tenant_id):
        row: Asset = Asset.objects.get(id=asset_id)
    return row
