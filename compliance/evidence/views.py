"""Pages of evidence."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.clock import today
from common.scope import tenant_scope
from compliance.evidence import contexts, services
from compliance.evidence.errors import ActivityRefusedError
from compliance.evidence.forms import ActivityForm, VerdictForm
from pacs import gate


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List what the portal measured about itself."""
    actor = gate.member(request, "compliance.read")
    form = VerdictForm(request.GET)
    verdict = form.cleaned_data["verdict"] if form.is_valid() else ""
    with tenant_scope(actor.tenant_id):
        page = contexts.build_evidence(actor=actor, verdict=verdict)
    return render(request, "compliance/evidence/list.html", {"page": page})


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """Say how far the run is; when it has ended, the whole page is read again."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        state = contexts.build_progress()
    response = render(request, "compliance/evidence/list.html#progress", {"progress": state})
    if not state.is_running:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Have everything measured now."""
    actor = gate.member(request, "compliance.write")
    services.request_run(actor=actor)
    return redirect("compliance:evidence")


@require_safe
def show_probe(request: HttpRequest) -> HttpResponse:
    """Show one measurement and its past; the id is a code of the pack, the same for everybody."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_probe(request.GET.get("id", ""))
    return render(request, "compliance/evidence/probe.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def activities(request: HttpRequest) -> HttpResponse:
    """List what people recorded, and record more."""
    actor = gate.member(request, "compliance.write" if request.method == "POST" else "compliance.read")
    form = ActivityForm(request.POST or None, initial={"performed_date": today(), "kind": request.GET.get("kind", "")})
    if form.is_valid():
        try:
            services.record_activity(actor=actor, draft=form.draft())
        except ActivityRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Recorded. The next measurement takes it into account."))
            return redirect("compliance:activities")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_activities(actor=actor)
    context = {"page": page, "form": form}
    return render(request, "compliance/evidence/activities.html", context, status=422 if form.errors else 200)
