"""People who sign in by hand: with a password, an authenticator, and the mails they are sent."""

import re
import time
from dataclasses import dataclass
from itertools import count

from django.core import mail
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Tenant, User
from audit.models import AuditEvent
from common.scope import tenant_scope
from outbox import services as outbox
from tests.factories.cast import make_member

PASSWORD = "a long enough password"
NEW_PASSWORD = "quite another sentence"
_numbers = count(1)


@dataclass
class Person:
    """A member with a phone that shows codes; each code is newer than the one before."""

    tenant: Tenant
    user: User
    device: TOTPDevice

    def code(self) -> str:
        """Look at the phone: codes of the next half minutes are accepted, so that a test need not wait for them."""
        self.device.refresh_from_db()
        return f"{totp(self.device.bin_key, drift=max(0, self.device.last_t + 1 - step_now())):06d}"


def step_now() -> int:
    """Count the half minutes of RFC 6238 until now."""
    return int(time.time()) // 30


def make_person(tenant: Tenant, *roles: str, email: str = "") -> Person:
    """Create a member with password and authenticator."""
    address = email or f"signing{next(_numbers)}@example.org"
    user = make_member(tenant, *roles, email=address, password=PASSWORD)
    return Person(tenant, user, TOTPDevice.objects.create(user=user, confirmed=True, tolerance=20))


def sign_in_by_hand(person: Person, **headers: str) -> Client:
    """Sign in as a person does, with both factors, in a fresh browser."""
    client = Client(headers=headers)
    client.post("/sign-in/", {"email": person.user.email, "password": PASSWORD})
    client.post("/sign-in/code/", {"code": person.code()})
    return client


def let_factor_age(client: Client) -> Client:
    """Let the second factor of a browser be older than five minutes."""
    session = client.session
    session["factor_at"] = session["factor_at"] - 301
    session.save()
    return client


def deliver(tenant: Tenant) -> None:
    """Let the worker do what waits."""
    outbox.drain([tenant.id])


def mailed_link(to: str) -> tuple[str, str]:
    """Return path and secret of the link in the newest mail to somebody."""
    text = next(str(one.body) for one in reversed(mail.outbox) if one.to == [to])
    found = re.search(r"https?://[^/\s]+(/\S+)#(\S+)", text)
    assert found is not None
    return found[1], found[2]


def actions(tenant: Tenant) -> list[str]:
    """Return what the audit log of a tenant holds, oldest first."""
    with tenant_scope(tenant.id):
        return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
