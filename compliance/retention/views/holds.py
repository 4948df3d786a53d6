"""Holds."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access, step_up
from common.actor import Actor
from common.scope import tenant_scope
from compliance.retention import holds
from compliance.retention.contexts import deletion as contexts
from compliance.retention.errors import HoldRefusedError
from compliance.retention.forms import ReviewForm
from pacs import gate


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """List the holds that stand."""
    actor = gate.member(request, "retention.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build_holds(actor=actor)
    return render(request, "compliance/retention/holds.html", {"page": page})


@require_POST
def release(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """End a hold."""
    actor = _reached(request, hold_id)
    step_up.require(request)
    holds.release(actor=actor, hold_id=hold_id, reason=request.POST.get("reason", ""))
    messages.success(request, _("The hold has ended."))
    return redirect("compliance:holds")


@require_POST
def review(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Say that a hold still stands."""
    actor = _reached(request, hold_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        raise HoldRefusedError("Choose a day within the next year on which the hold is looked at again.")
    holds.review(actor=actor, hold_id=hold_id, review_date=form.cleaned_data["review_date"])
    messages.success(request, _("Noted: the hold still stands."))
    return redirect("compliance:holds")


def _reached(request: HttpRequest, hold_id: UUID) -> Actor:
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        holds.get(hold_id)
    access.require(actor, "retention.hold")
    return actor
