"""Series handed to another study: their objects and headers are sealed under its key, and open by no other.

The objects are copied before the transaction that hands them over, so that a process which dies leaves either nothing
but copies that no row knows, which the sweep removes, or all of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from outbox import services as outbox
from pacs import headers
from pacs.events import SeriesMoved, SeriesReceived
from pacs.models import Instance, Series, Study
from pacs.selectors import InstanceRef
from vault import selectors as vault_selectors
from vault import services as vault
from vault.keys_of_studies import KeyHandle
from vault.writer import StagedObject

_ROWS = 50
_DERIVED = ("metadata_blob_id", "preview_blob_id", "half_blob_id", "thumbnail_blob_id")


class Copies:
    """The objects of instances, sealed under another key; what was not handed over is removed at the end."""

    def __init__(self, key: KeyHandle) -> None:
        self._key = key
        self._staged: dict[UUID, StagedObject] = {}
        self._is_used = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None or not self._is_used:
            vault.discard(list(self._staged.values()), after=error)

    def make(self, instances: Sequence[InstanceRef]) -> None:
        """Copy the objects that are not copied yet, and make them durable."""
        fresh = {
            instance.id: vault.copy_object(instance.blob, key=self._key)
            for instance in instances
            if instance.id not in self._staged
        }
        self._staged |= fresh
        vault.sync(list(fresh.values()))

    def take(self, instances: Sequence[InstanceRef]) -> dict[UUID, StagedObject]:
        """Return the copies of some instances, which are committed with the caller's transaction."""
        self.make(instances)
        self._is_used = True
        return {instance.id: self._staged[instance.id] for instance in instances}


def unseal_original(instance: InstanceRef) -> dict[str, Any]:
    """Return the header of an instance as the file has it, whatever it is served under."""
    return headers.unseal(replace(instance, overlay=None))


def hand_over(instances: Sequence[InstanceRef], *, former: Study, study: Study, key: KeyHandle, copies: Copies) -> None:
    """Give all instances of some series to another study, in the caller's transaction and under its settled key.

    What was prepared of them is made anew. The caller holds the locks of both studies.
    """
    staged = copies.take(instances)
    vault.commit_objects(tenant_id=study.tenant_id, staged=list(staged.values()), keys={key.name or "": key})
    rows = [
        Instance(
            id=instance.id,
            tenant_id=study.tenant_id,
            study_id=study.id,
            blob_id=staged[instance.id].id,
            header=_sealed_anew(instance, key),
        )
        for instance in instances
    ]
    Instance.objects.bulk_update(rows, ["study", "blob_id", "header"], batch_size=_ROWS)
    ids = sorted({instance.series_id for instance in instances})
    derived = Series.objects.filter(id__in=ids).values_list(*_DERIVED)
    doomed = [blob_id for row in derived for blob_id in row if blob_id] + [one.blob.id for one in instances]
    Series.objects.filter(id__in=ids).update(
        study_id=study.id, layout=None, scene=None, prepared_instances=0, **dict.fromkeys(_DERIVED)
    )
    vault.hand_over(tenant_id=study.tenant_id, blob_ids=doomed, key_id=key.id)
    for series_id in ids:
        moved = SeriesMoved(tenant_id=study.tenant_id, series_id=series_id, study_id=study.id, former_id=former.id)
        outbox.publish(moved, SeriesReceived(tenant_id=study.tenant_id, series_id=series_id))


def _sealed_anew(instance: InstanceRef, key: KeyHandle) -> bytes:
    text = vault_selectors.open_small(
        tenant_id=instance.blob.tenant_id, key_id=instance.key_id, label=headers.LABEL, sealed=instance.sealed_header
    )
    return vault.seal_small(key=key, label=headers.LABEL, data=text)
