"""Answering a question: one version wins, and an answer below full proposes risks."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor, ActorKind, system_actor
from common.clock import now
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.analysis import questionnaire, selectors
from compliance.analysis.errors import AnswerChangedError, AnswerRefusedError
from compliance.analysis.services.locking import lock
from compliance.models import Answer
from compliance.packs import selectors as packs
from compliance.remediation import tasks
from compliance.remediation.tasks import TaskDraft
from compliance.risks import services as risks

_TITLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says to a question; an empty value takes the answer back."""

    value: str
    comment: str = ""
    is_flagged: bool = False


def save_answer(*, actor: Actor, analysis_id: UUID, question_id: str, version: int, given: Given) -> Answer:
    """Write an answer that was begun from a version of it; the same words again change nothing.

    Raises
    ------
    AnswerChangedError
        When somebody else was quicker; it holds what they wrote, and nothing was changed.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        lock()
        answer = selectors.get_answer(actor=actor, analysis_id=analysis_id, question_id=question_id)
        require_writer(actor, answer)
        selectors.require_open(answer.analysis, answer.section_id)
        catalogue = questionnaire.catalogue_of(answer.analysis)
        if given.value and questionnaire.choice_of(catalogue, question_id, given.value) is None:
            raise AnswerRefusedError
        if _says(answer, given) and not answer.confirm_reason:
            return answer
        _write(actor, answer, version, given)
        risks.propose_for_answer(actor=actor, answer=answer)
        if given.value == questionnaire.UNKNOWN:
            _ask_around(answer, catalogue.questions[question_id].text)
    return answer


def assign(*, actor: Actor, analysis_id: UUID, question_id: str, assignee_id: UUID | None) -> Answer:
    """Ask a member of the tenant to answer a question, or nobody in particular."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        answer = selectors.get_answer(actor=actor, analysis_id=analysis_id, question_id=question_id)
        access.require(actor, "compliance.write")
        selectors.require_open(answer.analysis)
        if assignee_id is not None and not accounts.roles_in(user_id=assignee_id, tenant_id=actor.tenant_id):
            raise AnswerRefusedError("Nobody of this practice has that name.")
        if answer.assignee_id != assignee_id:
            Answer.objects.filter(id=answer.id).update(assignee_id=assignee_id)
            answer.assignee_id = assignee_id
            detail = {"question": question_id, "to": str(assignee_id or "")}
            audit.record(actor=actor, action="analysis.assigned", subject_id=answer.id, detail=detail)
    return answer


def _ask_around(answer: Answer, question: str) -> None:
    """Open the task of finding out; the portal does it, also for somebody who may open none."""
    if answer.question_id not in packs.active().questions:
        return
    title = _("Find out: %(question)s") % {"question": question}
    draft = TaskDraft(title=title[:_TITLE_LENGTH], question_id=answer.question_id, effort="S")
    tasks.open_task(actor=system_actor(answer.tenant_id), draft=draft)


def require_writer(actor: Actor, answer: Answer) -> None:
    if not (access.allows(actor, "compliance.write") or selectors.is_asked(actor, answer)):
        raise ForbiddenError


def _says(answer: Answer, given: Given) -> bool:
    return (answer.value, answer.comment, answer.is_flagged) == (given.value, given.comment, given.is_flagged)


def _write(actor: Actor, answer: Answer, version: int, given: Given) -> None:
    """Change the row if it still has the version, in one statement: of two people one wins.

    A person's own newer words replace the older ones, also when the browser sent both before it heard of the first.
    """
    if answer.version > version and answer.answered_by_id == actor.id:
        version = answer.version
    changes = {
        "value": given.value,
        "comment": given.comment,
        "is_flagged": given.is_flagged,
        "version": version + 1,
        "confirm_reason": "",
        "answered_by_id": actor.id if actor.kind is ActorKind.USER else None,
        "answered_at": now(),
    }
    if not Answer.objects.filter(id=answer.id, version=version).update(**changes):
        raise AnswerChangedError(Answer.objects.get(id=answer.id))
    for name, value in changes.items():
        setattr(answer, name, value)
    detail: dict[str, str | int | list[str]] = {
        "question": answer.question_id,
        "value": given.value,
        "version": version + 1,
    }
    audit.record(actor=actor, action="analysis.answered", subject_id=answer.id, detail=detail)
