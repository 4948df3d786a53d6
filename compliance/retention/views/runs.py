"""What is due, and the runs that destroy it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, step_up
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from compliance.models import DeletionRun
from compliance.retention import runs
from compliance.retention.contexts import deletion as contexts
from compliance.retention.errors import RunRefusedError
from compliance.retention.forms import BeginForm
from pacs import gate


@require_http_methods(["GET", "HEAD", "POST"])
def due(request: HttpRequest) -> HttpResponse:
    """Show what may be destroyed, or what lies in the bin for long enough, and make a run of it."""
    actor = gate.member(request, "retention.manage" if request.method == "POST" else "retention.read")
    asked = request.POST.get("kind", "") if request.method == "POST" else request.GET.get("kind", "")
    kind = DeletionRun.Kind.BIN if asked == DeletionRun.Kind.BIN else DeletionRun.Kind.DUE
    with tenant_scope(actor.tenant_id):
        page = contexts.build_due(actor=actor, kind=kind)
        audit.record(actor=actor, action="deletion.list-viewed", detail={"studies": len(page.rows)})
    form = BeginForm(request.POST or None, listed=[row.study_id for row in page.rows])
    if form.is_bound and form.is_valid():
        step_up.require(request)
        try:
            run_id = runs.begin(
                actor=actor, kind=kind, reason=form.cleaned_data["reason"], without=form.cleaned_data["keep"]
            )
        except RunRefusedError as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, _("The run has begun: a dry run first. Nothing is destroyed yet."))
            return redirect("compliance:deletion-run", run_id)
    context = {"page": page, "form": form}
    return render(
        request, "compliance/retention/due.html", context, status=422 if form.is_bound and form.errors else 200
    )


@require_safe
def show(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show one run."""
    actor = _reached(request, run_id, "retention.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_run(actor=actor, run_id=run_id)
        audit.record(actor=actor, action="deletion.list-viewed", subject_id=run_id, detail={"studies": len(page.items)})
    return render(request, "compliance/retention/run.html", {"page": page})


@require_POST
def approve(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Approve a run, with a fresh second factor."""
    actor = _reached(request, run_id, "retention.approve")
    step_up.require(request)
    is_complete = runs.approve(actor=actor, run_id=run_id)
    messages.success(
        request,
        _("The run is approved and is being carried out.")
        if is_complete
        else _("Your approval is recorded. A second person has to approve, too."),
    )
    return redirect("compliance:deletion-run", run_id)


@require_POST
def stop(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Stop a run."""
    actor = _reached(request, run_id, "retention.approve")
    lost = runs.stop(actor=actor, run_id=run_id, reason=request.POST.get("reason", ""))
    if lost:
        messages.warning(request, _("Stopped. For %(count)s studies it was too late.") % {"count": lost})
    else:
        messages.success(request, _("Stopped. Nothing of this run is destroyed."))
    return redirect("compliance:deletion-run", run_id)


@require_POST
def go_on(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Take a stop back."""
    actor = _reached(request, run_id, "retention.manage")
    step_up.require(request)
    runs.go_on(actor=actor, run_id=run_id)
    messages.success(request, _("The run waits again, for two new approvals."))
    return redirect("compliance:deletion-run", run_id)


@require_POST
def give_up(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """End a stopped run for good."""
    actor = _reached(request, run_id, "retention.manage")
    runs.give_up(actor=actor, run_id=run_id)
    messages.success(request, _("The run is given up. Its studies are kept."))
    return redirect("compliance:retention")


@require_POST
def spare(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Take one study off the list of a run."""
    run_id = runs.spare(actor=gate.insider(request), item_id=item_id)
    messages.success(request, _("The study is off the list."))
    return redirect("compliance:deletion-run", run_id)


def _reached(request: HttpRequest, run_id: UUID, action: str) -> Actor:
    """Return who acts: a run of another tenant is absent before a right is missing."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        runs.get(run_id)
    access.require(actor, action)
    return actor
