"""Which packs a tenant works with; inside the tenant's scope."""

from compliance.models import PackChoice
from compliance.packs import library
from compliance.packs.library import Catalogue, Chosen


def active_choice() -> Chosen:
    """Return the packs that are on, with their versions: the tenant's word first, else the pack's default."""
    rows = PackChoice.objects.values_list("pack_id", "version", "is_active")
    decided = {pack_id: (version, is_active) for pack_id, version, is_active in rows}
    chosen = {pack_id: version for pack_id, version in library.default_choice() if pack_id not in decided}
    chosen |= {pack_id: version for pack_id, (version, is_active) in decided.items() if is_active}
    return tuple(sorted(chosen.items()))


def active() -> Catalogue:
    """Return everything that the packs of the tenant say."""
    return library.catalogue(active_choice())
