"""The shred barrier: the end of an epoch, in five steps (SECURITY-DESIGN part 2).

1. the key of the next epoch, durably in the keyring;
2. in one transaction, with the epoch held against writers: all keys that survive wrapped by the next epoch, those that
   were queued without a wrapped key any more, the next epoch active;
3. the manifest of the surviving keys and of all tombstones, in the backup store;
4. no row names the old epoch: its key destroyed, first in the escrow, then in the keyring, and every process told;
5. the objects removed with all versions, their absence confirmed, a certificate signed for each key.

Whatever happens between two steps: the next run goes on where the last one ended. A barrier that was begun is finished
before the next begins.
"""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit import services as audit
from common import logs
from common.actor import system_actor
from common.clock import now
from common.crashpoint import crashpoint
from common.errors import ConflictError, DomainError
from common.scope import tenant_scope
from vault import escrow, exclusive, keyring, manifest, tenants, watch
from vault.errors import BarrierRefusedError
from vault.models import Barrier, Destruction, StudyKey, TenantKek
from vault.services.keys import create_tenant_keyring
from vault.services.removal import certify, remove_objects
from vault.sql import WrappedRow, put_wrapped, truncate_log, wrapped_before

log = logs.get("vault")
# What packages above do after a barrier: a backup that is made before they have done it holds index columns still.
ROWS_GO_WITHIN = dt.timedelta(days=1)
_ROWS = 5000
# How many numbers a new epoch may have to skip: keys that a crash left, under another root.
_SPARE = 8


def run_barriers() -> int:
    """Run a barrier for every tenant that needs one, then look after the escrow (hourly); return how many were run.

    A tenant whose barrier cannot be run, because its own root key is withdrawn perhaps, keeps no other one waiting.
    """
    done = 0
    for tenant_id in tenants.all_ids():
        try:
            done += run_barrier(tenant_id=tenant_id)
        except DomainError as error:
            log.error("barrier.stopped", tenant_id=str(tenant_id), code=error.code)
    escrow.refresh()
    return done


def run_barrier(*, tenant_id: UUID) -> bool:
    """Destroy what is queued for a tenant; say whether there was anything to do. It may be run again at any time.

    Where another process is at it already, nothing is done.

    Raises
    ------
    BarrierRefusedError
        If a row still names the epoch that is to be destroyed.
    UnavailableError, StorageFullError, KeyringError
        If a store does not do its part; the next run goes on from there.
    """
    with exclusive.barrier_of(tenant_id) as is_mine:
        if not is_mine:
            return False
        was_begun = _finish(tenant_id)
        barrier = _begin(tenant_id, root=None) if _is_wanted(tenant_id) else None
        if barrier is not None:
            crashpoint("barrier.rewrapped")
            _finish(tenant_id)
    return was_begun or barrier is not None


def change_root(*, tenant_id: UUID, root: str) -> None:
    """Wrap all keys of a tenant by an epoch under another root key, and destroy the epoch before.

    Parameters
    ----------
    root
        URL of the tenant's own root key, or nothing for that of the deployment.

    Raises
    ------
    KeyringError, KeyWithdrawnError
        If the present or the new root key cannot be used; nothing is changed then.
    ConflictError
        If a barrier is at work.
    """
    with exclusive.barrier_of(tenant_id) as is_mine:
        if not is_mine:
            raise ConflictError("A barrier of this tenant is at work; try again in a minute.")
        create_tenant_keyring(tenant_id)
        _finish(tenant_id)
        _begin(tenant_id, root=root)
        _finish(tenant_id)


# --- steps 1 and 2 ----------------------------------------------------------------------------------------------------


def _is_wanted(tenant_id: UUID) -> bool:
    with tenant_scope(tenant_id):
        return bool(Destruction.objects.filter(tenant_id=tenant_id, state=Destruction.State.QUEUED).exists())


