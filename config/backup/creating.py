"""`backup create`: objects, database, objects that came meanwhile; then manifests, escrow and the signed description.

An object that arrives while the database is copied is a sweepable orphan in the copy; a row without its object would be
a loss, hence objects are copied before and after.
"""

import datetime as dt
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings

from audit import selectors as audit_log
from common import disks
from common.clock import now
from common.ids import uuid7
from common.scope import tenant_scope
from config.backup import database, objects, sets
from config.backup.sets import BackupSet
from vault import backup_log, escrow, exclusive, manifest, recovery, storage, tenants
from vault import selectors as vault_selectors
from vault.selectors import StoredObject

# What is younger may belong to a backup that is being made.
_UNDER_WAY = dt.timedelta(hours=24)
UNRECOVERABLE = (
    "There are no recovery recipients: this backup helps only while the keyring and the root key are there. "
    "Make two recovery keys with `manage.py backup keys`, and keep them apart from the portal."
)


def create() -> list[str]:
    """Make a backup and say what it holds.

    Raises
    ------
    UnavailableError, StorageFullError
        If the database or a store does not do its part; nothing half-made is listed then, and old ones expire all the
        same.
    """
    try:
        made = _make()
    finally:
        expired = expire()
    _note(made)
    size = made.database.plain_size
    told = [
        f"backup {made.id}: database of {size} bytes, {made.objects} objects of {made.object_bytes} bytes",
        f"{expired} older backups expired",
    ]
    return told if recovery.recipients() else [*told, UNRECOVERABLE]


def _make() -> BackupSet:
    set_id, began = uuid7(), now()
    key, wrapped, recoverable = sets.fresh_key(set_id)
    copied: dict[str, StoredObject] = {}
    objects.copy_new(copied)
    with database.dumped() as blocks:
        dump = sets.write_archive(key, blocks)
    objects.copy_new(copied)
    made = BackupSet(
        id=set_id,
        created_at=began,
        engine=database.engine(),
        objects=len(copied),
        object_bytes=sum(item.size_bytes for item in copied.values()),
        database=dump,
        inventory=sets.write_archive(key, objects.inventory(copied.values())),
        wrapped=wrapped,
        recoverable=recoverable,
        checkpoints=_checkpoints(),
    )
    _write_manifests()
    escrow.refresh()
    sets.write(made)
    return made


def expire() -> int:
    """Remove backups that are older than what is kept, and copies of objects that no backup has; keep the newest."""
    before = now() - dt.timedelta(days=settings.BITEWING_BACKUP_KEEP_DAYS)
    kept = [sets.read(set_id) for set_id in sets.list_ids()]
    expired = [made for made in kept[:-1] if made.created_at < before]
    for made in expired:
        sets.remove(made)
    if expired:
        _remove_unlisted([made for made in kept if made not in expired])
    return len(expired)


def _remove_unlisted(kept: list[BackupSet]) -> None:
    listed = {archive.object_key for made in kept for archive in (made.database, made.inventory)}
    for made in kept:
        key = sets.key_of(made, recovery_key=None)
        listed.update(item.object_key for item in objects.parse_inventory(sets.read_archive(made, made.inventory, key)))
    store, before = storage.backups(), now() - _UNDER_WAY
    old = (entry.key for entry in store.entries() if entry.modified_at < before)
    store.delete([key for key in old if key not in listed])


def _write_manifests() -> None:
    """Write the manifests anew: keys that were born since the last barrier are in them too."""
    for tenant_id in tenants.all_ids():
        with exclusive.barrier_of(tenant_id) as is_mine:
            epoch = vault_selectors.active_epoch(tenant_id=tenant_id)
            if is_mine and epoch is not None:
                manifest.write(tenant_id, epoch)


def _checkpoints() -> dict[str, str]:
    """Return what the audit logs had grown to: a restored log must still contain it."""
    return {str(tenant_id): note for tenant_id in tenants.all_ids() if (note := _checkpoint(tenant_id))}


def _checkpoint(tenant_id: UUID) -> str | None:
    with tenant_scope(tenant_id):
        return audit_log.latest_checkpoint()


def _note(made: BackupSet) -> None:
    place = urlsplit(settings.BITEWING_BACKUP_URL)
    folder = Path(unquote(place.path)) if place.scheme == "file" else None
    backup_log.note(
        files=made.objects + 2,
        # Archives and objects are sealed, whatever the disk is.
        is_encrypted=True,
        is_elsewhere=folder is None or disks.is_other_disk(folder, Path(settings.BITEWING_DATA_DIR)),
    )
