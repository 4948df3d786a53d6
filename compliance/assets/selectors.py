"""Reads of the inventory; inside the tenant's scope."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q

from common.clock import today
from compliance.assets.exchange import row_of
from compliance.errors import AssetNotFoundError
from compliance.models import Asset, AssetPhoto
from compliance.models.states import Ephi, Safeguard
from compliance.packs import selectors as packs

if TYPE_CHECKING:
    from compliance.models.asset import AssetQuerySet

SORTS = ("name", "number", "site", "-updated_at")
DEFAULT_SORT = "name"
OLD_CONFIRMATION = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """What to look for; `concern` names a finding (see `findings`)."""

    text: str = ""
    class_id: str = ""
    site: str = ""
    status: str = ""
    concern: str = ""


@dataclass(frozen=True, slots=True)
class AssetRef:
    """An asset as other parts know it."""

    id: UUID
    number: str
    name: str
    type_id: str
    class_id: str
    site: str
    status: str
    ephi: str
    ephi_volume_patients: int | None


def list_assets(
    wanted: AssetFilter | None = None,
    *,
    sort: str = DEFAULT_SORT,
    after_id: UUID | None = None,
    limit: int | None = None,
) -> list[Asset]:
    """List assets in an order, from the one after another on (keyset)."""
    column = sort.removeprefix("-")
    found = _matching(wanted or AssetFilter())
    last = found.filter(id=after_id).values_list(column, flat=True).first() if after_id else None
    if last is not None:
        way = "lt" if sort.startswith("-") else "gt"
        found = found.filter(Q(**{f"{column}__{way}": last}) | Q(**{column: last, f"id__{way}": after_id}))
    return list(found.order_by(sort, "-id" if sort.startswith("-") else "id")[:limit])


def list_printed() -> list[dict[str, str]]:
    """List assets as documents print them: every fact as text, and under ``type`` the name of the type."""
    types = packs.active().asset_types
    return [
        {**row_of(asset), "type": types[asset.type_id].name if asset.type_id in types else asset.type_id}
        for asset in list_assets()
    ]


def list_disposed() -> list[Asset]:
    """List what was disposed of."""
    return list(Asset.objects.filter(status=Asset.Status.DISPOSED).order_by("number"))


def count_assets(wanted: AssetFilter | None = None) -> int:
    """Count assets."""
    return _matching(wanted or AssetFilter()).count()


def _matching(wanted: AssetFilter) -> "AssetQuerySet":
    found: AssetQuerySet = Asset.objects.all()
    for word in wanted.text.split():
        found = found.filter(_mentions(word))
    if wanted.class_id:
        types = packs.active().asset_types.values()
        found = found.filter(type_id__in=[kind.id for kind in types if kind.class_id == wanted.class_id])
    if wanted.site:
        found = found.filter(site=wanted.site)
    found = found.filter(status=wanted.status) if wanted.status else found.present()
    return _with_concern(found, wanted.concern)


def _mentions(word: str) -> Q:
    columns = ("name", "number", "vendor", "model", "serial", "hostname", "ae_title", "owner", "operating_system")
    mention = Q()
    for column in columns:
        mention |= Q(**{f"{column}__icontains": word})
    return mention


def _with_concern(found: "AssetQuerySet", concern: str) -> "AssetQuerySet":
    condition = _concerns().get(concern)
    return found if condition is None else found.filter(condition)


def _concerns() -> dict[str, Q]:
    """Return what `findings` sees, as conditions."""
    a_year_ago = dt.datetime.combine(today() - OLD_CONFIRMATION, dt.time(), tzinfo=dt.UTC)
    return {
        "unsupported": Q(os_support_end_date__lt=today()),
        "unencrypted": Q(encryption_at_rest__in=[Safeguard.NO, Safeguard.PARTLY], ephi=Ephi.STORED),
        "shared": Q(shared_login__in=[Safeguard.YES, Safeguard.PARTLY]),
        "ownerless": Q(owner=""),
        "unconfirmed": Q(verified_at=None) | Q(verified_at__lt=a_year_ago),
    }


def count_concerns() -> dict[str, int]:
    """Count the assets with each weakness, in one query."""
    counts = {code: Count("id", filter=condition) for code, condition in _concerns().items()}
    found: dict[str, int] = Asset.objects.present().aggregate(**counts)
    return found


def get_asset(asset_id: UUID) -> Asset:
    """Return one asset, or raise."""
    row: Asset | None = Asset.objects.filter(id=asset_id).first()
    if row is None:
        raise AssetNotFoundError()
    return row


def get_photo(photo_id: UUID) -> AssetPhoto:
    """Return one photo that was not removed, or raise."""
    row: AssetPhoto | None = AssetPhoto.objects.select_related("asset").filter(id=photo_id, removed_at=None).first()
    if row is None:
        raise AssetNotFoundError()
    return row


def list_photos(asset_id: UUID) -> list[AssetPhoto]:
    """List the photos of an asset in the order in which they were added."""
    return list(AssetPhoto.objects.filter(asset_id=asset_id, removed_at=None).order_by("id"))


def list_sites() -> list[str]:
    """List the sites that occur in the inventory."""
    found = Asset.objects.exclude(site="").order_by("site").values_list("site", flat=True)
    return list(found.distinct())


def list_refs(*, with_disposed: bool = False) -> list[AssetRef]:
    """List the assets by name, as other parts know them."""
    types = packs.active().asset_types
    found = Asset.objects.all() if with_disposed else Asset.objects.present()
    columns = ("id", "number", "name", "type_id", "site", "status", "ephi", "ephi_volume_patients")
    return [
        AssetRef(class_id=kind.class_id if (kind := types.get(row["type_id"])) else "", **row)
        for row in found.order_by("name", "id").values(*columns)
    ]


def assets_for_analysis() -> list[AssetRef]:
    """List what an analysis looks at: everything that was not disposed of."""
    return list_refs()
