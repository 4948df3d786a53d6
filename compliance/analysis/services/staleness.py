"""When something changed that an analysis does not know of."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from compliance.analysis import selectors
from compliance.analysis.events import AnalysisStale
from compliance.analysis.services.locking import lock
from compliance.models import Analysis, Answer, SectionState, StaleReason
from outbox import services as outbox


@dataclass(frozen=True, slots=True)
class Change:
    """What happened: the kind of trigger, what it is about as a key of the one who tells, and words for people."""

    code: str
    subject: str
    text: str
    question_ids: tuple[str, ...] = ()


def mark_stale(*, actor: Actor, code: str, subject: str, text: str, question_ids: Iterable[str] = ()) -> bool:
    """Tell the issued analysis that something changed, and reopen the questions concerned.

    The same subject is told once until it is handled: a second call changes nothing and gives False. A draft is not
    told: its gates look at the practice as it is.
    """
    change = Change(code=code, subject=subject[:120], text=text, question_ids=tuple(sorted(set(question_ids))))
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        told = [_tell(actor, analysis, change) for analysis in selectors.list_issued()]
    return any(told)


def _tell(actor: Actor, analysis: Analysis, change: Change) -> bool:
    reason, is_new = StaleReason.objects.get_or_create(
        tenant_id=analysis.tenant_id,
        analysis=analysis,
        code=change.code,
        subject=change.subject,
        handled_at=None,
        defaults={"text": change.text, "question_ids": list(change.question_ids)},
    )
    if not is_new:
        return False
    _reopen(analysis, change)
    if Analysis.objects.filter(id=analysis.id, state=Analysis.State.ISSUED).update(state=Analysis.State.STALE):
        outbox.publish(AnalysisStale(tenant_id=analysis.tenant_id, analysis_id=analysis.id))
    detail = {"code": change.code, "reason": str(reason.id)}
    audit.record(actor=actor, action="analysis.stale", subject_id=analysis.id, detail=detail)
    return True


def _reopen(analysis: Analysis, change: Change) -> None:
    """Have the questions concerned looked at again; their sections open with them."""
    answered = Answer.objects.filter(analysis=analysis, question_id__in=change.question_ids).exclude(value="")
    sections = set(answered.values_list("section_id", flat=True))
    answered.update(confirm_reason=change.text)
    SectionState.objects.filter(analysis=analysis, section_id__in=sections, closed_at__isnull=False).update(
        closed_at=None, closed_by=None, reopen_reason=change.text
    )
