"""`backup restore`: database, objects and keys back, then the destructions that came after the backup."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.core.management import call_command
from django.db import connections

from common.actor import system_actor
from common.crashpoint import crashpoint
from config.backup import database, objects, sets
from pacs import selectors as pacs_selectors
from pacs import services as pacs
from vault import escrow, keyring, selectors, tenants
from vault import services as vault
from vault.recovery import RecoveryKey


def restore(*, set_id: UUID | None, recovery_key: Path | None, is_confirmed: bool) -> list[str]:
    """Put a backup in the place of the deployment, the newest where none is named.

    Run again after a kill it does what is left.

    Parameters
    ----------
    recovery_key
        File of a recovery key, where the keyring is lost: the escrow gives it back.
    is_confirmed
        Whether a database that is there is to be replaced; it is kept beside.

    Raises
    ------
    BackupMissingError, BackupDamagedError, BackupSealedError, DatabaseExistsError, DatabaseInUseError
        If the backup cannot be had, or must not be put there.
    """
    holder = RecoveryKey.read(recovery_key) if recovery_key else None
    made = sets.read(set_id, is_trusted=holder is not None)
    key = sets.key_of(made, recovery_key=holder)
    database.require_replaceable(is_confirmed=is_confirmed)
    told = [f"backup {made.id} of {made.created_at:%Y-%m-%d %H:%M} UTC"]
    if holder is not None:
        held = escrow.open_with(holder)
        escrow.put_back(held)
        told.append(f"{len(held.keys)} epochs came back from the escrow of {held.made_at:%Y-%m-%d %H:%M} UTC")
        crashpoint("restore.keys-back")
    back, missing = objects.bring_back(objects.parse_inventory(sets.read_archive(made, made.inventory, key)))
    told.append(f"{back} objects are there, {len(missing)} are in no store")
    crashpoint("restore.objects-back")
    told += database.load(sets.read_archive(made, made.database, key))
    crashpoint("restore.database-back")
    return told + settle()


def settle() -> list[str]:
    """Bring a restored database up to this version of the portal, and up to the newest keys."""
    connections.close_all()
    call_command("migrate", verbosity=0, interactive=False)
    found = {tenant_id: replay(tenant_id) for tenant_id in tenants.all_ids()}
    crashpoint("restore.replayed")
    for tenant_id in found:
        _remove_destroyed(tenant_id)
    keyring.current().announce()
    return [_told(found.values())]


def replay(tenant_id: UUID) -> vault.Replayed:
    """Bring the keys of a restored tenant up to the newest ones."""
    actor = system_actor(tenant_id)

    def study_of(key_id: UUID) -> UUID | None:
        studies = pacs_selectors.visible_studies(actor) | pacs_selectors.binned_studies(actor)
        return studies.filter(key_id=key_id).values_list("id", flat=True).first()

    return vault.replay_destructions(tenant_id=tenant_id, study_of=study_of)


def _told(found: Iterable[vault.Replayed]) -> str:
    all_of_them = list(found)
    renewed, dropped, lost = (sum(getattr(one, name) for one in all_of_them) for name in ("renewed", "dropped", "lost"))
    return f"{renewed} keys brought up to date, {dropped} destroyed ones dropped, {lost} that nothing opens"


def _remove_destroyed(tenant_id: UUID) -> None:
    """Remove the rows of studies that were destroyed after the backup was made."""
    for found in selectors.list_destructions(tenant_id=tenant_id):
        if not found.can_be_withdrawn:
            pacs.destroy_study(actor=system_actor(tenant_id), study_id=found.study_ref)
