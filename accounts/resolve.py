"""From a request to who acts: an API token, or the session of a member of staff."""

import time
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import selectors
from common.actor import Actor, ActorKind

STARTED, SEEN, TENANT = "started", "seen", "tenant_id"


def from_token(request: HttpRequest) -> list[Actor]:
    """Resolve `Authorization: Bearer dpt_...`."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return []
    text = text.strip()
    grant = selectors.valid_token(text)
    if grant is None:
        return []
    return [
        Actor(
            tenant_id=grant.tenant_id,
            kind=ActorKind.TOKEN,
            id=grant.id,
            scopes=grant.scopes,
            recheck=lambda: selectors.valid_token(text) is not None,
        )
    ]


def from_session(request: HttpRequest) -> list[Actor]:
    """Resolve the session of a person who passed both factors, in the active tenant."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or "Authorization" in request.headers:
        return []
    session = request.session
    if DEVICE_ID_SESSION_KEY not in session or TENANT not in session or _timed_out(request):
        return []
    user = request.user
    if not user.is_authenticated:
        return []
    user_id, tenant_id = user.pk, UUID(session[TENANT])
    roles = selectors.roles_in(user_id=user_id, tenant_id=tenant_id)
    if not roles:
        return []
    return [
        Actor(
            tenant_id=tenant_id,
            kind=ActorKind.USER,
            id=user_id,
            roles=roles,
            recheck=lambda: bool(selectors.roles_in(user_id=user_id, tenant_id=tenant_id)),
        )
    ]


def _timed_out(request: HttpRequest) -> bool:
    session, moment = request.session, int(time.time())
    too_old = moment - session.get(STARTED, 0) > settings.STAFF_ABSOLUTE_TIMEOUT_S
    too_idle = moment - session.get(SEEN, 0) > settings.STAFF_IDLE_TIMEOUT_S
    if too_old or too_idle:
        session.flush()
        return True
    # Written at most once a minute: a viewer reads a thousand frames in that time.
    if moment - session[SEEN] > 60:
        session[SEEN] = moment
    return False
