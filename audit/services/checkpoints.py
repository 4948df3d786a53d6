"""Signing what a log has grown to: a minute after it grew, every hour in any case."""

import base64
import datetime as dt
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from audit import merkle, tree
from audit.errors import LogDamagedError, SigningKeyError
from audit.models import AuditCheckpoint, AuditHead
from audit.notes import TreeHead, checkpoint
from audit.services.recording import record
from audit.signing import Signer, signer_of
from common import logs
from common.actor import system_actor
from common.clock import now
from common.errors import DomainError
from common.ids import NIL
from common.scope import platform_scope, tenant_scope

log = logs.get("audit")
GROWN: Final = dt.timedelta(seconds=60)
RESTING: Final = dt.timedelta(hours=1)


def sign_checkpoints() -> int:
    """Sign a checkpoint of every log whose time has come, and return how many were signed.

    A log that is not what was signed before gets no further signature (c2sp.org/tlog-checkpoint, Signatures).
    """
    with platform_scope() as alias:
        due = list(AuditHead.objects.using(alias).filter(_due(now())).values_list("tenant_id", flat=True))
    # The deployment's own log last: it has the checkpoints of all others as leaves.
    return sum(_try(tenant_id) for tenant_id in sorted(due, key=lambda tenant_id: tenant_id == NIL))


def _due(moment: dt.datetime) -> Q:
    never = Q(checkpoint_at=None, size__gt=0)
    grown = Q(checkpoint_at__lte=moment - GROWN, size__gt=F("checkpoint_size"))
    return never | grown | Q(checkpoint_at__lte=moment - RESTING)


def _try(tenant_id: UUID) -> bool:
    try:
        sign_checkpoint(tenant_id=tenant_id)
    except DomainError as error:
        log.error("checkpoint.not-signed", tenant_id=str(tenant_id), code=error.code)
        return False
    return True


def sign_checkpoint(*, tenant_id: UUID) -> str:
    """Sign what a tenant's log has grown to, and return the checkpoint.

    It is first a leaf of the deployment's log, so that no checkpoint is known to a tenant alone.

    Raises
    ------
    LogDamagedError
        If the log does not contain what was signed before.
    SigningKeyError
        If the key is not the one that the log began with.
    """
    signer = signer_of(tenant_id=tenant_id)
    with tenant_scope(tenant_id):
        size, note = _note(signer)
    if tenant_id != NIL:
        with tenant_scope(NIL), transaction.atomic():
            record(
                actor=system_actor(NIL),
                action="log.checkpointed",
                subject_id=tenant_id,
                detail={"size": size, "checkpoint": note},
            )
    with tenant_scope(tenant_id), transaction.atomic():
        AuditCheckpoint.objects.create(tenant_id=tenant_id, size=size, note=note)
        AuditHead.objects.filter(tenant_id=tenant_id).update(checkpoint_size=size, checkpoint_at=now())
    return note


def _note(signer: Signer) -> tuple[int, str]:
    head = AuditHead.objects.get()
    if head.verifier_key != signer.verifier_key:
        raise SigningKeyError("The log began with another key: restore the keyring.")
    frontier = merkle.Frontier.unpack(head.size, bytes(head.frontier))
    _require_consistent(frontier)
    return head.size, checkpoint(signer, TreeHead(signer.name, head.size, frontier.root()))


def _require_consistent(frontier: merkle.Frontier) -> None:
    """Raise unless the tree has the root of the frontier, and begins with what the last checkpoint signed."""
    last = AuditCheckpoint.objects.order_by("-size", "-id").values_list("size", "note").first()
    if last is not None:
        size, signed = last
        if size > frontier.size or merkle.tree_root(tree.read, size) != _root_of(signed):
            raise LogDamagedError("The log does not contain the checkpoint of size {size}.", size=size)
    if merkle.tree_root(tree.read, frontier.size) != frontier.root():
        raise LogDamagedError("The leaves do not have the root of the frontier.")


def _root_of(note: str) -> bytes:
    return base64.b64decode(note.split("\n")[2])
