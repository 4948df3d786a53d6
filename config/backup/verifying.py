"""`backup verify`: a backup restored into a scratch place, looked at from all sides, and a signed report of it.

The scratch deployment is a process of its own with a database of its own. Its store of objects is the backup store,
where the objects lie under the same addresses; its keyring is the living one: the newest keys with the older database,
as in a restore.
"""

import json
from dataclasses import asdict, dataclass
from uuid import UUID

from common.clock import now
from config.backup import scratch, sets
from config.backup.errors import BackupDamagedError
from vault import backup_log, certificate, storage

KIND = "bitewing-restore-test/v1"
REPORT = "reports/{at:%Y%m%dT%H%M%SZ}.json"
SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was seen in the scratch deployment.

    Parameters
    ----------
    opened
        Studies of which every object was opened and compared with its digest.
    refused
        Those of the sample that did not open, or not as they were stored.
    """

    tenants: int
    objects: int
    missing: int
    damaged: int
    studies: int
    opened: int
    refused: int
    lost_keys: int
    dropped_keys: int
    audit_logs: int
    audit_failures: int

    @property
    def is_sound(self) -> bool:
        """Say whether the backup would bring everything back."""
        return not (self.missing or self.damaged or self.refused or self.lost_keys or self.audit_failures)


def verify(*, set_id: UUID | None, sample: int = SAMPLE) -> list[str]:
    """Restore a backup into scratch, the newest where none is named, and leave a signed report.

    Raises
    ------
    BackupDamagedError
        If it would not bring everything back; the report says what lacks.
    """
    made = sets.read(set_id)
    with scratch.scratch() as environment:
        scratch.manage(environment, "backup", "load-scratch", str(made.id))
        seen = Inspected(**json.loads(scratch.manage(environment, "backup", "inspect", "--sample", str(sample))))
    _report(made.id, seen)
    told = (
        f"{seen.objects} objects, {seen.opened} of {seen.studies} studies opened, {seen.audit_logs} audit logs verified"
    )
    if not seen.is_sound:
        raise BackupDamagedError(
            "missing {missing}, damaged {damaged}, not opened {refused}, keys lost {lost_keys}, logs broken {logs}",
            **{**asdict(seen), "logs": seen.audit_failures},
        )
    return [f"backup {made.id} of {made.created_at:%Y-%m-%d %H:%M} UTC restores: {told}"]


def _report(set_id: UUID, seen: Inspected) -> None:
    """Leave the dated, signed report beside the backups, and what the risk analysis reads of it in the store."""
    at = now()
    document = {"type": KIND, "at": certificate.instant(at), "backup": str(set_id), **asdict(seen)}
    document["sound"] = seen.is_sound
    address = REPORT.format(at=at)
    storage.backups().put(address, sets.signed(document), is_replacing=True)
    backup_log.note_test(at=at, report=address, is_sound=seen.is_sound, opened=seen.opened, objects=seen.objects)
