"""Which of a request's actors manages people and settings."""

from django.http import HttpRequest

from accounts import access
from common.actor import Actor, ActorKind
from common.errors import ForbiddenError, NotFoundError, UnauthenticatedError


def actors_of(request: HttpRequest) -> tuple[Actor, ...]:
    """Return everybody whom the request's credentials stand for, or raise when there is none."""
    actors = tuple(request.actors)  # type: ignore[attr-defined]  # set by ActorMiddleware
    if not actors:
        raise UnauthenticatedError()
    return actors


def member(request: HttpRequest, action: str) -> Actor:
    """Return the actor who works for the tenant as a whole and may do this."""
    actor = next((one for one in actors_of(request) if one.grant is None and access.allows(one, action)), None)
    if actor is None:
        raise ForbiddenError()
    return actor


def insider(request: HttpRequest) -> Actor:
    """Return the actor who works for the tenant as a whole, whatever he may do: what he names is looked up first."""
    actor = next((one for one in actors_of(request) if one.grant is None), None)
    if actor is None:
        raise NotFoundError()
    return actor


def person(request: HttpRequest) -> Actor:
    """Return the person who is signed in; a token or a guest is not one."""
    actor = next((one for one in actors_of(request) if one.kind is ActorKind.USER), None)
    if actor is None:
        raise UnauthenticatedError()
    return actor
