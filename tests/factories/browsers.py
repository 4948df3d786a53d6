"""Browsers in which somebody has signed in."""

import time

from django.contrib.auth import get_user_model
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Tenant
from common.actor import Actor
from tests.factories.cast import make_actor


def browser_of(actor: Actor) -> Client:
    """Return a browser with the session of a person who passed both factors; the device is a real one."""
    client = Client()
    user = get_user_model().objects.get(id=actor.id)
    client.force_login(user)
    device = TOTPDevice.objects.create(user=user, confirmed=True)
    moment = int(time.time())
    session = client.session
    session.update(
        {
            DEVICE_ID_SESSION_KEY: device.persistent_id,
            "started": moment,
            "seen": moment,
            "factor_at": moment,
            "tenant_id": str(actor.tenant_id),
        }
    )
    session.save()
    return client


def enter_as(tenant: Tenant, role: str) -> Client:
    """Return the browser of a new person of a role."""
    return browser_of(make_actor(tenant, role))
