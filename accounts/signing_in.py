"""Signing in: password, then a second factor, then a session of one tenant."""

import base64
import time
from uuid import UUID

import django_otp
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import resolve, selectors
from accounts.errors import WrongCodeError
from accounts.models import User
from audit import services as audit
from common.actor import Actor, ActorKind
from common.errors import NotFoundError
from common.scope import tenant_scope


def check_password(request: HttpRequest, *, email: str, password: str) -> User | None:
    """Return the person when the password is right; failures count towards the lock-out."""
    found = authenticate(request, username=email.strip().lower(), password=password)
    return found if isinstance(found, User) else None


def begin(request: HttpRequest, user: User) -> None:
    """Open a session that has passed the first factor only."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")


def has_factor(user: User) -> bool:
    """Say whether a confirmed second factor exists."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_verified(request: HttpRequest) -> bool:
    """Say whether the session has passed both factors."""
    return bool(django_otp.DEVICE_ID_SESSION_KEY in request.session)


def readable_key(device: TOTPDevice) -> str:
    """Return the secret of a device as authenticators take it by hand: base32 in groups of four."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def new_factor(user: User) -> TOTPDevice:
    """Return the unconfirmed TOTP device of a person, made when absent."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "authenticator"})
    return device


def confirm_factor(request: HttpRequest, user: User, *, code: str) -> None:
    """Enrol: confirm the device with its first code, then finish signing in."""
    device = new_factor(user)
    if not device.verify_token(code.strip()):
        raise WrongCodeError()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    finish(request, user, device)


def verify_factor(request: HttpRequest, user: User, *, code: str) -> None:
    """Check a code of any confirmed device, then finish signing in."""
    device = django_otp.match_token(user, code.strip())
    if device is None:
        raise WrongCodeError()
    finish(request, user, device)


def finish(request: HttpRequest, user: User, device: TOTPDevice) -> None:
    """Mark the session as verified and enter the first tenant of the person."""
    django_otp.login(request, device)
    request.session.cycle_key()
    request.session[resolve.STARTED] = request.session[resolve.SEEN] = int(time.time())
    tenants = selectors.tenants_of_user(user.id)
    if tenants:
        enter_tenant(request, user, tenant_id=tenants[0].id)


def enter_tenant(request: HttpRequest, user: User, *, tenant_id: UUID) -> None:
    """Make one of the person's tenants the active one."""
    roles = selectors.roles_in(user_id=user.id, tenant_id=tenant_id)
    if not roles:
        raise NotFoundError()
    request.session[resolve.TENANT] = str(tenant_id)
    with tenant_scope(tenant_id):
        actor = Actor(tenant_id=tenant_id, kind=ActorKind.USER, id=user.id, roles=roles)
        audit.record(actor=actor, action="session.started")


def end(request: HttpRequest) -> None:
    """Sign out."""
    for actor in getattr(request, "actors", ()):
        if actor.kind is ActorKind.USER:
            with tenant_scope(actor.tenant_id):
                audit.record(actor=actor, action="session.ended")
    logout(request)
