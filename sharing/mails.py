"""The mails of a link. They name the practice, never a patient, a study or what was found."""

import datetime as dt
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from sharing.selectors import Sender


def send_link(*, tenant_id: UUID, to: str, url: str, sender: Sender) -> None:
    """Send the recipient the link: the only time that its secret leaves the portal."""
    accounts.send_mail(
        "share_link",
        tenant_id=tenant_id,
        to=to,
        sender_name=sender.name or (_("A patient") if sender.is_patient else _("The team")),
        url=url,
        expires_at=sender.expires_at,
    )


def send_code(*, tenant_id: UUID, to: str, code: str, minutes_valid: int) -> None:
    """Send the recipient a one-time code."""
    accounts.send_mail("share_code", tenant_id=tenant_id, to=to, code=code, minutes_valid=minutes_valid)


def send_patient_code(*, tenant_id: UUID, to: str, code: str, minutes_valid: int) -> None:
    """Send a patient a one-time code."""
    accounts.send_mail("patient_code", tenant_id=tenant_id, to=to, code=code, minutes_valid=minutes_valid)


def send_report_notice(*, tenant_id: UUID, to: str, is_patient: bool, page_url: str) -> None:
    """Tell somebody that a report is ready; whose, and on what, is seen only after entering."""
    accounts.send_mail("report_ready", tenant_id=tenant_id, to=to, is_patient=is_patient, page_url=page_url)


def send_lock_notice(*, tenant_id: UUID, sender: Sender, study_url: str) -> None:
    """Tell the sender of a link that it was locked."""
    accounts.send_mail(
        "share_locked", tenant_id=tenant_id, to=sender.email, recipient=sender.recipient_hint, study_url=study_url
    )


def send_deletion_notice(*, tenant_id: UUID, to: str, not_before: dt.date, page_url: str) -> None:
    """Tell a patient that images are past their time and will be destroyed, unless somebody asks to keep them."""
    accounts.send_mail("deletion_notice", tenant_id=tenant_id, to=to, not_before=not_before, page_url=page_url)
