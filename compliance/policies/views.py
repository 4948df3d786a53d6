"""Pages of policies, training and sanctions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, gate
from common.actor import Actor
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.pages import Link
from compliance.policies import contexts, selectors, services
from compliance.policies.forms import ApprovalForm, PolicyForm, SanctionForm, TrainingForm, VersionForm


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Show the library."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_policies(actor)
    return render(request, "compliance/page.html", {"page": page})


@require_POST
def take_over(request: HttpRequest) -> HttpResponse:
    """Take over the templates that are not in the library."""
    count = services.take_over_templates(actor=gate.member(request, "compliance.write"))
    messages.success(request, _("{count} drafts wait for you to read and approve them.").format(count=count))
    return redirect("compliance:policies")


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Write a policy of one's own."""
    actor = gate.member(request, "compliance.write")
    form = PolicyForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.add_policy(actor=actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("compliance:policy", made)
    back = reverse("compliance:policies")
    context = {
        "form": form,
        "title": _("Write a policy"),
        "crumbs": (Link(_("Policies"), back),),
        "submit": _("Keep as a draft"),
        "back": back,
    }
    return render(request, "compliance/page_form.html", context, status=422 if form.errors else 200)


@require_safe
def policy(request: HttpRequest, policy_id: UUID) -> HttpResponse:
    """Show one policy."""
    return _page(request, gate.insider(request), policy_id, {})


def _page(request: HttpRequest, actor: Actor, policy_id: UUID, wrong: dict[str, Any]) -> HttpResponse:
    with tenant_scope(actor.tenant_id):
        selectors.get_policy(policy_id)
        access.require(actor, "compliance.read")
        latest = selectors.standing_of(policy_id).latest
        blank = {"version": VersionForm(initial={"text": latest.text if latest else ""}), "approval": ApprovalForm()}
        page = contexts.build_policy(actor=actor, policy_id=policy_id, forms={**blank, **wrong})
    return render(request, "compliance/page.html", {"page": page}, status=422 if wrong else 200)


def _carry_out(
    request: HttpRequest, policy_id: UUID, name: str, form: Any, act: Callable[[Actor], object]
) -> HttpResponse:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_policy(policy_id)
        access.require(actor, "compliance.write")
    if form.is_valid():
        try:
            act(actor)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Recorded."))
            return redirect("compliance:policy", policy_id)
    return _page(request, actor, policy_id, {name: form})


@require_POST
def write(request: HttpRequest, policy_id: UUID) -> HttpResponse:
    """Write the next version."""
    form = VersionForm(request.POST)

    def act(actor: Actor) -> None:
        services.write_version(actor=actor, policy_id=policy_id, **form.cleaned_data)

    return _carry_out(request, policy_id, "version", form, act)


@require_POST
def approve(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Put a version into force."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        policy_id = selectors.get_version(version_id).policy_id
    form = ApprovalForm(request.POST)

    def act(actor: Actor) -> None:
        services.approve_version(actor=actor, version_id=version_id, **form.cleaned_data)

    return _carry_out(request, policy_id, "approval", form, act)


@require_POST
def retire(request: HttpRequest, policy_id: UUID) -> HttpResponse:
    """Take a policy out of the library."""
    services.retire_policy(actor=gate.insider(request), policy_id=policy_id)
    return redirect("compliance:policies")


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the reader has to read."""
    actor = gate.member(request, "compliance.contribute")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_mine(actor)
    return render(request, "compliance/page.html", {"page": page})


@require_POST
def acknowledge(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Confirm to have read a version."""
    services.acknowledge(actor=gate.insider(request), version_id=version_id)
    messages.success(request, _("Confirmed."))
    return redirect("compliance:policies-mine")


@require_http_methods(["GET", "HEAD", "POST"])
def training(request: HttpRequest) -> HttpResponse:
    """Show the records of training, and add one."""
    return _register(request, TrainingForm, contexts.build_training, services.record_training, "compliance:training")


@require_http_methods(["GET", "HEAD", "POST"])
def sanctions(request: HttpRequest) -> HttpResponse:
    """Show the register of sanctions, and add one."""
    return _register(request, SanctionForm, contexts.build_sanctions, services.record_sanction, "compliance:sanctions")


def _register(
    request: HttpRequest, form_class: Any, build: Callable[..., Any], record: Callable[..., object], url_name: str
) -> HttpResponse:
    """Show a register, and record what a form says."""
    actor = gate.member(request, "compliance.write" if request.method == "POST" else "compliance.read")
    form = form_class(request.POST or None)
    if form.is_valid():
        try:
            record(actor=actor, draft=form.draft())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Recorded."))
            return redirect(url_name)
    with tenant_scope(actor.tenant_id):
        page = build(actor=actor, form=form)
    return render(request, "compliance/page.html", {"page": page}, status=422 if form.errors else 200)
