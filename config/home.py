"""The front door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from common.actor import ActorKind


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show strangers what this is; bring staff to their studies, and guests to theirs."""
    kinds = {actor.kind for actor in request.actors}  # type: ignore[attr-defined]  # set by ActorMiddleware
    if ActorKind.USER in kinds:
        return redirect("pacs:worklist")
    if ActorKind.GUEST in kinds:
        return redirect("sharing:studies")
    return render(request, "home.html")
