"""What a centre stores and does, month by month."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.scope import tenant_scope
from pacs import gate
from pacs.contexts import figures as contexts


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the figures of the last twelve months."""
    actor = gate.member(request, "figures.read")
    with tenant_scope(actor.tenant_id):
        page = contexts.build(actor=actor)
    return render(request, "pacs/figures.html", {"page": page})
