"""Issuing: the analysis and its documents, in one transaction."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from compliance.analysis import services as analyses
from compliance.documents import pdf, snapshots
from compliance.documents.snapshots import Issue


def issue_analysis(*, actor: Actor, analysis_id: UUID) -> UUID:
    """Issue an analysis and keep its documents, both or neither; give the id of the snapshot.

    Setting some hundred pages takes seconds, during which nobody else could write. So the issue is rehearsed first,
    and the pages are set between the rehearsal and the issue itself; they are set anew only where somebody changed
    something meanwhile.

    Raises
    ------
    IssueRefusedError
        When an element lacks something; it names what.
    """
    moment = now()
    rehearsed = _rehearse(actor, analysis_id, moment)
    document = pdf.render(rehearsed.content, is_draft=False, seal=rehearsed.seal)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        analysis = analyses.issue(actor=actor, analysis_id=analysis_id, at=moment)
        issue = snapshots.prepare(actor=actor, analysis=analysis)
        if issue != rehearsed:
            document = pdf.render(issue.content, is_draft=False, seal=issue.seal)
        return snapshots.keep(actor=actor, analysis=analysis, issue=issue, document=document)


def _rehearse(actor: Actor, analysis_id: UUID, moment: dt.datetime) -> Issue:
    """Issue, see what would be kept, and take everything back."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        analysis = analyses.issue(actor=actor, analysis_id=analysis_id, at=moment)
        found = snapshots.prepare(actor=actor, analysis=analysis)
        transaction.set_rollback(True)
    return found
