"""Deletion runs: the list and its dry run, cooling-off, two approvals, and stopping at any moment before the end."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now, today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance import numbering
from compliance.models import DeletionItem, DeletionRun
from compliance.retention import notices, policy, reckoning, wishes
from compliance.retention.engine import Block, Verdict
from compliance.retention.errors import (
    CoolingOffError,
    NothingDueError,
    RunNotFoundError,
    RunRefusedError,
    RunStateError,
    SamePersonError,
)
from compliance.retention.events import RunApproved
from compliance.retention.reckoning import Reckoned
from outbox import services as outbox
from pacs import retained
from pacs import services as pacs
from vault.errors import DestructionBegunError

COOLING: Final = dt.timedelta(days=30)
# What was put into the bin by mistake can be missed for so long before a run may name it.
BIN_AGE: Final = dt.timedelta(days=30)
# Of one run: more would be looked at by nobody.
MAX_ITEMS: Final = 1_000
# What lies in the bin and is no record needs no period to end. These hold all the same.
BIN_BLOCKS: Final = frozenset({Block.HOLD, Block.OPEN_WISH})
State = DeletionRun.State
Kind = DeletionRun.Kind
Item = DeletionItem.State


# --- reading (inside the open scope) ----------------------------------------------------------------------------------


def list_due(*, limit: int = MAX_ITEMS) -> list[Reckoned]:
    """List what may be destroyed today and lies in no run, the longest past its time first."""
    under_way = _under_way()
    found = [one for one in reckoning.due(policy.terms(), today()) if one.study.id not in under_way]
    return sorted(found, key=lambda one: (one.verdict.until, one.study.id))[:limit]


def list_binned(*, limit: int = MAX_ITEMS) -> list[Reckoned]:
    """List what has lain in the bin for long enough and lies in no run, less what is held."""
    wanted = {study.id for study in retained.in_bin_since_before(now() - BIN_AGE)} - _under_way()
    found = reckoning.of_studies(policy.terms(), sorted(wanted)[:limit]).values()
    return [one for one in found if not BIN_BLOCKS.intersection(one.verdict.blocks)]


def _under_way() -> set[UUID]:
    # What is held goes on in its run when the hold ends.
    held = Q(state=Item.HELD, run__state__in=[State.PENDING, State.STOPPED, State.APPROVED])
    rows = DeletionItem.objects.filter(Q(state__in=DeletionItem.UNDER_WAY) | held)
    return set(rows.values_list("study_id", flat=True))


def get(run_id: UUID) -> DeletionRun:
    """Return one run, or raise."""
    people = ("began_by", "approved_by", "seconded_by", "stopped_by")
    found: DeletionRun | None = DeletionRun.objects.select_related(*people).filter(id=run_id).first()
    if found is None:
        raise RunNotFoundError
    return found


def list_runs_with_counts(*, limit: int = 100) -> list[tuple[DeletionRun, int]]:
    """List the runs, newest first, each with the number of its studies."""
    rows = DeletionRun.objects.select_related("began_by").annotate(count=Count("items")).order_by("-number")
    return [(row, row.count) for row in rows[:limit]]


def list_items(run_id: UUID) -> list[DeletionItem]:
    """List every study of a run, the longest past its time first: whoever approves it has to see them all."""
    return list(DeletionItem.objects.filter(run_id=run_id).order_by("until_date", "id"))


def verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    """Return what was reckoned, as it is kept with a run."""
    return {
        "until": verdict.until.isoformat(),
        "blocks": [block.value for block in verdict.blocks],
        "limits": [
            {
                "until": limit.until.isoformat(),
                "reason": limit.reason.value,
                "rule": limit.rule_id,
                "years": limit.years,
                "event": limit.started_by.kind.value if limit.started_by else "",
                "from": limit.started_by.date.isoformat() if limit.started_by else "",
                "fallback_for": limit.fallback_for,
            }
            for limit in verdict.limits
        ],
    }


# --- beginning --------------------------------------------------------------------------------------------------------


def begin(*, actor: Actor, kind: str = Kind.DUE, reason: str = "", without: Iterable[UUID] = ()) -> UUID:
    """Write the list of what is to be destroyed, as a dry run: nothing happens for the cooling-off time.

    Raises
    ------
    NothingDueError
        If the list would be empty.
    RunRefusedError
        If what lies in the bin is to go without a reason why it is no record.
    """
    access.require(actor, "retention.manage")
    person = _person(actor)
    if kind == Kind.BIN and not reason.strip():
        raise RunRefusedError("Say why what lies in the bin is no record: a test, a duplicate, a picture of nobody.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        terms = policy.terms()
        # Before the list is made: of two who begin at once the second waits here, and finds what the first left.
        run: DeletionRun = numbering.create(
            DeletionRun,
            tenant_id=actor.tenant_id,
            kind=Kind(kind),
            reason=reason.strip(),
            book_version=terms.book.version,
            began_by_id=person,
            cooling_until=now() + COOLING,
        )
        spared = set(without)
        listed = list_binned() if kind == Kind.BIN else list_due()
        chosen = [one for one in listed if one.study.id not in spared]
        if not chosen:
            raise NothingDueError
        _write_items(run, chosen)
        audit.record(
            actor=actor,
            action="deletion.begun",
            subject_id=run.id,
            detail={"number": run.number, "kind": run.kind, "studies": len(chosen)},
        )
        if terms.notifies_patients and run.kind == Kind.DUE:
            notices.queue(run=run, patient_ids=[one.study.patient_id for one in chosen])
    return run.id


def _write_items(run: DeletionRun, chosen: Sequence[Reckoned]) -> None:
    requested = wishes.wanting_erasure()
    DeletionItem.objects.bulk_create(
        DeletionItem(
            tenant_id=run.tenant_id,
            run=run,
            study_id=one.study.id,
            patient_id=one.study.patient_id,
            key_id=one.study.key_id,
            was_binned=one.study.binned_at is not None,
            is_requested=one.study.patient_id in requested,
            until_date=one.verdict.until,
            rule_id=one.verdict.deciding.rule_id,
            reckoned=verdict_as_json(one.verdict),
            size_bytes=one.study.size_bytes,
            number_of_instances=one.study.number_of_instances,
        )
        for one in chosen
    )


# --- approving --------------------------------------------------------------------------------------------------------


def approve(*, actor: Actor, run_id: UUID) -> bool:
    """Approve a run after its cooling-off time; return whether it has both approvals now.

    The view has asked for a fresh second factor.

    Raises
    ------
    CoolingOffError
        Before the time is over.
    SamePersonError
        If the same person approved it already.
    RunStateError
        If it is stopped, given up or done.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        run = _lock(run_id)
        access.require(actor, "retention.approve")
        person = _person(actor)
        if run.state != State.PENDING:
            raise RunStateError
        if now() < run.cooling_until:
            raise CoolingOffError
        if run.approved_by_id == person:
            raise SamePersonError
        if run.approved_by_id is None:
            run.approved_by_id, run.approved_at = person, now()
        else:
            run.seconded_by_id, run.seconded_at, run.state = person, now(), State.APPROVED
            outbox.publish(RunApproved(tenant_id=actor.tenant_id, run_id=run.id))
        run.save()
        audit.record(
            actor=actor,
            action="deletion.approved",
            subject_id=run.id,
            detail={"number": run.number, "complete": str(run.state == State.APPROVED).lower()},
        )
    return run.state == State.APPROVED


