"""The tree of the open tenant's log, as the database holds it."""

from uuid import UUID

from audit.errors import LogDamagedError
from audit.merkle import Node
from audit.models import AuditLeaf, AuditNode


def read(level: int, start: int, stop: int) -> list[bytes]:
    """Return the kept hashes [start, stop) of a level (a `merkle.Reader`).

    Raises
    ------
    LogDamagedError
        If one of them is not there.
    """
    if level == 0:
        rows = AuditLeaf.objects.filter(leaf_index__gte=start, leaf_index__lt=stop)
        found = rows.order_by("leaf_index").values_list("leaf_hash", flat=True)
    else:
        rows = AuditNode.objects.filter(level=level, node_index__gte=start, node_index__lt=stop)
        found = rows.order_by("node_index").values_list("node_hash", flat=True)
    hashes = [bytes(each) for each in found]
    if len(hashes) != stop - start:
        raise LogDamagedError(
            "Of the hashes {start} to {stop} of level {level} only {found} are there.",
            start=start,
            stop=stop,
            level=level,
            found=len(hashes),
        )
    return hashes


def keep(tenant_id: UUID, nodes: list[Node]) -> None:
    """Write the roots of complete tiles."""
    AuditNode.objects.bulk_create(
        AuditNode(tenant_id=tenant_id, level=node.level, node_index=node.position, node_hash=node.root)
        for node in nodes
    )
