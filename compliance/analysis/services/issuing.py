"""Issuing an analysis, and opening an issued one again."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.analysis import selectors
from compliance.analysis.errors import AnalysisSettledError, IssueRefusedError, Lack
from compliance.analysis.services.locking import lock
from compliance.analysis.services.reasons import need
from compliance.analysis.services.staleness import mark_stale
from compliance.models import Analysis, StaleReason


def issue(*, actor: Actor, analysis_id: UUID, at: dt.datetime | None = None) -> Analysis:
    """Issue an analysis when all nine elements are met; older ones step back.

    An issue without its documents is none: pages call `compliance.documents.issuing`, which keeps both or neither.

    Raises
    ------
    IssueRefusedError
        When an element lacks something; it names what.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        analysis = selectors.get_analysis(actor=actor, analysis_id=analysis_id)
        access.require(actor, "analysis.issue")
        if actor.kind is not ActorKind.USER:
            raise ForbiddenError("A person issues an analysis.")
        if analysis.state not in Analysis.EDITABLE:
            raise AnalysisSettledError
        _check_gates(actor, analysis_id)
        _settle(actor, analysis, at or now())
        audit.record(
            actor=actor, action="analysis.issued", subject_id=analysis_id, detail={"issue": analysis.issue_number}
        )
    return analysis


def reopen_analysis(*, actor: Actor, analysis_id: UUID, reason: str) -> Analysis:
    """Open an issued analysis again: a person says what changed, and it is stale until it is issued anew."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        analysis = selectors.get_analysis(actor=actor, analysis_id=analysis_id)
        access.require(actor, "compliance.write")
        if analysis.state != Analysis.State.ISSUED:
            raise AnalysisSettledError("Only an issued analysis can be reopened.")
        text = need(reason)
        mark_stale(actor=actor, code="person", subject=str(now().timestamp()), text=text)
        analysis.refresh_from_db()
    return analysis


def _check_gates(actor: Actor, analysis_id: UUID) -> None:
    gates = selectors.gates(actor=actor, analysis_id=analysis_id)
    lacks = tuple(Lack(element=gate.element, text=text) for gate in gates for text in gate.lacks)
    if lacks:
        raise IssueRefusedError(lacks)


def _settle(actor: Actor, analysis: Analysis, moment: dt.datetime) -> None:
    """Write the issue, handle what made it stale, and let every other analysis step back."""
    analysis.state, analysis.issue_number = Analysis.State.ISSUED, analysis.issue_number + 1
    analysis.issued_at, analysis.issued_by_id = moment, actor.id
    analysis.save(update_fields=["state", "issue_number", "issued_at", "issued_by"])
    StaleReason.objects.filter(analysis=analysis, handled_at=None).update(handled_at=moment)
    older = Analysis.objects.exclude(id=analysis.id).filter(state__in=[Analysis.State.ISSUED, Analysis.State.STALE])
    older.filter(created_at__lt=analysis.created_at).update(state=Analysis.State.SUPERSEDED)
