"""What patients ask for, answered by the practice."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access, step_up
from common.scope import tenant_scope
from compliance.retention import wishes
from compliance.retention.contexts import deletion as contexts
from compliance.retention.errors import WishRefusedError
from compliance.retention.forms import AnswerForm
from pacs import gate


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """List what waits for an answer."""
    actor = gate.member(request, "retention.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_wishes(actor=actor)
    return render(request, "compliance/retention/wishes.html", {"page": page})


@require_POST
def answer(request: HttpRequest, wish_id: UUID) -> HttpResponse:
    """Answer a patient."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        wishes.get(wish_id)
    access.require(actor, "retention.manage")
    step_up.require(request)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise WishRefusedError("Write an answer: the patient reads it.")
    is_granted = form.cleaned_data["decision"] == "grant"
    wishes.answer(actor=actor, wish_id=wish_id, is_granted=is_granted, text=form.cleaned_data["answer"])
    messages.success(request, _("Answered. The patient sees it on the patient page."))
    return redirect("compliance:wishes")
