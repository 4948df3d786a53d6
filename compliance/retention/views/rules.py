"""The rules: where the practice treats, and what a named person confirmed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import step_up
from common.scope import tenant_scope
from compliance.retention import policy
from compliance.retention.contexts import overview as contexts
from compliance.retention.errors import RuleRefusedError
from compliance.retention.forms import ConfirmForm, PolicyForm, ReasonForm
from pacs import gate


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """List the rules of the book."""
    actor = gate.member(request, "retention.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_rules(actor=actor)
    return render(request, "compliance/retention/rules.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Say where the practice treats and whose periods apply."""
    actor = gate.member(request, "retention.manage" if request.method == "POST" else "retention.read")
    with tenant_scope(actor.tenant_id):
        terms = policy.terms()
    initial = {
        "jurisdictions": list(terms.jurisdictions),
        "overlays": list(terms.overlays),
        "notifies_patients": terms.notifies_patients,
        **terms.extension_years,
    }
    form = PolicyForm(request.POST or None, initial=initial, book=terms.book)
    if form.is_valid():
        step_up.require(request)
        policy.choose(actor=actor, **form.values())
        messages.success(request, _("The policy is saved. It acts with the rules that were confirmed."))
        return redirect("compliance:retention")
    return render(request, "compliance/retention/policy.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Show and confirm one rule; its id is a code of the book, the same for everybody."""
    actor = gate.member(request, "retention.manage" if request.method == "POST" else "retention.read")
    rule_id = request.GET.get("rule", "")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_rule(actor=actor, rule_id=rule_id)
    form = ConfirmForm(request.POST or None, initial={"source": page.row.citation})
    if form.is_valid():
        step_up.require(request)
        try:
            policy.confirm(actor=actor, draft=form.draft(rule_id))
        except RuleRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The rule is confirmed in your name."))
            return redirect("compliance:retention-rules")
    context = {"page": page, "form": form}
    return render(request, "compliance/retention/rule.html", context, status=422 if form.errors else 200)


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take a confirmation back."""
    actor = gate.member(request, "retention.manage")
    step_up.require(request)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    policy.withdraw(actor=actor, rule_id=request.POST.get("rule", ""), reason=reason)
    messages.success(request, _("The confirmation is taken back: the rule keeps, and lets nothing go."))
    return redirect("compliance:retention-rules")
