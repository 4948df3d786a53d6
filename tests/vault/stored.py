"""Studies of a tenant as the vault sees them: a key each, and objects sealed under it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest

from accounts.models import Tenant
from common.actor import system_actor
from common.errors import UnavailableError
from common.ids import uuid7
from tests.vault.builders import make_content, stage
from vault import selectors, services, storage
from vault.services import barrier


@dataclass(frozen=True)
class Stored:
    """One study."""

    tenant_id: UUID
    key_id: UUID
    study_ref: UUID
    contents: dict[UUID, bytes]
    addresses: tuple[str, ...]

    def read(self) -> dict[UUID, bytes]:
        """Open everything of it."""
        return {blob_id: self._open(blob_id) for blob_id in self.contents}

    def _open(self, blob_id: UUID) -> bytes:
        return b"".join(selectors.open_object(tenant_id=self.tenant_id, blob_id=blob_id).stream())


def store(tenant: Tenant, name: str, sizes: Sequence[int] = (70_000, 3)) -> Stored:
    """Store a study of some objects."""
    key = services.key_for(tenant_id=tenant.id, name=name)
    contents = [make_content(size) + name.encode() for size in sizes]
    staged = [stage(storage.current(), key, content) for content in contents]
    services.commit(keys=[key], staged=staged)
    return Stored(
        tenant_id=tenant.id,
        key_id=key.id,
        study_ref=uuid7(),
        contents={item.id: content for item, content in zip(staged, contents, strict=True)},
        addresses=tuple(item.object_key for item in staged),
    )


def doom(*studies: Stored, rule: str = "default-10-years", reason: str = "deletion-run:1") -> None:
    """Queue studies of one tenant."""
    keys = [services.DoomedKey(study.key_id, study.study_ref, rule, reason) for study in studies]
    services.queue_destruction(actor=system_actor(studies[0].tenant_id), keys=keys)


def state_of(study: Stored) -> str:
    """Return how far its destruction is."""
    (found,) = selectors.list_destructions(tenant_id=study.tenant_id, key_ids=[study.key_id])
    return found.state


def stick(monkeypatch: pytest.MonkeyPatch, tenant: Tenant) -> None:
    """Run a barrier that ends after the epoch is destroyed, before any object is removed."""

    def away(**_words: object) -> None:
        raise UnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(barrier, "remove_objects", away)
        with pytest.raises(UnavailableError):
            services.run_barrier(tenant_id=tenant.id)
