"""The risk analysis itself: its age, its triggers, what was promised in it."""

from typing import Final
from uuid import UUID

from common.appendonly import refuses
from common.clock import today
from compliance.evidence.arithmetic import counted, months_since
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from compliance.models import Snapshot, StaleReason, Task
from compliance.remediation import decisions

KEEP_DAYS: Final = 6 * 365


@probe("P-SRA-AGE")
def age_of_the_analysis(_tenant_id: UUID) -> Measured:
    """Return the months since an analysis was last issued."""
    newest = Snapshot.objects.order_by("-sequence").first()
    if newest is None:
        return Measured(None, "No risk analysis was issued yet.")
    return Measured(months_since(newest.issued_at), f"Issue {newest.sequence} of {newest.issued_at.date()}.")


@probe("P-SRA-TRIGGER")
def open_triggers(_tenant_id: UUID) -> Measured:
    """Count the changes that the analysis does not describe yet."""
    number = StaleReason.objects.filter(handled_at=None).count()
    return Measured(number, f"{counted(number, 'reason', 'reasons')} to review the analysis not handled.")


@probe("P-TASK-OVERDUE")
def overdue_tasks(_tenant_id: UUID) -> Measured:
    """Count the tasks that should be done by now."""
    number = Task.objects.filter(state__in=Task.UNFINISHED, due_date__lt=today()).count()
    return Measured(number, f"{counted(number, 'task is', 'tasks are')} past due.")


@probe("P-ACCEPT-EXPIRED")
def expired_acceptances(_tenant_id: UUID) -> Measured:
    """Count the risks whose acceptance has ended."""
    number = Task.objects.filter(state=Task.State.ACCEPTED, accepted_until_date__lt=today()).count()
    return Measured(number, f"{counted(number, 'acceptance', 'acceptances')} past expiry.")


@probe("P-ADDR-DEC")
def undecided_specifications(_tenant_id: UUID) -> Measured:
    """Count the addressable specifications without a decision."""
    undecided = decisions.undecided_ids()
    return Measured(len(undecided), f"Without a decision: {', '.join(undecided)}." if undecided else "All are decided.")


@probe("P-DOC-RET")
def documents_kept(_tenant_id: UUID) -> Measured:
    """Say whether every issued analysis is kept for six years, and whether the database refuses to delete one."""
    rows = list(Snapshot.objects.order_by("-sequence").values_list("id", "issued_at", "keep_until_date"))
    if not rows:
        raise UnmeasurableError("No risk analysis was issued yet.")
    short = [issued_at for _, issued_at, until in rows if (until - issued_at.date()).days < KEEP_DAYS]
    is_guarded = refuses(Snapshot.objects.filter(id=rows[0][0]).delete)
    if short or not is_guarded:
        return Measured(value=False, detail="An issued analysis could be deleted, or is kept for less than six years.")
    return Measured(
        value=True,
        detail=f"{counted(len(rows), 'issue', 'issues')} kept six years; the database refuses to delete one.",
    )
