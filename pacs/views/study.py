"""The page of a study, and what is done to the study there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import step_up
from audit import services as audit
from common.actor import ActorKind
from pacs import gate, services
from pacs.contexts import study as contexts
from pacs.dicom.uids import is_valid_uid
from pacs.errors import StudyNotFoundError
from pacs.views.worklist import UNDO

VIEW = "study.view"


@require_safe
def show(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Show a study to who works here; guests and patients have pages of their own."""
    reached = gate.find_study(request, study_id=study_id, action=VIEW)
    if reached.actor.grant is not None:
        return redirect("sharing:patient" if reached.actor.kind is ActorKind.PATIENT else "sharing:studies")
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="study-page")
        page = contexts.build(actor=reached.actor, study_id=study_id)
    return render(request, "pacs/study.html", {"page": page})


@require_safe
def series(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Show the films again, while previews are being made."""
    reached = gate.find_study(request, study_id=study_id, action=VIEW)
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="study-page")
        page = contexts.build_series(actor=reached.actor, study_id=study_id)
    return render(request, "pacs/study.html#series", {"page": page})


@require_safe
def by_uid(request: HttpRequest, uid: str) -> HttpResponse:
    """Lead from a Study Instance UID to the page of the study, as the upload does."""
    if not is_valid_uid(uid):
        raise StudyNotFoundError
    reached = gate.find_study(request, study_instance_uid=uid, action=VIEW)
    return redirect("pacs:study", reached.study.id)


@require_POST
def delete(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Move a study to the bin; the worklist then offers to undo it."""
    reached = gate.find_study(request, study_id=study_id, action="study.delete")
    step_up.require(request)
    services.delete_study(actor=reached.actor, study_id=study_id)
    request.session[UNDO] = [str(study_id)]
    return redirect("pacs:worklist")
