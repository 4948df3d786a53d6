"""Data keys of studies while they are used: handles for writers, and a cache for readers."""

from dataclasses import dataclass
from uuid import UUID

from vault.cache import ExpiringCache
from vault.keys import DataKey

_cache: ExpiringCache[tuple[UUID, UUID], DataKey] = ExpiringCache(size=4096)


@dataclass(frozen=True, slots=True)
class KeyHandle:
    """A data key ready for sealing.

    `is_new` says that it was made in memory and has no row yet. `services.settle_keys` returns settled handles: their
    rows exist in the open transaction, and `lost` is the fresh key that another process was quicker than.
    """

    id: UUID
    tenant_id: UUID
    name: str | None
    kind: str
    key: DataKey
    is_new: bool = False
    is_settled: bool = False
    lost: "KeyHandle | None" = None


def cached(tenant_id: UUID, key_id: UUID) -> DataKey | None:
    """Return a key that this process opened a short while ago."""
    return _cache.get((tenant_id, key_id))


def keep(tenant_id: UUID, key_id: UUID, key: DataKey, *, until: float | None = None) -> None:
    """Keep an opened key for a short while, no longer than the key that opened it."""
    _cache.put((tenant_id, key_id), key, until=until)


def drop(tenant_id: UUID, key_id: UUID) -> None:
    """Forget a key that is being destroyed."""
    _cache.drop((tenant_id, key_id))


def expire() -> None:
    """Forget keys that are over their time."""
    _cache.expire()


def forget() -> None:
    """Forget all keys."""
    _cache.clear()
