"""Analyses, their answers and files, and who is at work in them."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from common.clock import now
from common.errors import ForbiddenError
from compliance.analysis.errors import AnalysisNotFoundError, AnalysisSettledError, SectionClosedError
from compliance.models import Analysis, Answer, AnswerFile, SectionState, SectionVisit, StaleReason

# Somebody whose page was heard of within this time is in the section.
PRESENT_FOR = dt.timedelta(minutes=2)


def current_analysis(actor: Actor) -> Analysis | None:
    """Return the newest analysis that is not superseded, a draft before an issued one."""
    access.require(actor, "compliance.read")
    found = Analysis.objects.exclude(state=Analysis.State.SUPERSEDED)
    newest: Analysis | None = found.order_by("-created_at", "-id").first()
    return newest


def list_issued() -> list[Analysis]:
    """List the analyses that say how the practice is: issued, and not superseded."""
    return list(Analysis.objects.filter(state__in=[Analysis.State.ISSUED, Analysis.State.STALE]).order_by("id"))


def list_open() -> list[Analysis]:
    """List the analyses that can be changed."""
    return list(Analysis.objects.filter(state__in=Analysis.EDITABLE).order_by("id"))


def list_analyses(actor: Actor) -> list[Analysis]:
    """List all analyses, newest first."""
    access.require(actor, "compliance.read")
    return list(Analysis.objects.order_by("-created_at", "-id")[:100])


def get_analysis(*, actor: Actor, analysis_id: UUID) -> Analysis:
    """Return one analysis; another tenant's is absent, one that the actor has no right to is refused."""
    found: Analysis | None = Analysis.objects.select_related("issued_by").filter(id=analysis_id).first()
    if found is None:
        raise AnalysisNotFoundError
    access.require(actor, "compliance.read")
    return found


def require_open(analysis: Analysis, section_id: str = "") -> None:
    """Refuse a change of what is issued, superseded, or in a closed section."""
    if analysis.state not in Analysis.EDITABLE:
        raise AnalysisSettledError
    closed = SectionState.objects.filter(analysis=analysis, section_id=section_id, closed_at__isnull=False)
    if section_id and closed.exists():
        raise SectionClosedError


def get_answer(*, actor: Actor, analysis_id: UUID, question_id: str) -> Answer:
    """Return the answer to a question, for who may read the analysis or was asked to answer this one."""
    found: Answer | None = (
        Answer.objects.select_related("analysis", "answered_by", "assignee")
        .filter(analysis_id=analysis_id, question_id=question_id)
        .first()
    )
    if found is None:
        raise AnalysisNotFoundError
    if not (access.allows(actor, "compliance.read") or is_asked(actor, found)):
        raise ForbiddenError
    return found


def is_asked(actor: Actor, answer: Answer) -> bool:
    """Say whether the answer was assigned to the actor."""
    return answer.assignee_id == actor.id and access.allows(actor, "compliance.contribute")


def list_answers(analysis_id: UUID, *, section_id: str = "") -> list[Answer]:
    """List the answers of an analysis, or of one section, in the order of their questions."""
    found = Answer.objects.filter(analysis_id=analysis_id).select_related("answered_by", "assignee")
    found = found.order_by("question_id")
    return list(found.filter(section_id=section_id) if section_id else found)


def list_assigned(actor: Actor) -> list[Answer]:
    """List what the actor was asked to answer in analyses that can still be changed."""
    access.require(actor, "compliance.contribute")
    return list(
        Answer.objects.filter(assignee_id=actor.id, analysis__state__in=Analysis.EDITABLE)
        .select_related("analysis")
        .order_by("analysis_id", "question_id")
    )


def list_sections(analysis_id: UUID) -> dict[str, SectionState]:
    """Return the state of each section."""
    found = SectionState.objects.filter(analysis_id=analysis_id).select_related("closed_by")
    return {row.section_id: row for row in found}


def get_section(*, actor: Actor, analysis_id: UUID, section_id: str) -> SectionState:
    """Return the state of one section, with its analysis."""
    found: SectionState | None = (
        SectionState.objects.select_related("analysis", "closed_by")
        .filter(analysis_id=analysis_id, section_id=section_id)
        .first()
    )
    if found is None:
        raise AnalysisNotFoundError
    access.require(actor, "compliance.read")
    return found


def list_files(answer_ids: Iterable[UUID]) -> list[AnswerFile]:
    """List the evidence of some answers, oldest first."""
    return list(AnswerFile.objects.filter(answer_id__in=list(answer_ids), removed_at=None).order_by("added_at", "id"))


def get_file(*, actor: Actor, file_id: UUID) -> AnswerFile:
    """Return a file of evidence, for who may read its answer."""
    found: AnswerFile | None = (
        AnswerFile.objects.select_related("answer__analysis").filter(id=file_id, removed_at=None).first()
    )
    if found is None:
        raise AnalysisNotFoundError
    if not (access.allows(actor, "compliance.read") or is_asked(actor, found.answer)):
        raise ForbiddenError
    return found


def list_stale_reasons(analysis_id: UUID) -> list[StaleReason]:
    """List what made an analysis stale and is not handled, newest first."""
    return list(StaleReason.objects.filter(analysis_id=analysis_id, handled_at=None).order_by("-raised_at", "-id"))


def who_is_in(*, section: SectionState, except_for: UUID) -> list[str]:
    """Name the others who have a section open at this moment."""
    seen = SectionVisit.objects.filter(section=section, seen_at__gt=now() - PRESENT_FOR).exclude(user_id=except_for)
    return sorted(accounts.names_of_users(set(seen.values_list("user_id", flat=True))).values())
