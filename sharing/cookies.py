"""The cookies of guests and patients: the sessions that a browser holds, and the nonce that its codes are bound to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from sharing import proofs

GUEST_AGE_S = 8 * 3600
NONCE_AGE_S = 3600
CEREMONY_AGE_S = 300
_SALT = "bitewing/sharing/passkey"
# A browser drops a cookie of more than 4 kB: the oldest sessions give way.
MAX_SESSIONS = 16
_BETWEEN = "~"


@dataclass(frozen=True, slots=True)
class Held:
    """One session as its browser holds it."""

    session_id: UUID
    secret: str = field(repr=False)


def guest_name() -> str:
    """Return the name of the guest cookie; browsers accept the prefix over https only."""
    return _named("bitewing-guest")


def nonce_name() -> str:
    """Return the name of the nonce cookie."""
    return _named("bitewing-opening")


def patient_name() -> str:
    """Return the name of a patient's cookie."""
    return _named("bitewing-patient")


def entering_name() -> str:
    """Return the name of the cookie of a patient on the way in."""
    return _named("bitewing-entering")


def read_visit(request: HttpRequest) -> Held | None:
    """Return the patient's session that this browser claims to hold."""
    return _parse(request.COOKIES.get(patient_name(), ""))


def write_visit(response: HttpResponse, held: Held) -> None:
    """Let the browser hold a patient's session, and nothing of the way in."""
    _write(response, patient_name(), _text(held), GUEST_AGE_S)
    _write(response, entering_name(), "", 0)


def read_entering(request: HttpRequest) -> Held | None:
    """Return the access that this browser is entering, with its nonce."""
    return _parse(request.COOKIES.get(entering_name(), ""))


def write_entering(response: HttpResponse, *, access_id: UUID, nonce: str) -> None:
    """Let the browser remember which access it is entering, and the nonce that its codes are bound to."""
    _write(response, entering_name(), _text(Held(session_id=access_id, secret=nonce)), NONCE_AGE_S)


def write_challenge(response: HttpResponse, challenge: str) -> None:
    """Let the browser hold the challenge of a passkey; signed, so that it is ours when it comes back."""
    signed = signing.dumps(challenge, salt=_SALT)
    _write(response, _named("bitewing-ceremony"), signed, CEREMONY_AGE_S)


def read_challenge(request: HttpRequest) -> str:
    """Return the challenge of this browser, or nothing."""
    try:
        challenge: str = signing.loads(
            request.COOKIES.get(_named("bitewing-ceremony"), ""), salt=_SALT, max_age=CEREMONY_AGE_S
        )
    except signing.BadSignature:
        return ""
    return challenge


def delete_visit(response: HttpResponse) -> None:
    """Take a patient's cookies back."""
    for name in (patient_name(), entering_name()):
        _write(response, name, "", 0)


def _text(held: Held) -> str:
    return f"{held.session_id.hex}.{held.secret}"


def _named(name: str) -> str:
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def read_sessions(request: HttpRequest) -> list[Held]:
    """Return the sessions that this browser claims to hold, each once."""
    parts = request.COOKIES.get(guest_name(), "").split(_BETWEEN)[:MAX_SESSIONS]
    return list(dict.fromkeys(held for part in parts if (held := _parse(part)) is not None))


def _parse(part: str) -> Held | None:
    hexadecimal, _, secret = part.partition(".")
    if len(hexadecimal) != 32 or len(secret) != proofs.SECRET_LENGTH:
        return None
    try:
        return Held(session_id=UUID(hexadecimal), secret=secret)
    except ValueError:
        return None


def write_sessions(response: HttpResponse, sessions: Iterable[Held]) -> None:
    """Let the browser hold these sessions, the newest first."""
    text = _BETWEEN.join(_text(held) for held in list(sessions)[:MAX_SESSIONS])
    _write(response, guest_name(), text, GUEST_AGE_S)


def read_nonce(request: HttpRequest) -> str:
    """Return the nonce of this browser, or nothing."""
    nonce = request.COOKIES.get(nonce_name(), "")
    return nonce if len(nonce) == proofs.SECRET_LENGTH else ""


def write_nonce(response: HttpResponse, nonce: str) -> None:
    """Let the browser hold its nonce."""
    _write(response, nonce_name(), nonce, NONCE_AGE_S)


def delete_all(response: HttpResponse) -> None:
    """Take both cookies back."""
    for name in (guest_name(), nonce_name()):
        _write(response, name, "", 0)


def _write(response: HttpResponse, name: str, text: str, age_s: int) -> None:
    response.set_cookie(
        name, text, max_age=age_s, path="/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )
