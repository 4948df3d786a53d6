"""One address of the services: who asks, by which method, and from where (PS3.18 8.1.2 and 8.5)."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from common.actor import ActorKind
from common.errors import NotFoundError, UnsupportedMediaTypeError
from pacs import gate, leaving
from pacs.dicomweb.errors import CsrfError

if TYPE_CHECKING:
    from collections.abc import Mapping

View = Callable[..., HttpResponseBase]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def endpoint(**handlers: View) -> View:
    """Return the view of an address whose methods are given by name, as in ``endpoint(GET=.., DELETE=..)``.

    A token needs nothing more. A session comes along with every request of its browser, so what changes something must
    also prove that a page of ours sent it (CSRF).
    """
    view = csrf_exempt(partial(_serve, handlers))
    view.methods = tuple(sorted(handlers))  # type: ignore[attr-defined]  # what a description of the services tells
    return view


def _serve(handlers: "Mapping[str, View]", request: HttpRequest, **identifiers: str) -> HttpResponseBase:
    actors = gate.actors_of(request)
    if request.method == "OPTIONS" and request.method not in handlers and handlers.get("GET") is not absent:
        return _tell(handlers, request, identifiers.get("study"))
    if request.method == "HEAD" and "GET" in handlers:
        with leaving.nothing():
            return _head_of(handlers["GET"](request, **identifiers))
    handler = handlers.get(request.method or "")
    if handler is None:
        return _not_allowed(handlers, request, identifiers.get("study"))
    if request.method not in _SAFE and all(actor.kind is not ActorKind.TOKEN for actor in actors):
        _check_origin(request)
    return handler(request, **identifiers)


def _head_of(response: HttpResponseBase) -> HttpResponseBase:
    """Return what stands above the body of an answer (RFC 9110 9.3.2); where its size is not known, none is named."""
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return StreamingHttpResponse(status=response.status_code, headers=dict(response.items()))


def _methods_of(handlers: "Mapping[str, View]", *others: str) -> str:
    found = {*handlers, *others, *({"HEAD"} if "GET" in handlers else ())}
    return ", ".join(sorted(found))


def _tell(handlers: "Mapping[str, View]", request: HttpRequest, study: str | None) -> HttpResponse:
    """Answer OPTIONS: the methods of this address (RFC 9110 9.3.7)."""
    if study is not None:
        gate.find_study(request, study_instance_uid=study, action="study.list")
    return HttpResponse(status=204, headers={"Allow": _methods_of(handlers, "OPTIONS")})


def _not_allowed(handlers: "Mapping[str, View]", request: HttpRequest, study: str | None) -> HttpResponse:
    if study is not None:
        # A study of somebody else must look absent by every method.
        gate.find_study(request, study_instance_uid=study, action="study.list")
    title = "This address does not know the method."
    body = {"type": "urn:bitewing:method-not-allowed", "title": title, "status": 405, "detail": title}
    return JsonResponse(
        body, status=405, content_type="application/problem+json", headers={"Allow": _methods_of(handlers)}
    )


def _check_origin(request: HttpRequest) -> None:
    # Django looks for its token in a form first, and would read the body as one.
    if request.content_type in _FORMS:
        raise UnsupportedMediaTypeError("Forms are not accepted here.")
    check = CsrfViewMiddleware(_nothing)
    if check.process_view(request, _nothing, (), {}) is not None:
        raise CsrfError()


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def absent(_request: HttpRequest, **_identifiers: str) -> HttpResponseBase:
    """Answer for every address that the services do not have."""
    raise NotFoundError()
