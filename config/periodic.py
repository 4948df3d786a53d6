"""What the portal does by the clock."""

from accounts import services as accounts
from audit import services as audit
from compliance.devices import services as devices
from compliance.evidence import services as evidence
from compliance.remediation import reminders as tasks
from compliance.retention import destroying
from compliance.vendors import reminders as vendors
from config import backup
from inference import services as inference
from outbox import services as outbox
from outbox.periodic import Periodic
from pacs import services as pacs
from pacs.appointments import services as appointments
from sharing import services as sharing
from vault import services as vault

HOUR = 3600.0


def jobs() -> list[Periodic]:
    """Return the periodic jobs of a worker."""
    return [
        Periodic(10.0, audit.sign_checkpoints),
        Periodic(60.0, audit.push_checkpoints, is_long=True),
        Periodic(24 * HOUR, audit.verify_everything, is_long=True),
        Periodic(HOUR, accounts.purge),
        Periodic(HOUR, sharing.purge),
        Periodic(24 * HOUR, outbox.purge),
        Periodic(24 * HOUR, pacs.purge_uploads),
        Periodic(24 * HOUR, appointments.purge),
        Periodic(HOUR, pacs.announce_forgotten_series),
        Periodic(6 * HOUR, vault.sweep),
        Periodic(HOUR, vault.run_barriers, is_long=True),
        Periodic(HOUR, vault.scrub, is_long=True),
        Periodic(24 * HOUR, vault.look_for_missing, is_long=True),
        Periodic(24 * HOUR, backup.make_nightly, is_long=True),
        Periodic(7 * 24 * HOUR, backup.verify_weekly, is_long=True),
        Periodic(24 * HOUR, devices.look_everywhere),
        Periodic(HOUR, evidence.request_nightly),
        Periodic(600.0, destroying.carry_out_everywhere),
        Periodic(HOUR, tasks.remind_everyone),
        Periodic(HOUR, vendors.remind_everyone),
        Periodic(HOUR, inference.register_everywhere),
    ]
