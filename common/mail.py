"""Outgoing mail: short texts without patient data; the transport is chosen by BITEWING_EMAIL_URL."""

from django.conf import settings
from django.core.mail import EmailMessage  # noqa: TID251  the one permitted importer


def send(*, to: str, subject: str, text: str) -> None:
    """Send one plain text mail; an undeliverable one raises, so that the outbox tries again."""
    EmailMessage(subject=subject, body=text, from_email=settings.DEFAULT_FROM_EMAIL, to=[to]).send()
