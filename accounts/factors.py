"""Second factors: an authenticator on a phone (RFC 6238), and printed codes for the day it is lost."""

import base64
import hmac
import secrets

from django.conf import settings
from django.db import transaction
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import tokens
from accounts.models import User

CODES = 10
# Without letters and digits that look alike on paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 10


def has_factor(user: User) -> bool:
    """Say whether a confirmed authenticator exists."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def readable_key(device: TOTPDevice) -> str:
    """Return the secret of a device as authenticators take it by hand: base32 in groups of four."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@transaction.atomic
def new_authenticator(user: User, *, session_key: str) -> TOTPDevice:
    """Return the unconfirmed authenticator of a session, made when absent.

    Another session is shown another key: whoever has only the password may have seen this one.
    """
    User.objects.lock(user.id)
    name = tokens.digest(session_key).hex()
    waiting = TOTPDevice.objects.filter(user=user, confirmed=False, name=name).first()
    return waiting or TOTPDevice.objects.create(user=user, confirmed=False, name=name)


@transaction.atomic
def confirm_authenticator(user: User, *, code: str, session_key: str) -> TOTPDevice | None:
    """Make the new authenticator of a session the only one, when the code is its own."""
    device = new_authenticator(user, session_key=session_key)
    if not device.verify_token(code.strip()):
        return None
    TOTPDevice.objects.filter(user=user).exclude(id=device.id).delete()
    device.name, device.confirmed = "authenticator", True
    device.save(update_fields=["name", "confirmed"])
    return device


@transaction.atomic
def match_authenticator(user: User, *, code: str) -> Device | None:
    """Return the authenticator that made a code; a code works once, and wrong ones make the next try wait."""
    rows = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True)
    return next((device for device in rows if device.verify_token(code.strip())), None)


@transaction.atomic
def match_printed(user: User, *, code: str) -> Device | None:
    """Return the device of a printed code, which is used up by this."""
    device = StaticDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
    return device if device is not None and device.verify_token(_mac(user, code)) else None


@transaction.atomic
def print_codes(user: User) -> list[str]:
    """Return ten new codes in place of all older ones; only their MACs are kept."""
    User.objects.lock(user.id)
    device = StaticDevice.objects.filter(user=user).order_by("id").first()
    device = device or StaticDevice.objects.create(user=user, name="printed codes")
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(CODES)]
    StaticToken.objects.filter(device__user=user).delete()
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_mac(user, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def count_codes(user: User) -> int:
    """Count the printed codes that are left."""
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def remove_all(user: User) -> None:
    """Take every factor of a person away."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _mac(user: User, code: str) -> str:
    """Return what is kept of a code, in the sixteen characters that the table has: 80 bits of a MAC."""
    plain = "".join(code.lower().split()).replace("-", "")
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"printed-code:" + user.id.bytes + plain.encode(), "sha256")
    return base64.b32encode(digest[:10]).decode().lower()
