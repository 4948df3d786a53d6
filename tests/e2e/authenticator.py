"""The authenticators of the people in the stories: each code works once, so each that is asked for is a newer one."""

import base64
import time

from django_otp.oath import hotp

from config.demo import cast
from tests.e2e.conftest import Portal
from tests.factories.people import step_now

_shown: dict[str, int] = {}


def code_of(key: str) -> str:
    """Return what the authenticator shows that was given this key by hand: base32 in groups of four."""
    text = key.replace(" ", "")
    return _next_code(base64.b32decode(text + "=" * (-len(text) % 8)), holder=key)


def code_for(portal: Portal, key: str) -> str:
    """Return what the authenticator of one of the cast shows."""
    return _next_code(bytes.fromhex(cast.TOTP_KEY), holder=f"{key} at {portal.base}")


def _next_code(secret: bytes, *, holder: str) -> str:
    """Return the code of this half minute, or of the next one where this one was shown: the portal takes both."""
    step = max(step_now(), _shown.get(holder, 0) + 1)
    _shown[holder] = step
    while step - step_now() > 1:
        time.sleep(1)
    return f"{hotp(secret, step):06d}"
