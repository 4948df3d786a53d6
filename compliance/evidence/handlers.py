"""What this part does when something was announced."""

from compliance.evidence import measuring
from compliance.evidence.events import ProbesRequested


def read_probes(event: ProbesRequested) -> None:
    """Read all probes for a run; what an interrupted delivery read already is not read again."""
    measuring.carry_out(tenant_id=event.tenant_id, run_id=event.run_id)
