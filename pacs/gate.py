"""Which of a request's actors reaches a study, and the scope in which it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from accounts import access, services
from accounts import selectors as accounts
from common.actor import Actor
from common.errors import ForbiddenError, UnauthenticatedError
from common.scope import brief_scope, tenant_scope
from pacs import selectors
from pacs.errors import StudyNotFoundError
from pacs.selectors import StudyRef


@dataclass(frozen=True, slots=True)
class Reached:
    """A study, and the actor who may reach it."""

    actor: Actor
    study: StudyRef


def actors_of(request: HttpRequest) -> tuple[Actor, ...]:
    """Return everybody whom the request's credentials stand for, or raise when there is none."""
    actors = tuple(request.actors)  # type: ignore[attr-defined]  # set by ActorMiddleware
    if not actors:
        raise UnauthenticatedError()
    return actors


def find_study(
    request: HttpRequest,
    *,
    action: str,
    study_id: UUID | None = None,
    study_instance_uid: str | None = None,
) -> Reached:
    """Return the study with the first actor who may do this; staff come first.

    Raises
    ------
    UnauthenticatedError
        Without any credential.
    StudyNotFoundError
        When no tenant or grant of the request contains the study.
    ForbiddenError
        When one contains it, and none may do this.
    """
    forbidden = False
    for actor in actors_of(request):
        try:
            study = _visible(actor, study_id, study_instance_uid)
        except StudyNotFoundError:
            continue
        actor = _under_emergency(actor, study.patient_row_id, action)  # noqa: PLW2901  the same person
        if access.allows(actor, action):
            return Reached(actor=actor, study=study)
        forbidden = True
    raise ForbiddenError() if forbidden else StudyNotFoundError()


def _under_emergency(actor: Actor, patient_id: UUID, action: str) -> Actor:
    """Return the person who broke the glass for this patient as who acts in an emergency: all of it is tagged."""
    line = accounts.running_of(actor).get(patient_id)
    if line is None and not access.allows(actor, action):
        line = accounts.read_running(actor, patient_id=patient_id)
    return services.under_emergency(actor, line) if line else actor


def _visible(actor: Actor, study_id: UUID | None, study_instance_uid: str | None) -> StudyRef:
    with brief_scope(actor.tenant_id):
        if study_id is not None:
            return selectors.get_study(actor=actor, study_id=study_id)
        return selectors.get_study_by_uid(actor=actor, uid=study_instance_uid or "")


@contextmanager
def enter(reached: Reached) -> Iterator[None]:
    """Open the scope in which a reached study is read."""
    with tenant_scope(reached.actor.tenant_id):
        yield


def member(request: HttpRequest, action: str) -> Actor:
    """Return the actor who works for the tenant as a whole (staff or token) and may do this."""
    actors = [actor for actor in actors_of(request) if actor.grant is None]
    for actor in actors:
        if access.allows(actor, action):
            return actor
    raise ForbiddenError()


def insider(request: HttpRequest) -> Actor:
    """Return the actor who works for the tenant as a whole, whatever he may do.

    For addresses whose id must be looked up first: what is not of this tenant is absent (404) before a right is
    missing (403). To a guest, who is no insider, all of it is absent.
    """
    for actor in actors_of(request):
        if actor.grant is None:
            return actor
    raise StudyNotFoundError()
