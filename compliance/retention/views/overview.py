"""The front page, and the simulation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.scope import tenant_scope
from compliance.retention import policy
from compliance.retention.contexts import overview as contexts
from compliance.retention.forms import WhatIfForm
from pacs import gate


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show where retention stands."""
    actor = gate.member(request, "retention.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_overview(actor=actor)
    return render(request, "compliance/retention/overview.html", {"page": page})


@require_safe
def simulate(request: HttpRequest) -> HttpResponse:
    """Show what falls due in the next two years, and what another rule would do; nothing is changed."""
    actor = gate.member(request, "retention.read")
    with tenant_scope(actor.tenant_id):
        terms = policy.terms()
        form = WhatIfForm(request.GET or None, book=terms.book, rule_ids=terms.rule_ids)
        is_tried = form.is_bound and form.is_valid() and bool(form.cleaned_data["rule"])
        rule_id = form.cleaned_data["rule"] if is_tried else ""
        page = contexts.build_simulation(terms=terms, rule_id=rule_id, figures=form.figures() if is_tried else None)
    context = {"page": page, "form": form}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "compliance/retention/simulation.html", context, status=status)
