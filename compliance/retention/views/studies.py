"""How long one study is kept, why, and what bears on it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import selectors as accounts
from accounts import step_up
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from compliance.retention import circumstances, extensions, holds, rulebook
from compliance.retention.contexts import study as contexts
from compliance.retention.errors import ExtensionRefusedError, HoldRefusedError
from compliance.retention.forms import CircumstancesForm, ExtensionForm, HoldForm
from pacs import gate, retained


@require_safe
def show(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Show until when a study is kept."""
    return _page(request, gate.insider(request), study_id)


@require_safe
def summary(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Answer the short form, which the page of the study asks for."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        card = contexts.build_summary(actor=actor, study_id=study_id)
    audit.open_access(actor=actor, study_id=study_id, purpose="study-page")
    return render(request, "compliance/retention/_summary.html", {"card": card})


@require_POST
def hold(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Place a hold: at once, without a second factor, since it only keeps."""
    actor = _reached(request, study_id, "retention.hold")
    with tenant_scope(actor.tenant_id):
        form = HoldForm(request.POST, people=accounts.names_of_members())
    if form.is_valid():
        try:
            holds.place(actor=actor, study_id=study_id, draft=form.draft())
        except HoldRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The hold stands. Nothing of it is destroyed."))
            return redirect("compliance:retention-study", study_id)
    return _page(request, actor, study_id, hold_form=form)


@require_POST
def extend(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Keep a study longer."""
    actor = _reached(request, study_id, "retention.extend")
    form = ExtensionForm(request.POST)
    if form.is_valid():
        try:
            extensions.extend(actor=actor, study_id=study_id, draft=form.draft())
        except ExtensionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It is kept longer."))
            return redirect("compliance:retention-study", study_id)
    return _page(request, actor, study_id, extension_form=form)


@require_POST
def end_extension(request: HttpRequest, extension_id: UUID) -> HttpResponse:
    """Take longer keeping back."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        row = extensions.get(extension_id)
    extensions.require(actor)
    step_up.require(request)
    extensions.end(actor=actor, extension_id=extension_id)
    messages.success(request, _("Taken back: the rules alone decide."))
    return redirect("compliance:retention-study", row.study_id) if row.study_id else redirect("compliance:retention")


@require_POST
def describe(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Say what bears on the patient besides."""
    actor = _reached(request, study_id, "retention.manage")
    form = CircumstancesForm(request.POST, book=rulebook.latest())
    if not form.is_valid():
        return _page(request, actor, study_id, patient_form=form)
    step_up.require(request)
    circumstances.describe(actor=actor, study_id=study_id, **form.cleaned_data)
    messages.success(request, _("Saved. The stricter place and the longest period win."))
    return redirect("compliance:retention-study", study_id)


def _reached(request: HttpRequest, study_id: UUID, action: str) -> Actor:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        retained.get(actor=actor, study_id=study_id, action=action)
    return actor


def _page(request: HttpRequest, actor: Actor, study_id: UUID, **forms: Any) -> HttpResponse:
    with tenant_scope(actor.tenant_id):
        page = contexts.build(actor=actor, study_id=study_id)
        people = accounts.names_of_members()
    audit.open_access(actor=actor, study_id=study_id, purpose="retention")
    known = page.circumstances
    initial = {
        "jurisdictions": list(known.jurisdictions),
        "overlays": list(known.overlays),
        "is_incompetent": known.is_incompetent,
    }
    context = {
        "page": page,
        "hold_form": HoldForm(people=people, initial={"owner": str(actor.id)}),
        "extension_form": ExtensionForm(),
        "patient_form": CircumstancesForm(initial=initial, book=rulebook.latest()),
        **forms,
    }
    return render(request, "compliance/retention/study.html", context, status=422 if forms else 200)
