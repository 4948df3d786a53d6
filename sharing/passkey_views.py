"""What the browser of a patient and the portal say to each other about passkeys, in JSON."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.actor import Actor
from common.errors import InvalidInputError
from sharing import cookies, patient_contexts, services
from sharing.errors import VisitEndedError


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Say what kind of passkey to make."""
    return _asked(services.begin_passkey(actor=_patient(request), host=_host(request)))


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Take the passkey that was made."""
    services.keep_passkey(
        actor=_patient(request),
        host=_host(request),
        challenge=cookies.read_challenge(request),
        answer=_answer(request),
    )
    return JsonResponse({})


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Say what to sign, whoever asks."""
    return _asked(services.begin_return(host=_host(request)))


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Take the signature and begin a session."""
    entered = services.come_back(
        host=_host(request), challenge=cookies.read_challenge(request), answer=_answer(request)
    )
    response = JsonResponse({"url": reverse("sharing:patient")})
    cookies.write_visit(response, cookies.Held(session_id=entered.session_id, secret=entered.secret))
    return response


def _asked(ceremony: services.Ceremony) -> HttpResponse:
    response = HttpResponse(ceremony.options, content_type="application/json")
    cookies.write_challenge(response, ceremony.challenge)
    return response


def _patient(request: HttpRequest) -> Actor:
    actor = patient_contexts.patient_of(request.actors)  # type: ignore[attr-defined]  # set by ActorMiddleware
    if actor is None:
        raise VisitEndedError
    return actor


def _host(request: HttpRequest) -> str:
    """Return the name that passkeys are made for; it is one of ours (`ALLOWED_HOSTS`)."""
    return request.get_host().partition(":")[0]


def _answer(request: HttpRequest) -> dict[str, Any]:
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInputError("JSON of a passkey was expected.")
    return found
