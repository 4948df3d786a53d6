"""The page from which folders are sent; its script talks to `pacs.views.uploads`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.scope import tenant_scope
from pacs import gate
from pacs.contexts import upload as contexts
from pacs.intake.sessions import UPLOAD


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show where to drop a folder, and what lacks of those that were begun."""
    actor = gate.member(request, UPLOAD)
    with tenant_scope(actor.tenant_id):
        page = contexts.build(actor=actor)
    return render(request, "pacs/upload.html", {"page": page})
