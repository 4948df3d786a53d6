"""What a restored database has to be told: the destructions that it does not know of (SECURITY-DESIGN part 2, Restore).

The database may be older than barriers that were run since. For each key the row of the newest epoch counts, which the
manifest has; what it has a tombstone for is dropped, whatever the database says.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from common.clock import now
from common.errors import DomainError
from common.ids import NIL
from common.scope import tenant_scope
from vault import certificate, keyring, manifest, storage, watch
from vault.manifest import Manifest
from vault.models import Barrier, Blob, Destruction, StudyKey, TenantKek
from vault.services.removal import copy_address
from vault.sql import put_wrapped

_ROWS = 5000
StudyOf = Callable[[UUID], UUID | None]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was made good in the rows of one tenant.

    Parameters
    ----------
    renewed
        Keys that got what a later epoch wrapped.
    dropped
        Keys that were destroyed after the backup was made.
    lost
        Keys that nothing opens: neither a row nor the manifest has them under an epoch of the keyring.
    """

    renewed: int = 0
    dropped: int = 0
    lost: int = 0


def replay_destructions(*, tenant_id: UUID, study_of: StudyOf) -> Replayed:
    """Bring the keys of a restored database up to the newest manifest and the newest keyring; again changes nothing.

    Parameters
    ----------
    study_of
        Returns which study of the open tenant has a key: what a destruction is to name that left no certificate.

    Raises
    ------
    ManifestError
        If the manifest cannot be used; nothing is changed then.
    """
    newest = manifest.read(tenant_id)
    renewed = dropped = 0
    if newest is not None:
        with tenant_scope(tenant_id), transaction.atomic():
            _end_older_barriers(newest)
            dropped = _drop(newest, study_of)
            renewed = _renew(newest)
            _set_epochs(newest)
    watch.forget()
    return Replayed(renewed, dropped, _count_lost(tenant_id))


def _end_older_barriers(newest: Manifest) -> None:
    """Let no barrier go on that ended long ago: the backup was made while it was at work."""
    begun = Barrier.objects.filter(tenant_id=newest.tenant_id, to_epoch__lt=newest.epoch)
    begun.exclude(step=Barrier.Step.FINISHED).update(step=Barrier.Step.FINISHED, finished_at=now())


def _drop(newest: Manifest, study_of: StudyOf) -> int:
    rows = StudyKey.objects.filter(tenant_id=newest.tenant_id, wrapped__isnull=False)
    doomed = list(rows.filter(id__in=list(newest.tombstones)).values_list("id", flat=True))
    for key_id in doomed:
        _, at = newest.tombstones[key_id]
        StudyKey.objects.filter(id=key_id).update(wrapped=None, shredded_at=at, name=None)
    known = _certificates(newest.tenant_id, _uncertified(newest))
    for key_id, held in known.items():
        _write_destruction(newest, key_id, held, study_of)
    return len(doomed)


def _uncertified(newest: Manifest) -> list[UUID]:
    """List the destroyed keys that the database has no certificate of."""
    mine = StudyKey.objects.filter(tenant_id=newest.tenant_id, id__in=list(newest.tombstones))
    done = Destruction.objects.filter(tenant_id=newest.tenant_id, state=Destruction.State.CERTIFIED)
    return list(mine.exclude(id__in=done.values("study_key_id")).values_list("id", flat=True))


