"""Giving events their place in the tree: beside the transactions that write them, never inside."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from audit import merkle, sql, tree
from audit.errors import SigningKeyError
from audit.models import AuditHead, AuditPending
from audit.notes import leaf_message
from audit.signing import Signer, signer_of
from common import logs
from common.clock import now
from common.crashpoint import crashpoint
from common.errors import DomainError
from common.scope import platform_scope, tenant_scope

log = logs.get("audit")
# Of one transaction: on SQLite it keeps other writers waiting, for some tens of milliseconds.
BATCH = 500
# Of one tenant, until the others have their turn.
_BATCHES = 20


class _FencedError(Exception):
    """Another sequencer moved the head meanwhile: what this one wrote is taken back."""


def sequence(*, tenant_id: UUID, limit: int = BATCH) -> int:
    """Give leaves to the oldest events of a tenant that have none, and return how many got one.

    Indexes are contiguous. Leaves, inner nodes, the frontier and the end of the waiting are one transaction. Of two
    sequencers one works: on PostgreSQL the other passes by the locked head, on both engines the fence undoes it.

    Parameters
    ----------
    limit
        The most events of this transaction.

    Raises
    ------
    SigningKeyError
        If the key is not the one that the log began with.
    """
    signer = signer_of(tenant_id=tenant_id)
    try:
        with tenant_scope(tenant_id), transaction.atomic():
            head = _lease(tenant_id, signer)
            return _grow(head, signer, limit) if head else 0
    except _FencedError:
        return 0


def sequence_everything() -> int:
    """Give leaves to the waiting events of all tenants; a tenant whose log cannot grow is logged and waits."""
    with platform_scope() as alias:
        waiting = list(AuditPending.objects.using(alias).order_by().values_list("tenant_id", flat=True).distinct())
    return sum(_catch_up(tenant_id) for tenant_id in waiting)


def _catch_up(tenant_id: UUID) -> int:
    total = 0
    try:
        for _ in range(_BATCHES):
            total += (given := sequence(tenant_id=tenant_id))
            if given < BATCH:
                break
    except DomainError as error:
        log.error("log.not-sequenced", tenant_id=str(tenant_id), code=error.code)
    return total


def _lease(tenant_id: UUID, signer: Signer) -> AuditHead | None:
    """Return the head, locked until the transaction ends; None while another sequencer has it."""
    heads = AuditHead.objects.filter(tenant_id=tenant_id)
    if not heads.exists():
        fresh = AuditHead(tenant_id=tenant_id, verifier_key=signer.verifier_key)
        AuditHead.objects.bulk_create([fresh], ignore_conflicts=True)
    head: AuditHead | None = heads.select_for_update(skip_locked=True).first()
    if head is not None and head.verifier_key != signer.verifier_key:
        raise SigningKeyError("The log began with another key: restore the keyring.")
    return head


def _grow(head: AuditHead, signer: Signer, limit: int) -> int:
    waiting = sql.waiting(head.tenant_id, limit)
    if not waiting:
        return 0
    events = [(event_id, body) for event_id, body in waiting if body is not None]
    if len(events) < len(waiting):
        log.error("events.vanished", tenant_id=str(head.tenant_id), count=len(waiting) - len(events))
    frontier = merkle.Frontier.unpack(head.size, bytes(head.frontier))
    leaves, nodes = [], []
    for event_id, body in events:
        leaf = merkle.leaf_hash(body)
        leaves.append((frontier.size, event_id, leaf, signer.sign(leaf_message(signer.name, frontier.size, leaf))))
        nodes += frontier.append(leaf)
    sql.put_leaves(head.tenant_id, leaves)
    tree.keep(head.tenant_id, nodes)
    crashpoint("audit.leaves-written")
    sql.end_waiting(head.tenant_id, [event_id for event_id, _ in waiting])
    _advance(head, frontier)
    crashpoint("audit.head-moved")
    return len(events)


def _advance(head: AuditHead, frontier: merkle.Frontier) -> None:
    changes: dict[str, Any] = {"size": frontier.size, "frontier": frontier.pack(), "sequenced_at": now()}
    moved = AuditHead.objects.filter(tenant_id=head.tenant_id, fence=head.fence)
    if not moved.update(fence=F("fence") + 1, **changes):
        raise _FencedError
