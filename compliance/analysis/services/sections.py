"""Closing a section with name and time, opening it again with a reason, and being in it."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from compliance.analysis import questionnaire, selectors
from compliance.analysis.errors import SectionUnfinishedError
from compliance.analysis.services.locking import lock
from compliance.analysis.services.reasons import need
from compliance.models import Analysis, SectionState, SectionVisit


def close_section(*, actor: Actor, analysis_id: UUID, section_id: str) -> SectionState:
    """Close a section of which every question is answered; closing it twice keeps the first name and time."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        section = selectors.get_section(actor=actor, analysis_id=analysis_id, section_id=section_id)
        analysis = section.analysis
        access.require(actor, "compliance.write")
        selectors.require_open(analysis)
        if lacks := what_lacks(analysis, section_id):
            raise SectionUnfinishedError("{lacks}", lacks=" ".join(lacks))
        if SectionState.objects.filter(id=section.id, closed_at=None).update(
            closed_at=now(), closed_by_id=actor.id, reopen_reason=""
        ):
            _record(actor, "analysis.section-closed", analysis, section_id)
        section.refresh_from_db()
    return section


def what_lacks(analysis: Analysis, section_id: str) -> list[str]:
    """Say what keeps a section from being closed, question by question."""
    answers = selectors.list_answers(analysis.id, section_id=section_id)
    skip_reasons = questionnaire.skipped(questionnaire.catalogue_of(analysis), analysis.asset_classes)
    lacks = [
        f"{question_id}: {to_do}." for question_id, to_do in questionnaire.incomplete(answers, skip_reasons).items()
    ]
    return lacks + [f"{answer.question_id}: {_('flagged for later')}." for answer in answers if answer.is_flagged]


def reopen_section(*, actor: Actor, analysis_id: UUID, section_id: str, reason: str) -> SectionState:
    """Open a closed section again, for a reason that stays with it."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        section = selectors.get_section(actor=actor, analysis_id=analysis_id, section_id=section_id)
        analysis = section.analysis
        access.require(actor, "compliance.write")
        selectors.require_open(analysis)
        changes = {"closed_at": None, "closed_by": None, "reopen_reason": need(reason)}
        if SectionState.objects.filter(id=section.id, closed_at__isnull=False).update(**changes):
            _record(actor, "analysis.section-reopened", analysis, section_id)
        section.refresh_from_db()
    return section


def note_visit(*, actor: Actor, section: SectionState) -> None:
    """Note that somebody has a section of an open analysis before them."""
    SectionVisit.objects.update_or_create(
        tenant_id=actor.tenant_id, section=section, user_id=actor.id, defaults={"seen_at": now()}
    )


def _record(actor: Actor, action: str, analysis: Analysis, section_id: str) -> None:
    audit.record(actor=actor, action=action, subject_id=analysis.id, detail={"section": section_id})