def _certificates(tenant_id: UUID, key_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    copies = {key_id: storage.backups().get(copy_address(tenant_id, key_id)) for key_id in key_ids}
    return {key_id: json.loads(data) if data else {} for key_id, data in copies.items()}


def _write_destruction(newest: Manifest, key_id: UUID, held: dict[str, Any], study_of: StudyOf) -> None:
    """Write the row of a destruction: with its certificate, or, where that was never signed, to be finished."""
    said = held.get("document")
    barrier = _barrier(newest, said)
    before = Destruction.objects.filter(tenant_id=newest.tenant_id, study_key_id=key_id).first()
    values: dict[str, Any] = {"barrier": barrier, "state": Destruction.State.BARRIER_DONE}
    if before is None:
        values |= {
            "study_ref": UUID(said["study"]) if said else study_of(key_id) or key_id,
            "rule": said["rule"] if said else "",
            "reason": said["reason"] if said else "restored",
            "requested_by": NIL,
            "requested_at": _instant(said["requested_at"]) if said else newest.tombstones[key_id][1],
        }
    if said:
        values |= {
            "state": Destruction.State.CERTIFIED,
            "objects_were": said["objects"],
            "objects_gone_at": _instant(said["objects_gone_at"]),
            "certified_at": _instant(said["issued_at"]),
            "certificate": certificate.canonical(said),
            "signature": certificate.signature_of(held),
        }
        blobs = Blob.objects.filter(tenant_id=newest.tenant_id, study_key_id=key_id)
        blobs.update(state=Blob.State.GONE, sha256=b"", head=b"")
    Destruction.objects.update_or_create(tenant_id=newest.tenant_id, study_key_id=key_id, defaults=values)


def _barrier(newest: Manifest, said: dict[str, Any] | None) -> Barrier:
    """Return the barrier that destroyed a key; one that left no certificate is finished by the next run."""
    former = said["epoch_destroyed"] if said else newest.epoch - 1
    after = said["epoch_after"] if said else newest.epoch
    gone = _instant(said["unreadable_since"]) if said else now()
    defaults: dict[str, Any] = {
        "to_epoch": after,
        "survivors": len(newest.keys),
        "step": Barrier.Step.FINISHED if said else Barrier.Step.REWRAPPED,
        "rewrapped_at": gone,
        "finished_at": _instant(said["issued_at"]) if said else None,
    }
    if said:
        defaults |= {
            "destroyed_at": gone,
            "irrecoverable_after": _instant(said["irrecoverable_after"]),
            "backups_expire_at": _instant(said["index_columns_expire_at"]),
        }
    found: Barrier = Barrier.objects.get_or_create(tenant_id=newest.tenant_id, from_epoch=former, defaults=defaults)[0]
    return found


def _renew(newest: Manifest) -> int:
    """Give each key the row of the manifest where that is of a later epoch."""
    older = StudyKey.objects.filter(tenant_id=newest.tenant_id, wrapped__isnull=False, epoch__lt=newest.epoch)
    ids = [key_id for key_id in older.values_list("id", flat=True) if key_id in newest.keys]
    rows = [(key_id.bytes, newest.keys[key_id][1]) for key_id in ids]
    for first in range(0, len(rows), _ROWS):
        put_wrapped(newest.tenant_id, newest.epoch, rows[first : first + _ROWS])
    return len(rows)


def _set_epochs(newest: Manifest) -> None:
    """Leave the epoch of the manifest active, unless the database knows a later one."""
    rows = TenantKek.objects.filter(tenant_id=newest.tenant_id)
    if rows.filter(epoch__gt=newest.epoch).exists():
        return
    older = rows.filter(epoch__lt=newest.epoch)
    ring = keyring.current()
    latest = older.order_by("-epoch").values_list("epoch", flat=True).first() or 0
    for row in older.exclude(state=TenantKek.State.DESTROYED):
        is_there = ring.has_epoch(newest.tenant_id, row.epoch)
        row.state = TenantKek.State.RETIRING if is_there else TenantKek.State.DESTROYED
        row.destroyed_at = None if is_there else now()
        row.save(update_fields=["state", "destroyed_at"])
    # One that began after the backup, and whose barrier was cut off, is for the next barrier to destroy.
    for epoch in range(latest + 1, newest.epoch):
        if ring.has_epoch(newest.tenant_id, epoch):
            _note_epoch(newest.tenant_id, epoch, TenantKek.State.RETIRING)
    _note_epoch(newest.tenant_id, newest.epoch, TenantKek.State.ACTIVE)


def _note_epoch(tenant_id: UUID, epoch: int, state: TenantKek.State) -> None:
    root = keyring.current().sealed_epoch(tenant_id, epoch).root
    TenantKek.objects.update_or_create(tenant_id=tenant_id, epoch=epoch, defaults={"root": root, "state": state})


def _count_lost(tenant_id: UUID) -> int:
    ring = keyring.current()
    with tenant_scope(tenant_id):
        rows = StudyKey.objects.filter(tenant_id=tenant_id, wrapped__isnull=False)
        epochs = set(rows.values_list("epoch", flat=True))
        gone = [epoch for epoch in epochs if not _opens(ring, tenant_id, epoch)]
        return int(rows.filter(epoch__in=gone).count()) if gone else 0


def _opens(ring: keyring.Keyring, tenant_id: UUID, epoch: int) -> bool:
    try:
        ring.epoch_key(tenant_id, epoch)
    except DomainError:
        return False
    return True


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