# --- stopping ---------------------------------------------------------------------------------------------------------


def stop(*, actor: Actor, run_id: UUID, reason: str) -> int:
    """Stop a run. What waits for its key to be destroyed is taken out again; return how many were past saving.

    Approvals end with it: whoever goes on later asks for them again.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        run = _lock(run_id)
        access.require(actor, "retention.approve")
        if run.state not in {State.PENDING, State.APPROVED}:
            raise RunStateError
        if not reason.strip():
            raise RunRefusedError("Say why the run is stopped.")
        lost = _take_out(actor, run)
        run.state, run.stopped_by_id, run.stopped_at = State.STOPPED, _person(actor), now()
        run.stop_reason = reason.strip()
        run.approved_by_id = run.approved_at = run.seconded_by_id = run.seconded_at = None
        run.save()
        audit.record(actor=actor, action="deletion.stopped", subject_id=run.id, detail={"number": run.number})
    return lost


def _take_out(actor: Actor, run: DeletionRun) -> int:
    lost = 0
    rows = DeletionItem.objects.select_for_update(of=("self",)).filter(run=run, state=Item.SHRED_QUEUED)
    for item in rows.order_by("id"):
        try:
            with transaction.atomic():
                pacs.spare_study(actor=actor, study_id=item.study_id, was_binned=item.was_binned)
        except DestructionBegunError:
            lost += 1
            continue
        item.state, item.changed_at = Item.PENDING_DELETE, now()
        item.save(update_fields=["state", "changed_at"])
    return lost


def go_on(*, actor: Actor, run_id: UUID) -> None:
    """Take a stop back: the run waits again, for what is left of the cooling-off time and for two new approvals."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        run = _lock(run_id)
        access.require(actor, "retention.manage")
        if run.state != State.STOPPED:
            raise RunStateError
        run.state, run.stopped_by_id, run.stopped_at, run.stop_reason = State.PENDING, None, None, ""
        run.save()
        audit.record(actor=actor, action="deletion.resumed", subject_id=run.id, detail={"number": run.number})


def give_up(*, actor: Actor, run_id: UUID) -> None:
    """End a run that was stopped, for good: what was to be destroyed is kept, and may come into a later run."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        run = _lock(run_id)
        access.require(actor, "retention.manage")
        if run.state != State.STOPPED:
            raise RunStateError
        run.state, run.finished_at = State.CANCELLED, now()
        run.save()
        DeletionItem.objects.filter(run=run, state__in=[Item.PENDING_DELETE, Item.HELD]).update(
            state=Item.ACTIVE, kept_because="cancelled", changed_at=now()
        )
        audit.record(actor=actor, action="deletion.cancelled", subject_id=run.id, detail={"number": run.number})


def spare(*, actor: Actor, item_id: UUID) -> UUID:
    """Take one study off a list that is not carried out yet; return the run."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        item: DeletionItem | None = DeletionItem.objects.filter(id=item_id).first()
        if item is None:
            raise RunNotFoundError
        access.require(actor, "retention.manage")
        run = _lock(item.run_id)
        waiting = DeletionItem.objects.filter(id=item.id, state__in=[Item.PENDING_DELETE, Item.HELD])
        if run.state not in {State.PENDING, State.STOPPED} or not waiting.update(
            state=Item.ACTIVE, kept_because="spared", changed_at=now()
        ):
            raise RunStateError
        audit.record(actor=actor, action="deletion.study-spared", study_id=item.study_id, subject_id=run.id)
    return run.id


def _lock(run_id: UUID) -> DeletionRun:
    found: DeletionRun | None = DeletionRun.objects.select_for_update(of=("self",)).filter(id=run_id).first()
    if found is None:
        raise RunNotFoundError
    return found


def _person(actor: Actor) -> UUID:
    if actor.kind is not ActorKind.USER:
        raise ForbiddenError
    return actor.id
