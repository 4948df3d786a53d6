"""What the portal does by the clock."""

from accounts import services as accounts
from audit import services as audit
from compliance.devices import services as devices
from compliance.evidence import services as evidence
from compliance.remediation import reminders
from outbox import services as outbox
from outbox.periodic import Periodic
from pacs import services as pacs
from vault import services as vault

HOUR = 3600.0


def jobs() -> list[Periodic]:
    """Return the periodic jobs of a worker."""
    return [
        Periodic(10.0, audit.sign_checkpoints),
        Periodic(60.0, audit.push_checkpoints),
        Periodic(24 * HOUR, audit.verify_everything),
        Periodic(HOUR, accounts.purge),
        Periodic(24 * HOUR, outbox.purge),
        Periodic(24 * HOUR, pacs.purge_uploads),
        Periodic(HOUR, pacs.announce_forgotten_series),
        Periodic(6 * HOUR, vault.sweep),
        Periodic(24 * HOUR, devices.look_everywhere),
        Periodic(HOUR, evidence.request_nightly),
        Periodic(HOUR, reminders.remind_everyone),
    ]
