"""Outgoing mail: short texts without patient data; the transport is chosen by BITEWING_EMAIL_URL."""

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage  # noqa: TID251  the one permitted importer


def send(*, to: str, subject: str, text: str, sender_name: str = "", reply_to: str = "") -> None:
    """Send one plain text mail; an undeliverable one raises, so that the outbox tries again.

    The address of the sender stays the portal's, which its mail server may send for; `sender_name` and `reply_to` are
    those of the tenant.
    """
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = formataddr((sender_name, address)) if sender_name else settings.DEFAULT_FROM_EMAIL
    answers = [reply_to] if reply_to else None
    EmailMessage(subject=subject, body=text, from_email=sender, to=[to], reply_to=answers).send()