def _begin(tenant_id: UUID, *, root: str | None) -> Barrier | None:
    """Do the first two steps; None where another process was quicker, or everything was withdrawn meanwhile."""
    with tenant_scope(tenant_id):
        active = TenantKek.objects.filter(tenant_id=tenant_id, state=TenantKek.State.ACTIVE).first()
    if active is None:
        return None
    new_root = active.root if root is None else root
    epoch = _create_epoch(tenant_id, active.epoch + 1, new_root)
    crashpoint("barrier.epoch-created")
    return _rewrap(tenant_id, active.epoch, epoch, new_root, is_forced=root is not None)


def _create_epoch(tenant_id: UUID, first: int, root: str) -> int:
    """Make the key of the next epoch; one that a crash left under another root is passed over."""
    ring = keyring.current()
    for epoch in range(first, first + _SPARE):
        ring.create_epoch(tenant_id, epoch, root=root)
        if ring.sealed_epoch(tenant_id, epoch).root == root:
            return epoch
    raise BarrierRefusedError("The keyring has {count} epochs that no row knows.", count=_SPARE)


def _rewrap(tenant_id: UUID, former: int, epoch: int, root: str, *, is_forced: bool) -> Barrier | None:
    with tenant_scope(tenant_id), transaction.atomic():
        active = TenantKek.objects.select_for_update().get(tenant_id=tenant_id, state=TenantKek.State.ACTIVE)
        queued = Destruction.objects.select_for_update().filter(tenant_id=tenant_id, state=Destruction.State.QUEUED)
        doomed = dict(queued.order_by("id").values_list("study_key_id", "id"))
        if active.epoch != former or not (doomed or is_forced):
            return None
        StudyKey.objects.filter(tenant_id=tenant_id, id__in=list(doomed)).update(
            wrapped=None, shredded_at=now(), name=None
        )
        survivors = sum(_put(tenant_id, epoch, rows) for rows in _surviving(tenant_id, epoch))
        TenantKek.objects.filter(id=active.id).update(state=TenantKek.State.RETIRING)
        TenantKek.objects.create(tenant_id=tenant_id, epoch=epoch, root=root)
        barrier: Barrier = Barrier.objects.create(
            tenant_id=tenant_id, from_epoch=former, to_epoch=epoch, survivors=survivors
        )
        Destruction.objects.filter(id__in=list(doomed.values())).update(
            state=Destruction.State.BARRIER_BEGUN, barrier=barrier
        )
        audit.record(
            actor=system_actor(tenant_id),
            action="key.epoch-changed",
            subject_id=barrier.id,
            detail={
                "from": former,
                "to": epoch,
                "survivors": survivors,
                "destroyed": len(doomed),
                "root": root.partition(":")[0] or "deployment",
            },
        )
    return barrier


def _surviving(tenant_id: UUID, epoch: int) -> Iterator[list[WrappedRow]]:
    after = bytes(16)
    while page := wrapped_before(tenant_id, epoch, after=after, count=_ROWS):
        yield page
        after = page[-1][0]


def _put(tenant_id: UUID, epoch: int, rows: list[WrappedRow]) -> int:
    ring = keyring.current()
    later = ring.epoch_key(tenant_id, epoch)
    wrapped: list[tuple[bytes, bytes]] = []
    # All of one epoch, but where a restored backup brought back rows of several.
    for number in {row[1] for row in rows}:
        former = ((key_id, data) for key_id, of, data in rows if of == number)
        key = ring.epoch_key(tenant_id, number)
        wrapped += key.rewrap(former, later, tenant_id=tenant_id, epochs=(number, epoch))
    if put_wrapped(tenant_id, epoch, wrapped) != len(rows):
        raise BarrierRefusedError("A key vanished while it was wrapped anew.")
    return len(rows)


# --- steps 3 to 5 -----------------------------------------------------------------------------------------------------


