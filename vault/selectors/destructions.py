"""How far the destruction of keys is, and the certificates."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from common.clock import now
from common.errors import NotFoundError
from common.scope import tenant_scope
from vault.models import Destruction


@dataclass(frozen=True, slots=True)
class DestructionState:
    """How far the destruction of one key is.

    `state` is `shred_queued` (nothing happened yet; it can be withdrawn), `barrier_begun` (too late), `barrier_done`
    (nothing of it can be read any more, the objects are being removed), `objects_gone`, `certified`, and `final` once
    `irrecoverable_after` is past.

    Parameters
    ----------
    unreadable_since
        When the key of the epoch was destroyed.
    irrecoverable_after
        When the last copy of the escrow that may hold the key of the epoch has expired.
    backups_expire_at
        When the last backup of the database that may hold index columns (names, dates) has expired.
    """

    key_id: UUID
    study_ref: UUID
    rule: str
    reason: str
    state: str
    requested_at: dt.datetime
    unreadable_since: dt.datetime | None
    irrecoverable_after: dt.datetime | None
    backups_expire_at: dt.datetime | None
    certified_at: dt.datetime | None

    @property
    def can_be_withdrawn(self) -> bool:
        """Say whether a hold still comes in time."""
        return self.state == Destruction.State.QUEUED


@dataclass(frozen=True, slots=True)
class Certificate:
    """The exact signed bytes of a certificate (canonical JSON), and the Ed25519 signature over them."""

    key_id: UUID
    study_ref: UUID
    body: bytes
    signature: bytes


FINAL = "final"


def list_destructions(
    *, tenant_id: UUID, key_ids: Iterable[UUID] | None = None, reason: str | None = None
) -> list[DestructionState]:
    """List the destructions of a tenant in the order of their requests.

    Parameters
    ----------
    key_ids
        Only those of these keys.
    reason
        Only those that this run or request asked for.
    """
    with tenant_scope(tenant_id):
        rows = Destruction.objects.filter(tenant_id=tenant_id).select_related("barrier").order_by("requested_at", "id")
        if key_ids is not None:
            rows = rows.filter(study_key_id__in=list(key_ids))
        if reason is not None:
            rows = rows.filter(reason=reason)
        return [_state(row) for row in rows.defer("objects_were", "certificate", "signature")]


def get_certificate(*, tenant_id: UUID, key_id: UUID) -> Certificate:
    """Return the certificate of a destroyed key.

    Raises
    ------
    NotFoundError
        If there is none, or none yet.
    """
    with tenant_scope(tenant_id):
        found = Destruction.objects.filter(
            tenant_id=tenant_id, study_key_id=key_id, state=Destruction.State.CERTIFIED
        ).first()
    if found is None:
        raise NotFoundError("There is no certificate, or none yet.")
    return Certificate(found.study_key_id, found.study_ref, bytes(found.certificate), bytes(found.signature))


def _state(row: Destruction) -> DestructionState:
    barrier = row.barrier
    is_final = (
        row.state == Destruction.State.CERTIFIED
        and barrier is not None
        and barrier.irrecoverable_after is not None
        and barrier.irrecoverable_after <= now()
    )
    return DestructionState(
        key_id=row.study_key_id,
        study_ref=row.study_ref,
        rule=row.rule,
        reason=row.reason,
        state=FINAL if is_final else row.state,
        requested_at=row.requested_at,
        unreadable_since=barrier.destroyed_at if barrier else None,
        irrecoverable_after=barrier.irrecoverable_after if barrier else None,
        backups_expire_at=barrier.backups_expire_at if barrier else None,
        certified_at=row.certified_at,
    )
