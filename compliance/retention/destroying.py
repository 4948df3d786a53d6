"""Carrying approved runs out, study by study, each in a transaction of its own: what was interrupted goes on.

A study passes PENDING_DELETE, SHRED_QUEUED (in the bin, its key in the vault's queue; a hold or a stop still saves it),
BARRIER_DONE (its key destroyed, its rows removed), OBJECTS_GONE, CERTIFIED, FINAL.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import figures as accounts
from common import logs
from common.actor import system_actor
from common.clock import now, today
from common.crashpoint import crashpoint
from common.scope import tenant_scope
from compliance.models import DeletionItem, DeletionRun, KeepingRequest
from compliance.retention import policy, reckoning, runs
from compliance.retention.engine import Block, Verdict
from pacs import retained
from pacs import services as pacs
from pacs.retained import RetainedStudy
from pacs.selectors import survivors_of
from vault import selectors as vault
from vault.selectors import DestructionState

log = logs.get("compliance")

State = DeletionItem.State
_WAITING: Final = (State.PENDING_DELETE, State.HELD)
# From here on the vault says how far it is.
_IN_VAULT: Final = (State.SHRED_QUEUED, State.BARRIER_DONE, State.OBJECTS_GONE, State.CERTIFIED)
_UNFINISHED: Final = (State.PENDING_DELETE, State.SHRED_QUEUED, State.BARRIER_DONE, State.OBJECTS_GONE)


@dataclass(frozen=True, slots=True)
class Progress:
    """What one round did."""

    queued: int
    kept: int
    removed: int


def carry_out_everywhere() -> None:
    """Carry the approved runs of every tenant out, as far as they can be now."""
    for tenant_id in accounts.active_tenants():
        carry_out(tenant_id=tenant_id)


def carry_out(*, tenant_id: UUID) -> Progress:
    """Carry the approved runs of a tenant out, as far as they can be now; may be called at any time, and again."""
    queued = kept = removed = 0
    for item_id in _waiting(tenant_id):
        is_queued = _doom(tenant_id, item_id)
        queued, kept = queued + (is_queued is True), kept + (is_queued is False)
    for run_id in _runs_in_vault(tenant_id):
        removed += _follow(tenant_id, run_id)
    _finish(tenant_id)
    return Progress(queued, kept, removed)


def _waiting(tenant_id: UUID) -> list[UUID]:
    with tenant_scope(tenant_id):
        rows = DeletionItem.objects.filter(run__state=DeletionRun.State.APPROVED, state__in=_WAITING)
        return list(rows.order_by("id").values_list("id", flat=True))


# --- into the queue ---------------------------------------------------------------------------------------------------


def _doom(tenant_id: UUID, item_id: UUID) -> bool | None:
    """Queue one study, unless something keeps it now; None where the run was stopped in the meantime."""
    actor = system_actor(tenant_id)
    with tenant_scope(tenant_id), transaction.atomic():
        run_id = DeletionItem.objects.values_list("run_id", flat=True).get(id=item_id)
        run = DeletionRun.objects.select_for_update(of=("self",)).get(id=run_id)
        item = DeletionItem.objects.select_for_update(of=("self",)).get(id=item_id)
        if run.state != DeletionRun.State.APPROVED or item.state not in _WAITING:
            return None
        # Whoever places a hold waits for this lock, or has committed before it: asked below, after it.
        retained.lock([item.study_id])
        study = retained.find(item.study_id)
        if study is None:
            _set(item, State.ACTIVE, kept_because="absent")
            return False
        verdict = reckoning.of_study(policy.terms(), study).verdict
        item.reckoned = runs.verdict_as_json(verdict)
        keeping = _keeps(run, study, verdict)
        if keeping:
            _set(item, State.HELD if keeping == Block.HOLD else State.ACTIVE, kept_because=keeping)
            return False
        item.was_binned, item.key_id = study.binned_at is not None, study.key_id
        rule = "bin" if run.kind == DeletionRun.Kind.BIN else verdict.deciding.rule_id
        pacs.doom_study(actor=actor, study_id=study.id, rule=rule, reason=reason_of(run.id))
        _set(item, State.SHRED_QUEUED)
        crashpoint("retention.dooming")
    return True


def _keeps(run: DeletionRun, study: RetainedStudy, verdict: Verdict) -> str:
    """Return why a study is kept after all, or nothing. A hold comes first: it may end while the run goes on."""
    if Block.HOLD in verdict.blocks:
        return Block.HOLD
    if run.kind == DeletionRun.Kind.BIN:
        # Taken out of the bin since: somebody missed it, also where it was thrown away once more.
        if study.binned_at is None or study.binned_at > run.began_at:
            return "not_due"
        return next((block for block in verdict.blocks if block in runs.BIN_BLOCKS), "")
    if verdict.blocks:
        return verdict.blocks[0]
    return "" if verdict.is_due(today()) else "not_due"


def reason_of(run_id: UUID) -> str:
    """Return the reference of a run that certificates name."""
    return f"deletion-run:{run_id}"


def _set(item: DeletionItem, state: str, *, kept_because: str = "") -> None:
    item.state, item.kept_because, item.changed_at = DeletionItem.State(state), kept_because, now()
    item.save()


# --- after the vault --------------------------------------------------------------------------------------------------


def _runs_in_vault(tenant_id: UUID) -> list[UUID]:
    with tenant_scope(tenant_id):
        rows = DeletionItem.objects.filter(state__in=_IN_VAULT)
        return sorted(set(rows.values_list("run_id", flat=True)))


def _follow(tenant_id: UUID, run_id: UUID) -> int:
    """Remove the rows of what the vault has destroyed, and note how far it is; return how many were removed."""
    found = vault.list_destructions(tenant_id=tenant_id, reason=reason_of(run_id))
    states = {one.study_ref: one for one in found if not one.can_be_withdrawn}
    removed = 0
    with tenant_scope(tenant_id):
        rows = DeletionItem.objects.filter(run_id=run_id, state__in=_IN_VAULT).order_by("id")
        items = list(rows.values_list("id", "study_id", "state"))
    for item_id, study_id, state in items:
        if study_id in states and state != states[study_id].state:
            removed += _advance(tenant_id, item_id, states[study_id])
    return removed


def _advance(tenant_id: UUID, item_id: UUID, found: DestructionState) -> bool:
    """Take one study as far as the vault is; its rows go first."""
    with tenant_scope(tenant_id), transaction.atomic():
        item = DeletionItem.objects.select_for_update(of=("self",)).get(id=item_id)
        is_first = item.state == State.SHRED_QUEUED
        if is_first:
            pacs.destroy_study(actor=system_actor(tenant_id), study_id=item.study_id)
            item.destroyed_at = found.unreadable_since
        _set(item, found.state)
        crashpoint("retention.removed")
    return bool(is_first)


def _finish(tenant_id: UUID) -> None:
    """Close the runs of which nothing is left to do; a wish for destruction has then been carried out."""
    with tenant_scope(tenant_id), transaction.atomic():
        approved = DeletionRun.objects.select_for_update(of=("self",)).filter(state=DeletionRun.State.APPROVED)
        for run in approved.order_by("id"):
            if DeletionItem.objects.filter(run=run, state__in=_UNFINISHED).exists():
                continue
            run.state, run.finished_at = DeletionRun.State.DONE, now()
            run.save(update_fields=["state", "finished_at"])
            log.info("deletion_run.finished", tenant_id=str(tenant_id))
            _fulfil(run)


def _fulfil(run: DeletionRun) -> None:
    items = DeletionItem.objects.filter(run=run, is_requested=True)
    gone = dict(items.values_list("study_id", "patient_id"))
    granted = KeepingRequest.objects.filter(wish=KeepingRequest.Wish.ERASE, state=KeepingRequest.State.GRANTED)
    # With the last study went the row that said whom somebody was merged into: the wish itself knows its studies.
    asked = {
        row.id: row.patient_id
        for row in granted
        if row.patient_id in gone.values() or not gone.keys().isdisjoint(map(UUID, row.study_ids))
    }
    survivors = survivors_of(asked.values())
    left = {study.patient_id for study in retained.studies_of({*survivors, *survivors.values()})}
    done = [wish_id for wish_id, asker in asked.items() if left.isdisjoint({asker, survivors[asker]})]
    granted.filter(id__in=done).update(state=KeepingRequest.State.DONE)