def _finish(tenant_id: UUID) -> bool:
    """Do the steps that are left of a barrier that was begun; say whether there was one."""
    with tenant_scope(tenant_id):
        barrier = Barrier.objects.filter(tenant_id=tenant_id).exclude(step=Barrier.Step.FINISHED).first()
    if barrier is None:
        return False
    if barrier.step == Barrier.Step.REWRAPPED:
        manifest.write(tenant_id, barrier.to_epoch)
        _note(barrier, Barrier.Step.MANIFESTED)
        crashpoint("barrier.manifested")
    if barrier.step == Barrier.Step.MANIFESTED:
        _destroy_epochs(barrier)
        crashpoint("barrier.key-destroyed")
    # Again after a crash: whoever missed the message keeps keys for minutes.
    keyring.current().announce()
    watch.forget()
    truncate_log()
    unfinished = _unfinished(barrier)
    remove_objects(tenant_id=tenant_id, destruction_ids=unfinished)
    certify(tenant_id=tenant_id, destruction_ids=unfinished)
    _note(barrier, Barrier.Step.FINISHED, finished_at=now())
    truncate_log()
    return True


def _note(barrier: Barrier, step: Barrier.Step, **changes: dt.datetime | None) -> None:
    with tenant_scope(barrier.tenant_id):
        Barrier.objects.filter(id=barrier.id).exclude(step=Barrier.Step.FINISHED).update(step=step, **changes)
    barrier.step = step


def _destroy_epochs(barrier: Barrier) -> None:
    """Destroy the epoch that ended, and earlier ones that a restored backup brought back; nothing may name them."""
    tenant_id = barrier.tenant_id
    with tenant_scope(tenant_id):
        if StudyKey.objects.filter(tenant_id=tenant_id, epoch__lt=barrier.to_epoch, wrapped__isnull=False).exists():
            raise BarrierRefusedError("A key still names an epoch that is to be destroyed.")
        ended = TenantKek.objects.filter(tenant_id=tenant_id, state=TenantKek.State.RETIRING)
        epochs = list(ended.order_by("epoch").values_list("epoch", flat=True))
    escrow.refresh(without=[(tenant_id, epoch) for epoch in epochs])
    crashpoint("barrier.escrow-replaced")
    for epoch in epochs:
        keyring.current().destroy_epoch(tenant_id, epoch)
    crashpoint("barrier.key-removed")
    _note_destroyed(barrier, epochs)


def _note_destroyed(barrier: Barrier, epochs: list[int]) -> None:
    moment = now()
    kept = escrow.KEPT if escrow.is_arranged() else dt.timedelta(0)
    with tenant_scope(barrier.tenant_id), transaction.atomic():
        TenantKek.objects.filter(tenant_id=barrier.tenant_id, epoch__in=epochs).update(
            state=TenantKek.State.DESTROYED, destroyed_at=moment
        )
        mine = Destruction.objects.filter(tenant_id=barrier.tenant_id, barrier=barrier)
        mine.filter(state=Destruction.State.BARRIER_BEGUN).update(state=Destruction.State.BARRIER_DONE)
        audit.record(
            actor=system_actor(barrier.tenant_id),
            action="key.epoch-destroyed",
            subject_id=barrier.id,
            detail={"epochs": [str(epoch) for epoch in epochs], "keys": mine.count()},
        )
        _note(
            barrier,
            Barrier.Step.KEY_DESTROYED,
            destroyed_at=moment,
            irrecoverable_after=moment + kept,
            backups_expire_at=moment + ROWS_GO_WITHIN + dt.timedelta(days=settings.BITEWING_BACKUP_KEEP_DAYS),
        )


def _unfinished(barrier: Barrier) -> list[UUID]:
    with tenant_scope(barrier.tenant_id):
        rows = Destruction.objects.filter(tenant_id=barrier.tenant_id, barrier=barrier)
        return list(rows.exclude(state=Destruction.State.CERTIFIED).order_by("id").values_list("id", flat=True))
