"""Objects, keys and backups, as the store and the keyring really have them."""

from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from common import disks
from compliance.evidence import activities
from compliance.evidence.arithmetic import counted, days_since, hours_since, share
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from compliance.models import Activity, Verdict
from vault import backup_log, figures

SAMPLE: Final = 100
COPY_DAYS: Final = 35


@probe("P-ENC-REST")
def encryption_at_rest(tenant_id: UUID) -> Measured:
    """Look at real objects in the store, and at the disk under the database.

    Objects that are not sealed fail. A disk that cannot be seen, or is not encrypted, leaves the index columns of the
    database (names, dates) in plain: nearly on target, and said so.
    """
    sample = figures.sample_objects(tenant_id=tenant_id, limit=SAMPLE)
    if sample.looked_at == 0:
        raise UnmeasurableError("Nothing is stored yet.")
    if sample.not_sealed:
        return Measured(
            value=False, detail=f"{sample.not_sealed} of the newest {sample.looked_at} objects are not sealed."
        )
    objects = f"The newest {counted(sample.looked_at, 'object is', 'objects are')} sealed with AES-256."
    if _database_disk() is True:
        return Measured(value=True, detail=f"{objects} The database lies on an encrypted disk.")
    disk = "is not encrypted" if _database_disk() is False else "cannot be seen from here"
    return Measured(
        value=True,
        detail=f"{objects} The disk under the database {disk}; it holds names and dates.",
        verdict=Verdict.NEAR,
    )


def _database_disk() -> bool | None:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return None
    return disks.is_encrypted(Path(settings.BITEWING_DATA_DIR))


@probe("P-OPS-STUCK")
def lost_objects(tenant_id: UUID) -> Measured:
    """Count the objects of a sample that the store no longer has."""
    sample = figures.sample_objects(tenant_id=tenant_id, limit=SAMPLE)
    return Measured(
        sample.missing, f"{sample.missing} of the newest {counted(sample.looked_at, 'object', 'objects')} missing."
    )


@probe("P-HASH-PCT")
def share_with_digest(_tenant_id: UUID) -> Measured:
    """Say which share of the objects has a SHA-256."""
    found = figures.fixity()
    value = share(found.with_digest, found.objects, of_what="stored objects")
    return Measured(value, f"{found.with_digest} of {found.objects} objects have a SHA-256.")


@probe("P-HASH")
def days_since_full_check(_tenant_id: UUID) -> Measured:
    """Return the days since the object that waits longest was last read and compared."""
    found = figures.fixity()
    if found.oldest_check_at is None:
        raise UnmeasurableError("Nothing is stored yet.")
    return Measured(
        days_since(found.oldest_check_at),
        f"The longest unchecked of {found.objects} objects was written or verified on {found.oldest_check_at.date()}.",
    )


@probe("P-KEY-ROT")
def days_since_rotation(_tenant_id: UUID) -> Measured:
    """Return the age of the active key epoch."""
    since = figures.active_epoch_since()
    if since is None:
        raise UnmeasurableError("Nothing is stored yet, hence there is no key.")
    return Measured(days_since(since), f"The active key epoch began on {since.date()}.")


@probe("P-OPS-KEYRING")
def keyring_opens(tenant_id: UUID) -> Measured:
    """Open every epoch of the tenant with the root key."""
    lost = figures.epochs_without_key(tenant_id)
    return Measured(
        not lost, f"Epochs without a key: {', '.join(map(str, lost))}." if lost else "Every key epoch opens."
    )


@probe("P-BACKUP-AGE")
def hours_since_backup(_tenant_id: UUID) -> Measured:
    """Return the age of the last backup, and say when one was last restored into scratch with what result."""
    run = backup_log.last()
    if run is None:
        return Measured(None, "No backup was made with `manage.py backup create`.")
    place = "on another disk" if run.is_elsewhere else "on the same disk as the data"
    return Measured(
        hours_since(run.at),
        f"{counted(run.files, 'file', 'files')} {place}, written on {run.at:%Y-%m-%d %H:%M} UTC. {_last_test()}",
    )


def _last_test() -> str:
    tests = backup_log.list_tests()
    if not tests:
        return "None was restored into a scratch place yet."
    test = tests[-1]
    outcome = "everything came back" if test.is_sound else "not everything came back"
    return f"On {test.at:%Y-%m-%d} one was restored into a scratch place: {outcome}; signed report {test.report}."


@probe("P-BACKUP-ENC")
def backups_encrypted(_tenant_id: UUID) -> Measured:
    """Say whether the last backup is sealed: its database is, as its objects are, and the keyring is no part of it."""
    run = backup_log.last()
    if run is None:
        return Measured(None, "There is no backup.")
    if run.is_encrypted is None:
        raise UnmeasurableError("Nobody can tell whether the last backup is encrypted.")
    return Measured(run.is_encrypted, f"The last backup is {'' if run.is_encrypted else 'not '}sealed with AES-256.")


@probe("P-BACKUP-IMMUT")
def immutable_copy(_tenant_id: UUID) -> Measured:
    """Say whether somebody recorded lately that an offline or immutable copy exists."""
    found = activities.last(Activity.Kind.IMMUTABLE_COPY)
    if found is None:
        return Measured(value=False, detail="No offline or immutable copy was recorded.")
    is_fresh = days_since(found.performed_date) <= COPY_DAYS
    return Measured(is_fresh, f"Last recorded on {found.performed_date}.")
