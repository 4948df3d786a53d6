"""From a request to who acts: an API token, or the session of a member of staff."""

import ipaddress
import time
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import devices, marks, selectors, services
from accounts.services import sessions
from common.actor import Actor, ActorKind
from common.clock import now

# Written at most once a minute: a viewer reads a thousand frames in that time.
SEEN_EVERY_S = 60


def from_token(request: HttpRequest) -> list[Actor]:
    """Resolve `Authorization: Bearer dpt_...`."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return []
    text = text.strip()
    grant = selectors.valid_token(text)
    if grant is None or not _is_within(devices.address_of(request), grant.networks):
        return []
    services.note_use(grant)
    return [
        Actor(
            tenant_id=grant.tenant_id,
            kind=ActorKind.TOKEN,
            id=grant.id,
            scopes=grant.scopes,
            recheck=lambda: selectors.valid_token(text) is not None,
        )
    ]


def _is_within(address: str | None, networks: Iterable[str]) -> bool:
    allowed = [ipaddress.ip_network(text) for text in networks]
    if not allowed:
        return True
    return address is not None and any(ipaddress.ip_address(address) in network for network in allowed)


def from_session(request: HttpRequest) -> list[Actor]:
    """Resolve the session of a person who passed both factors, in the active tenant."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or "Authorization" in request.headers:
        return []
    session = request.session
    if DEVICE_ID_SESSION_KEY not in session or marks.TENANT not in session or _timed_out(request):
        return []
    user = request.user
    if not user.is_authenticated:
        return []
    user_id, tenant_id = user.pk, UUID(session[marks.TENANT])
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
    house = selectors.house(UUID(session[marks.TENANT]))
    too_old = moment - session.get(marks.STARTED, 0) > house.absolute_hours * 3600
    too_idle = moment - session.get(marks.SEEN, 0) > house.idle_minutes * 60
    if too_old or too_idle:
        sessions.forget(session_key=session.session_key or "")
        session.flush()
        return True
    if is_input(request) and moment - session[marks.SEEN] > SEEN_EVERY_S:
        session[marks.SEEN] = moment
        sessions.note_seen(session_key=session.session_key or "", moment=now())
    return False


def is_input(request: HttpRequest) -> bool:
    """Say whether a person caused this request: pages that ask again by themselves keep no session alive.

    A page that was opened, a form that was sent, a file on its way; a reader who only scrolls is told of by the page
    itself (`accounts.views.account.here`). What a browser does not label counts.
    """
    if request.method not in {"GET", "HEAD"}:
        return True
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
