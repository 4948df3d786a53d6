"""The quarantine."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.ids import parse_uuid
from common.scope import tenant_scope
from pacs import gate
from pacs.contexts import quarantine as contexts


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List what was refused, and why; nothing of it can be taken out here."""
    actor = gate.member(request, "quarantine.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(before_id=parse_uuid(request.GET.get("cursor", "")))
    return render(request, "pacs/quarantine.html", {"page": page})
