"""The front door of the section."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from common.errors import ForbiddenError
from compliance import section
from pacs import gate


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first page that the person may open."""
    actors = gate.actors_of(request)
    for group in section.GROUPS:
        for entry in section.open_to(actors, group):
            return redirect(entry.url)
    raise ForbiddenError()
