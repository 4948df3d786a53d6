"""What lies in the store, for backups, checks and scrubs."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from common.scope import tenant_scope
from vault import tenants
from vault.models import Blob, TenantKek

_ROWS = 2000


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One sealed object: whose it is, where it lies, how many bytes it has there."""

    tenant_id: UUID
    object_key: str
    size_bytes: int


def live_objects() -> Iterator[StoredObject]:
    """Yield the live objects of all tenants, page after page, each page in a scope of its own."""
    for tenant_id in tenants.all_ids():
        after = UUID(int=0)
        while page := _page(tenant_id, after):
            yield from (StoredObject(tenant_id, key, size) for _, key, size in page)
            after = page[-1][0]


def _page(tenant_id: UUID, after: UUID) -> list[tuple[UUID, str, int]]:
    with tenant_scope(tenant_id):
        rows = Blob.objects.filter(tenant_id=tenant_id, state=Blob.State.LIVE, id__gt=after).order_by("id")
        return list(rows.values_list("id", "object_key", "cipher_size")[:_ROWS])


def keys_in_use(*, tenant_id: UUID) -> list[UUID]:
    """List the keys of a tenant that have live objects."""
    with tenant_scope(tenant_id):
        rows = Blob.objects.filter(tenant_id=tenant_id, state=Blob.State.LIVE)
        return list(rows.order_by("study_key_id").values_list("study_key_id", flat=True).distinct())


def active_epoch(*, tenant_id: UUID) -> int | None:
    """Return the number of a tenant's active epoch; None where nothing was ever stored."""
    with tenant_scope(tenant_id):
        rows = TenantKek.objects.filter(tenant_id=tenant_id, state=TenantKek.State.ACTIVE)
        epoch: int | None = rows.values_list("epoch", flat=True).first()
    return epoch
