"""Signing in: password, then a second factor, then a session of one tenant."""

import time
from uuid import UUID

import django_otp
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django_otp.models import Device

from accounts import devices, factors, marks, selectors, services
from accounts.errors import WrongCodeError
from accounts.models import User
from accounts.services import sessions
from audit import services as audit
from common.actor import Actor, ActorKind
from common.errors import NotFoundError
from common.scope import tenant_scope

# The second factor follows the first within this time.
HALF_S = 10 * 60


def check_password(request: HttpRequest, *, email: str, password: str) -> User | None:
    """Return the person when the password is right; failures count towards the lock-out."""
    found = authenticate(request, username=email.strip().lower(), password=password)
    return found if isinstance(found, User) else None


def begin(request: HttpRequest, user: User) -> None:
    """Open a session that has passed the first factor only."""
    old_key = request.session.session_key or ""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if request.session.session_key != old_key:
        sessions.forget(session_key=old_key)
    request.session[marks.FIRST_FACTOR] = int(time.time())


def half_signed_in(request: HttpRequest) -> User | None:
    """Return who passed the first factor a moment ago, or is signed in."""
    if not isinstance(request.user, User):
        return None
    is_recent = time.time() - request.session.get(marks.FIRST_FACTOR, 0) <= HALF_S
    return request.user if is_recent or is_verified(request) else None


def is_verified(request: HttpRequest) -> bool:
    """Say whether the session has passed both factors."""
    return bool(django_otp.DEVICE_ID_SESSION_KEY in request.session)


def confirm_factor(request: HttpRequest, user: User, *, code: str) -> list[str]:
    """Enrol: confirm the authenticator with its first code, finish signing in, return the printed codes."""
    key = request.session.session_key or ""
    device = factors.confirm_authenticator(user, code=code, session_key=key)
    if device is None:
        raise WrongCodeError()
    codes = factors.print_codes(user)
    finish(request, user, device)
    _record(request, user, "factor.enrolled")
    return codes


def verify_factor(request: HttpRequest, user: User, *, code: str) -> None:
    """Check a code of the authenticator, then finish signing in."""
    device = factors.match_authenticator(user, code=code)
    if device is None:
        raise WrongCodeError()
    finish(request, user, device)


def recover(request: HttpRequest, user: User, *, code: str) -> None:
    """Sign in with a printed code, which is used up."""
    device = factors.match_printed(user, code=code)
    if device is None:
        raise WrongCodeError("This printed code is wrong or was used already. Enter another one of the list.")
    finish(request, user, device)
    _record(request, user, "factor.recovered")


def finish(request: HttpRequest, user: User, device: Device) -> None:
    """Mark the session as verified and enter the tenant of the person's last session."""
    django_otp.login(request, device)
    sessions.forget(session_key=request.session.session_key or "")
    request.session.cycle_key()
    request.session.pop(marks.FIRST_FACTOR, None)
    request.session[marks.STARTED] = request.session[marks.SEEN] = int(time.time())
    mark_factor(request.session)
    sessions.begin(
        user_id=user.id,
        session_key=request.session.session_key or "",
        device=devices.describe(request),
        address=devices.address_of(request),
    )
    tenant_id = first_tenant(user)
    if tenant_id is not None:
        enter_tenant(request, user, tenant_id=tenant_id)


def mark_factor(session: SessionBase) -> None:
    """Remember that a second factor was given just now."""
    session[marks.FACTOR] = int(time.time())


def first_tenant(user: User) -> UUID | None:
    """Return the tenant in which the person worked last, else the first one."""
    found = [tenant.id for tenant in selectors.tenants_of_user(user.id)]
    return user.last_tenant_id if user.last_tenant_id in found else next(iter(found), None)


def enter_tenant(request: HttpRequest, user: User, *, tenant_id: UUID) -> None:
    """Make one of the person's tenants the active one."""
    roles = selectors.roles_in(user_id=user.id, tenant_id=tenant_id)
    if not roles:
        raise NotFoundError()
    request.session[marks.TENANT] = str(tenant_id)
    services.note_tenant(user_id=user.id, tenant_id=tenant_id)
    _record(request, user, "session.started")


def _record(request: HttpRequest, user: User, action: str) -> None:
    tenant = request.session.get(marks.TENANT)
    if tenant is None:
        return
    actor = Actor(tenant_id=UUID(tenant), kind=ActorKind.USER, id=user.id)
    with tenant_scope(actor.tenant_id):
        audit.record(actor=actor, action=action)


def replace_factor(request: HttpRequest, actor: Actor, *, code: str) -> None:
    """Put a new authenticator in the place of the one that this session was begun with."""
    key = request.session.session_key or ""
    device = services.replace_authenticator(actor=actor, code=code, current_key=key)
    django_otp.login(request, device)
    mark_factor(request.session)


def stay(request: HttpRequest, user: User) -> None:
    """Let this session, under a new key, outlive a change of the person's own password."""
    old_key = request.session.session_key or ""
    update_session_auth_hash(request, user)
    sessions.rename(old_key=old_key, new_key=request.session.session_key or "")


def end(request: HttpRequest) -> None:
    """Sign out."""
    for actor in getattr(request, "actors", ()):
        if actor.kind is ActorKind.USER:
            with tenant_scope(actor.tenant_id):
                audit.record(actor=actor, action="session.ended")
    sessions.forget(session_key=request.session.session_key or "")
    logout(request)
