"""Mails in the name of a tenant: its sender, its answers, its time of day."""

from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts import selectors
from common import mail


def send(name: str, *, tenant_id: UUID, to: str, **values: object) -> None:
    """Send `templates/emails/<name>.txt`; language and times are those of the tenant, `tenant_name` is always there."""
    house = selectors.house(tenant_id)
    shown = {"mail": {"tenant_name": house.name, **values}}
    with timezone.override(house.zone), translation.override(house.language or settings.LANGUAGE_CODE):
        subject = render_to_string(f"emails/{name}_subject.txt", shown)
        text = render_to_string(f"emails/{name}.txt", shown)
    mail.send(
        to=to,
        subject=" ".join(subject.split()),
        text=text,
        sender_name=house.mail_sender,
        reply_to=house.mail_reply_to,
    )


def url(name: str, identifier: UUID, secret: str = "") -> str:
    """Return the address of a page; a secret stands behind the #, which no browser sends to a server."""
    page = f"{settings.BITEWING_BASE_URL}{reverse(name, args=[identifier])}"
    return f"{page}#{secret}" if secret else page
