"""Who acts, what refusals look like, and the headers of every answer."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from accounts import selectors as accounts
from accounts.errors import FreshFactorError
from accounts.views import step_up
from common import logs
from common.actor import Actor, ActorKind
from common.errors import DomainError, UnauthenticatedError
from common.refusals import detail_of, reason_of, title_of
from config import databases

log = logs.get("requests")
GetResponse = Callable[[HttpRequest], HttpResponse]
_PROGRAM_PATHS = ("/dicom-web/", "/api/")
_SCRIPT_PATHS = ("/uploads/",)
_PAGES = {403: "403.html", 404: "404.html", 503: "503.html"}


def is_for_machines(request: HttpRequest) -> bool:
    """Say whether the answer is read by a program, or a page's script: problems as JSON, never a redirect."""
    return request.path.startswith(_PROGRAM_PATHS + _SCRIPT_PATHS)


class PageMiddleware:
    """Run `settings.PAGE_MIDDLEWARE` for people's requests; those of programs pass by it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.direct = self.chain = get_response
        for path in reversed(settings.PAGE_MIDDLEWARE):
            self.chain = import_string(path)(self.chain)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.direct(request) if is_for_machines(request) else self.chain(request)


class CsrfMiddleware(CsrfViewMiddleware):
    """Accept the `Origin: null` that browsers send with our own forms under `Referrer-Policy: no-referrer`.

    `Sec-Fetch-Site` says then whether the form is ours; no script can set it.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.META.get("HTTP_ORIGIN") == "null":
            return request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin"
        return bool(super()._origin_verified(request))  # type: ignore[misc]  # not in the stubs


class ActorMiddleware:
    """Set `request.actors`: everybody whom the credentials of this request stand for, staff first."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.resolvers = [import_string(path) for path in settings.ACTOR_RESOLVERS]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def resolve() -> tuple[Actor, ...]:
            return tuple(actor for resolver in self.resolvers for actor in resolver(request))

        request.actors = SimpleLazyObject(resolve)  # type: ignore[attr-defined]  # ours
        return self.get_response(request)


class ZoneMiddleware:
    """Show staff every instant in the time zone of their tenant."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_for_machines(request) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        staff = next((one for one in request.actors if one.kind is ActorKind.USER), None)  # type: ignore[attr-defined]
        if staff is None:
            return self.get_response(request)
        with timezone.override(accounts.house(staff.tenant_id).zone):
            return self.get_response(request)


class LanguageMiddleware:
    """Speak the language of their tenant with staff who have chosen none, and English with programs.

    What somebody chose, and for all others what the browser asks for, has been set for pages by Django before this.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_PROGRAM_PATHS):
            translation.activate(settings.LANGUAGE_CODE)
            return self.get_response(request)
        if request.path.startswith(_SCRIPT_PATHS):
            translation.activate(translation.get_language_from_request(request))
        if settings.SESSION_COOKIE_NAME in request.COOKIES and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            staff = next((one for one in request.actors if one.kind is ActorKind.USER), None)  # type: ignore[attr-defined]
            if staff is not None and (language := accounts.house(staff.tenant_id).language):
                translation.activate(language)
                request.LANGUAGE_CODE = language
        return self.get_response(request)


class ProblemMiddleware:
    """Turn a foreseen refusal into an answer: RFC 9457 for programs, a page for people."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError, and a database that fails; anything else propagates."""
        if isinstance(error, databases.FAILURES):
            log.error("database.failed", error_type=type(error.__cause__).__name__)
            return self._answer(request, databases.refusal_of(error))
        return self._answer(request, error if isinstance(error, DomainError) else None)

    @staticmethod
    def _answer(request: HttpRequest, error: DomainError | None) -> HttpResponse | None:
        if error is None:
            return None
        if is_for_machines(request):
            return problem(error)
        if isinstance(error, UnauthenticatedError):
            return _to_sign_in(request)
        if isinstance(error, FreshFactorError):
            return step_up.ask(request, error)
        # A refusal that says more than its kind is shown in its own words.
        template = "" if error.detail else _PAGES.get(error.status, "")
        said = {"title": title_of(error), "detail": detail_of(error), "status": error.status}
        return render(request, template or "errors/refusal.html", said, status=error.status)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page and back to what was asked for, the whole page even when a fragment was asked for."""
    wanted = request.path if request.method in {"GET", "HEAD"} else ""
    if request.htmx:  # type: ignore[attr-defined]  # set by HtmxMiddleware
        return HttpResponse(status=401, headers={"HX-Redirect": settings.LOGIN_URL})
    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': wanted})}" if wanted else settings.LOGIN_URL)


def problem(error: DomainError) -> JsonResponse:
    """Return the problem document of a refusal (RFC 9457)."""
    body = {
        "type": f"urn:bitewing:{error.code}",
        "title": title_of(error),
        "status": error.status,
        "detail": reason_of(error),
    }
    response = JsonResponse(body, status=error.status, content_type="application/problem+json")
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


class AbsentMiddleware:
    """Where an address names something, a wrong method finds nothing: nobody has looked yet whose it is.

    DICOMweb looks first, and tells whoever may see the study which methods there are.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_named = bool(request.resolver_match and request.resolver_match.kwargs)
        if response.status_code == 405 and is_named and not is_for_machines(request):
            return render(request, "404.html", status=404)
        return response


class HeadersMiddleware:
    """Nothing of the portal is kept by a browser or a proxy, or shown by a search engine."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.streaming:
            # Else the server sends it in chunks; CommonMiddleware does the same, for pages only.
            response.setdefault("Content-Length", str(len(response.content)))
        response.setdefault("Cache-Control", "no-store")
        response.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
        return response
