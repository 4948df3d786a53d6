"""What the portal does by the clock."""

from outbox import services as outbox
from outbox.periodic import Periodic
from vault import services as vault

HOUR = 3600.0


def jobs() -> list[Periodic]:
    """Return the periodic jobs of a worker."""
    return [Periodic(24 * HOUR, outbox.purge), Periodic(6 * HOUR, vault.sweep)]
