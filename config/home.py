"""The front door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts import access
from common.actor import Actor, ActorKind
from common.scope import tenant_scope
from pacs import gate, selectors


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show strangers what this is; bring staff to their work, patients and guests to their studies."""
    kinds = {actor.kind for actor in request.actors}  # type: ignore[attr-defined]  # set by ActorMiddleware
    if ActorKind.USER in kinds:
        return redirect(_desk_of(gate.insider(request)))
    if ActorKind.PATIENT in kinds:
        return redirect("sharing:patient")
    if ActorKind.GUEST in kinds:
        return redirect("sharing:studies")
    return render(request, "home.html")


def _desk_of(actor: Actor) -> str:
    """Return where somebody's work begins: a new centre is led through its first steps, and who opens no studies works
    on compliance.
    """
    if not access.allows(actor, "study.view") and access.allows(actor, "compliance.read"):
        return "compliance:home"
    with tenant_scope(actor.tenant_id):
        return "pacs:worklist" if selectors.has_studies() else "first-steps"
