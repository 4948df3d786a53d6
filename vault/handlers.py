"""What this package does when something was announced."""

from vault import services
from vault.events import DestructionQueued


def run_barrier(event: DestructionQueued) -> None:
    """Destroy what waits, at once."""
    services.run_barrier(tenant_id=event.tenant_id)
