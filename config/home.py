"""The front door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from common.actor import ActorKind
from common.scope import tenant_scope
from pacs import gate, selectors


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show strangers what this is; bring staff, patients and guests to their studies."""
    kinds = {actor.kind for actor in request.actors}  # type: ignore[attr-defined]  # set by ActorMiddleware
    if ActorKind.USER in kinds:
        return redirect("pacs:worklist" if _has_begun(request) else "first-steps")
    if ActorKind.PATIENT in kinds:
        return redirect("sharing:patient")
    if ActorKind.GUEST in kinds:
        return redirect("sharing:studies")
    return render(request, "home.html")


def _has_begun(request: HttpRequest) -> bool:
    """Say whether the centre has any study: a new one is led through its first steps."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        return selectors.has_studies()
