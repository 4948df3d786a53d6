"""What is answered when no page is: a page for people, a problem for programs (RFC 9457)."""

import sys
import traceback
from types import TracebackType

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader

from common import logs
from common.errors import DomainError, ForbiddenError, InvalidInputError, NotFoundError
from config import databases
from config.middleware import is_for_machines, problem

log = logs.get("requests")
_UNFORESEEN = {"type": "about:blank", "title": "Something failed on our side, and has been noted.", "status": 500}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is not understood."""
    return _answer(request, InvalidInputError(), "400.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is not allowed."""
    return _answer(request, ForbiddenError(), "403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return _answer(request, NotFoundError(), "404.html")


def unforeseen(request: HttpRequest) -> HttpResponse:
    """Answer after an error of the portal; the page asks nothing of the parts that may have failed.

    A database that fails below a middleware, not a view, ends here as well: that is over in a minute, and said so.
    """
    _note(request)
    if refusal := databases.refusal_of(sys.exc_info()[1]):
        page = loader.get_template("503.html")
        return problem(refusal) if is_for_machines(request) else HttpResponse(page.render(), status=refusal.status)
    if is_for_machines(request):
        return JsonResponse(_UNFORESEEN, status=500, content_type="application/problem+json")
    return HttpResponse(loader.get_template("500.html").render(), status=500)


def _note(request: HttpRequest) -> None:
    """Log what failed and where; neither the message nor the address, which may name a patient."""
    kind, _, trace = sys.exc_info()
    log.error(
        "request.failed",
        method=request.method,
        route=request.resolver_match.route if request.resolver_match else "",
        error_type=kind.__name__ if kind else "",
        source=_source(trace),
    )


def _source(trace: TracebackType | None) -> str:
    """Return module, function and line of the innermost frame that is the portal's own."""
    frames = [(frame.f_globals.get("__name__", "?"), frame.f_code, line) for frame, line in traceback.walk_tb(trace)]
    ours = [each for each in frames if (settings.BASE_DIR / each[0].partition(".")[0]).is_dir()]
    module, code, line = ours[-1] if ours else ("", None, 0)
    return f"{module}:{code.co_name}:{line}" if code else ""


def _answer(request: HttpRequest, error: DomainError, template: str) -> HttpResponse:
    return problem(error) if is_for_machines(request) else render(request, template, status=error.status)
