"""Pages that exist in the demo only: one-click sign-ins and the mailbox."""

import datetime as dt
import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import selectors, signing_in
from accounts.contexts import role_names
from config.demo import cast


def _require_demo() -> None:
    if not settings.BITEWING_DEMO:
        raise Http404


@require_safe
def sign_ins(request: HttpRequest) -> HttpResponse:
    """List the cast with one-click sign-ins and the present code of their authenticator."""
    _require_demo()
    code = f"{totp(bytes.fromhex(cast.TOTP_KEY)):06d}"
    people = [(person, role_names(person.roles)) for person in cast.PEOPLE]
    page = {"people": people, "password": cast.PASSWORD, "code": code}
    return render(request, "demo/sign_ins.html", page)


@require_safe
def sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Sign one of the cast in."""
    _require_demo()
    person = cast.BY_KEY.get(key)
    user = selectors.get_user_by_email(person.email) if person else None
    device = TOTPDevice.objects.filter(user=user, confirmed=True).first() if user else None
    if user is None or device is None:
        raise Http404
    signing_in.begin(request, user)
    signing_in.finish(request, user, device)
    return redirect("home")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the demo."""

    to: str
    subject: str
    text: str
    sent_at: dt.datetime


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the mails that the portal sent, newest first."""
    _require_demo()
    return render(request, "demo/mail.html", {"mails": _mails()[:50]})


def _mails() -> list[Mail]:
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", ""))
    files = sorted(folder.glob("*.log"), key=lambda p: p.stat().st_mtime, reverse=True) if folder.is_dir() else []
    return [_mail(path) for path in files[:50]]


def _mail(path: Path) -> Mail:
    # Django's file backend ends each message with a line of hyphens.
    raw = path.read_bytes().rsplit(b"\n" + b"-" * 79, 1)[0]
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    return Mail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=str(body.get_content()) if body else "",
        sent_at=dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC),
    )
