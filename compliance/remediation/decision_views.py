"""Pages of the addressable specifications."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.scope import tenant_scope
from compliance.remediation import contexts, decisions
from compliance.remediation.decisions import DecidedSpec
from compliance.remediation.errors import DecisionRefusedError
from compliance.remediation.forms import DecisionForm, next_review
from pacs import gate


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """List the addressable specifications with their decisions."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_decisions(actor=actor)
    return render(request, "compliance/remediation/decisions.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest) -> HttpResponse:
    """Show and decide one specification; its id is a code of the rule, the same for everybody."""
    actor = gate.member(request, "compliance.write" if request.method == "POST" else "compliance.read")
    spec_id = request.GET.get("spec", "")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_decision(actor=actor, spec_id=spec_id)
    form = DecisionForm(request.POST or None, initial=_as_initial(page.row.spec))
    if form.is_valid():
        try:
            decisions.decide(actor=actor, spec_id=spec_id, draft=form.draft())
        except DecisionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect("compliance:decisions")
    context = {"page": page, "form": form}
    return render(request, "compliance/remediation/decision.html", context, status=422 if form.errors else 200)


def _as_initial(spec: DecidedSpec) -> dict[str, object]:
    return {
        "outcome": spec.outcome,
        "rationale": spec.rationale,
        "alternative": spec.alternative,
        "review_date": next_review(),
    }
