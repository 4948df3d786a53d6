"""Queueing the destruction of keys: nothing is destroyed here, and until the barrier it can be taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from audit import services as audit
from common.actor import Actor
from common.errors import NotFoundError
from common.scope import tenant_scope
from outbox import services as outbox
from vault.errors import DestructionBegunError
from vault.events import DestructionQueued
from vault.models import Destruction, StudyKey
from vault.services.keys import hold_epoch


@dataclass(frozen=True, slots=True)
class DoomedKey:
    """One key to destroy, and why.

    Parameters
    ----------
    key_id
        The key: `Study.key_id` for a study.
    study_ref
        The portal's own id of the study; certificates name it, and nothing of the patient.
    rule
        Identifier of the rule that asked for it (`us-ca-minor`), or `request` where a person did.
    reason
        Reference of the run or request that decided it, for instance `deletion-run:<uuid>`.
    """

    key_id: UUID
    study_ref: UUID
    rule: str
    reason: str


def queue_destruction(*, actor: Actor, keys: Sequence[DoomedKey], is_urgent: bool = False) -> None:
    """Queue keys for the next barrier, in the caller's transaction; one that is queued already, or destroyed, stays so.

    The caller has asked who may, who approved, and that nothing holds. The name of each key is freed.

    Parameters
    ----------
    is_urgent
        Run the barrier as soon as this transaction is committed, instead of within the hour.

    Raises
    ------
    NotFoundError
        If the tenant lacks one of the keys; then none is queued.
    """
    wanted = {doomed.key_id: doomed for doomed in keys}
    if not wanted:
        return
    with tenant_scope(actor.tenant_id), transaction.atomic():
        mine = StudyKey.objects.filter(tenant_id=actor.tenant_id, id__in=list(wanted))
        if mine.count() != len(wanted):
            raise NotFoundError("There is no such key.")
        # A barrier locks keys in another order than a transaction that queues one after the other.
        hold_epoch(actor.tenant_id)
        queued = set(Destruction.objects.filter(study_key_id__in=list(wanted)).values_list("study_key_id", flat=True))
        fresh = [doomed for key_id, doomed in sorted(wanted.items()) if key_id not in queued]
        Destruction.objects.bulk_create([_row(actor, doomed) for doomed in fresh], ignore_conflicts=True)
        mine.update(name=None)
        for doomed in fresh:
            audit.record(
                actor=actor,
                action="key.destruction-queued",
                study_id=doomed.study_ref,
                subject_id=doomed.key_id,
                detail={"rule": doomed.rule, "reason": doomed.reason},
            )
        if is_urgent:
            outbox.publish(DestructionQueued(tenant_id=actor.tenant_id))


def withdraw_destruction(*, actor: Actor, key_ids: Iterable[UUID]) -> None:
    """Take keys out of the queue, in the caller's transaction: a hold wins as long as the barrier has not begun.

    Keys that were never queued are no error. The names of the keys stay free: see `claim_name`.

    Raises
    ------
    DestructionBegunError
        If the barrier was quicker with one of them; then none is taken out.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        rows = Destruction.objects.filter(tenant_id=actor.tenant_id, study_key_id__in=list(key_ids))
        found = list(rows.select_for_update().order_by("id").values_list("id", "study_key_id", "study_ref", "state"))
        if any(state != Destruction.State.QUEUED for *_, state in found):
            raise DestructionBegunError
        Destruction.objects.filter(id__in=[row[0] for row in found]).delete()
        for _, key_id, study_ref, _ in found:
            audit.record(actor=actor, action="key.destruction-withdrawn", study_id=study_ref, subject_id=key_id)


def _row(actor: Actor, doomed: DoomedKey) -> Destruction:
    return Destruction(
        tenant_id=actor.tenant_id,
        study_key_id=doomed.key_id,
        study_ref=doomed.study_ref,
        rule=doomed.rule,
        reason=doomed.reason,
        requested_by=actor.id,
    )
