"""The page of the framework packs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.scope import tenant_scope
from compliance.packs import contexts, services
from pacs import gate


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show which packs there are, which are on, and what a newer version changes."""
    actor = gate.member(request, "compliance.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(actor=actor)
    return render(request, "compliance/packs/list.html", {"page": page})


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Switch a pack on or off, or take its newest version."""
    actor = gate.member(request, "compliance.write")
    is_active = request.POST.get("to") == "on"
    services.choose_pack(actor=actor, pack_id=request.POST.get("pack", ""), is_active=is_active)
    messages.success(request, _("The pack is switched on.") if is_active else _("The pack is switched off."))
    return redirect("compliance:packs")
