"""The analyses of a study: on its page, and for the viewer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from audit import services as audit
from common.errors import InvalidInputError, NotFoundError
from common.scope import tenant_scope
from inference import selectors, services
from inference.contexts import analysis as contexts
from inference.contexts import states as states_contexts
from inference.forms import StatesForm, TagForm
from pacs import gate

VIEW = "study.view"


@require_safe
def show(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Show the analyses of a study: a part of its page, or a page of its own without scripts."""
    reached = _staff(request, study_id, VIEW)
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="study-page")
        part = contexts.build(actor=reached.actor, study_id=study_id)
    template = "inference/study.html#analysis" if request.htmx else "inference/study.html"  # type: ignore[attr-defined]
    return render(request, template, {"part": part, "told": request.GET.get("told", "")})


@require_safe
def states(request: HttpRequest) -> HttpResponse:
    """Say how far the analyses of the studies of a list are; the list asks again for those that are under way."""
    actor = gate.member(request, VIEW)
    form = StatesForm(request.GET)
    if not form.is_valid():
        raise InvalidInputError("Ask for at most 200 studies, by their ids.")
    with tenant_scope(actor.tenant_id):
        page = states_contexts.build_listed(
            actor=actor, study_ids=form.cleaned_data["study"], open_before=form.cleaned_data["told"] or 0
        )
    return render(request, "inference/states.html", {"page": page})


@require_safe
def overlay(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Answer what the viewer draws over the images, to who may see suggestions."""
    reached = _staff(request, study_id, "finding.view")
    with gate.enter(reached):
        audit.open_access(actor=reached.actor, study_id=study_id, purpose="viewer")
        return JsonResponse(contexts.overlay(actor=reached.actor, study_id=study_id))


@require_POST
def run(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Ask all networks that read the images of a study."""
    reached = _staff(request, study_id, "network.run")
    services.request_runs(actor=reached.actor, study_id=study_id)
    messages.success(request, _("The analyses are queued."))
    return redirect("pacs:study", study_id)


@require_POST
def cancel(request: HttpRequest, network_run_id: UUID) -> HttpResponse:
    """Give one analysis up."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = selectors.get_run(actor=actor, run_id=network_run_id)
    access.require(actor, "network.run")
    services.cancel_run(actor=actor, run_id=network_run_id)
    return redirect("pacs:study", found.study_id)


@require_http_methods(["GET", "HEAD", "POST"])
def tagged(request: HttpRequest) -> HttpResponse:
    """Find studies by their tags; the word travels in the body, since it may say something about a patient."""
    actor = gate.member(request, "study.list")
    form = TagForm(request.POST or None)
    word = form.cleaned_data["tag"] if form.is_valid() else ""
    with tenant_scope(actor.tenant_id):
        page = contexts.build_tagged(actor=actor, tag=word)
        if word:
            audit.record(
                actor=actor,
                action="worklist.viewed",
                detail={"rows": len(page.lines), "studies": [str(line.id) for line in page.lines]},
            )
    return render(request, "inference/tagged.html", {"page": page, "form": form})


def _staff(request: HttpRequest, study_id: UUID, action: str) -> gate.Reached:
    """Return the member of staff who reaches a study; to guests and patients no analysis exists."""
    reached = gate.find_study(request, study_id=study_id, action=action)
    if reached.actor.grant is not None:
        raise NotFoundError()
    return reached
