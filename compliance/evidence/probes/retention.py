"""How long studies are kept, what is held, and how what is past its time is destroyed."""

import datetime as dt
from typing import Final
from uuid import UUID

from common.clock import now, today
from compliance.evidence.arithmetic import counted, share
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from compliance.models import DeletionItem, DeletionRun, RetentionHold
from compliance.retention import engine, policy, runs
from compliance.retention.engine import Record

REVIEW_AFTER: Final = dt.timedelta(days=180)
State = DeletionRun.State
Item = DeletionItem.State


@probe("P-RET-CONFIRMED")
def rules_are_confirmed(_tenant_id: UUID) -> Measured:
    """Say whether a named person confirmed every rule that holds here; without a place there is none to confirm."""
    terms = policy.terms()
    if not terms.jurisdictions:
        return Measured(value=False, detail="Nobody has said where the practice treats: the default keeps everything.")
    missing = [rule_id for rule_id in terms.jurisdictions if rule_id not in terms.confirmed]
    if missing:
        return Measured(value=False, detail=f"Not confirmed: {', '.join(missing)}.")
    return Measured(value=True, detail=f"Confirmed by name: {', '.join(terms.jurisdictions)}.")


@probe("P-RET-DUE")
def studies_without_decision(_tenant_id: UUID) -> Measured:
    """Count the studies that are past their time and lie in no deletion run."""
    due = len(runs.list_due())
    return Measured(due, f"{counted(due, 'study is', 'studies are')} past the time and in no deletion run.")


@probe("P-HOLD-REVIEW")
def holds_without_review(_tenant_id: UUID) -> Measured:
    """Count the holds that nobody looked at in half a year, or whose own day is past."""
    standing = RetentionHold.objects.filter(released_at=None)
    old = {row.id for row in standing if row.reviewed_at < now() - REVIEW_AFTER or row.review_date < today()}
    return Measured(len(old), f"{len(old)} of {counted(standing.count(), 'hold', 'holds')} to be looked at again.")


@probe("P-HOLD-BLOCK")
def holds_block(_tenant_id: UUID) -> Measured:
    """Try the clock on an example with and without a hold, and look whether anything was destroyed under one."""
    terms = policy.terms()
    periods = engine.periods_of(terms.book, terms.rule_ids)
    example = {"image_date": dt.date(1990, 1, 1), "birth_date": dt.date(1950, 1, 1)}
    free = engine.judge(Record(**example), periods=periods)  # type: ignore[arg-type]  # its dates
    held = engine.judge(Record(**example, hold_count=1), periods=periods)  # type: ignore[arg-type]  # its dates
    works = free.is_due(today()) and not held.is_due(today())
    against = _destroyed_under_hold()
    return Measured(
        value=works and not against,
        detail=f"The example with a hold is {'kept' if works else 'not kept'}; "
        f"{counted(against, 'study was', 'studies were')} destroyed while a hold stood.",
    )


def _destroyed_under_hold() -> int:
    count = 0
    for hold in RetentionHold.objects.all():
        items = DeletionItem.objects.filter(patient_id=hold.patient_id, destroyed_at__gte=hold.placed_at)
        if hold.study_id is not None:
            items = items.filter(study_id=hold.study_id)
        if hold.released_at is not None:
            items = items.filter(destroyed_at__lt=hold.released_at)
        count += items.count()
    return count


@probe("P-DEL-DUAL")
def runs_with_two_approvers(_tenant_id: UUID) -> Measured:
    """Say which share of the runs that were carried out two different people approved."""
    done = list(DeletionRun.objects.filter(state__in=[State.APPROVED, State.DONE]))
    dual = [
        run for run in done if run.approved_by_id and run.seconded_by_id and run.approved_by_id != run.seconded_by_id
    ]
    value = share(len(dual), len(done), of_what="deletion runs that were carried out")
    return Measured(value, f"{len(dual)} of {counted(len(done), 'run', 'runs')} approved by two different people.")


@probe("P-DEL-CERT")
def runs_with_certificates(_tenant_id: UUID) -> Measured:
    """Say which share of the runs that destroyed anything have a certificate for each study."""
    destroyed = DeletionItem.objects.filter(state__in=DeletionItem.DESTROYED, run__state=State.DONE)
    run_ids = set(destroyed.values_list("run_id", flat=True))
    if not run_ids:
        raise UnmeasurableError("No deletion run has destroyed anything yet.")
    lacking = set(destroyed.exclude(state__in=[Item.CERTIFIED, Item.FINAL]).values_list("run_id", flat=True))
    value = share(len(run_ids - lacking), len(run_ids), of_what="deletion runs")
    return Measured(value, f"{len(run_ids - lacking)} of {counted(len(run_ids), 'run', 'runs')} fully certified.")
