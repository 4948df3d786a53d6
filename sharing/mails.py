"""The mails of a link. They name the practice, never a patient, a study or what was found."""

from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts import selectors as accounts
from common import mail
from sharing.selectors import Sender


def send_link(*, tenant_id: UUID, to: str, url: str, sender: Sender) -> None:
    """Send the recipient the link: the only time that its secret leaves the portal."""
    _send(
        "share_link",
        to=to,
        sender_name=sender.name or _("The team"),
        tenant_name=accounts.tenant_name(tenant_id),
        url=url,
        expires_at=sender.expires_at,
    )


def send_code(*, to: str, code: str, minutes_valid: int) -> None:
    """Send the recipient a one-time code."""
    _send("share_code", to=to, code=code, minutes_valid=minutes_valid)


def send_lock_notice(*, sender: Sender, study_url: str) -> None:
    """Tell the sender of a link that it was locked."""
    _send("share_locked", to=sender.email, recipient=sender.recipient_hint, study_url=study_url)


def _send(name: str, *, to: str, **values: object) -> None:
    subject = render_to_string(f"emails/{name}_subject.txt", {"mail": values})
    mail.send(to=to, subject=" ".join(subject.split()), text=render_to_string(f"emails/{name}.txt", {"mail": values}))
