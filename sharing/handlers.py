"""What this package does when something was announced."""

from django.conf import settings

from common.scope import tenant_scope
from pacs.events import ReportSigned, StudyDestroyed
from sharing import mails, selectors, services
from sharing.events import LinkLocked, NoticeDue
from sharing.selectors import Sender


def notify_sender(event: LinkLocked) -> None:
    """Mail the person who made a link that it was locked; a token has no mailbox."""
    with tenant_scope(event.tenant_id):
        sender = selectors.get_sender(event.link_id)
    if sender.email:
        mails.send_lock_notice(
            tenant_id=event.tenant_id, sender=sender, study_url=f"{settings.BITEWING_BASE_URL}{_page_of(sender)}"
        )


def _page_of(sender: Sender) -> str:
    """Return where a sender sees the link; studies may have been destroyed since."""
    if sender.is_patient:
        return "/p/"
    return f"/studies/{sender.study_ids[0]}/" if sender.study_ids else "/studies/"


def announce_report(event: ReportSigned) -> None:
    """Queue a notice for each person who may read the report."""
    services.announce_report(tenant_id=event.tenant_id, study_id=event.study_id, report_id=event.report_id)


def send_notice(event: NoticeDue) -> None:
    """Send one of those notices."""
    services.send_notice(tenant_id=event.tenant_id, notice_id=event.notice_id)


def end_empty_links(event: StudyDestroyed) -> None:
    """End the links that showed nothing else."""
    services.end_empty_links(tenant_id=event.tenant_id)
