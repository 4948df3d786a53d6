"""What networks that look at images can reach: tried from within one of their processes."""

from uuid import UUID

from compliance.evidence.reading import Measured
from compliance.evidence.registry import probe
from inference import isolation

_WALLS = {
    "namespace": "an empty network namespace and a filter of system calls",
    "filter": "a filter of system calls",
    "guard": "a guard in Python only",
}


@probe("P-OPS-ISOLATION")
def no_way_out(_tenant_id: UUID) -> Measured:
    """Try to leave a network's process in every way we know; a guard alone is not enough."""
    proof = isolation.prove()
    is_stopped = proof["holds"] and proof["wall"] != "guard"
    open_ways = [name for name, answer in proof["inside"].items() if answer == "open"]
    tried = f"{len(proof['inside'])} ways out were tried behind {_WALLS[proof['wall']]}"
    return Measured(is_stopped, f"{tried}: {', '.join(open_ways) + ' open' if open_ways else 'all were stopped'}.")
