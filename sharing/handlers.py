"""What this package does when something was announced."""

from django.conf import settings

from common.scope import tenant_scope
from sharing import mails, selectors
from sharing.events import LinkLocked


def notify_sender(event: LinkLocked) -> None:
    """Mail the person who made a link that it was locked; a token has no mailbox."""
    with tenant_scope(event.tenant_id):
        sender = selectors.get_sender(event.link_id)
    if sender.email:
        mails.send_lock_notice(sender=sender, study_url=f"{settings.BITEWING_BASE_URL}/studies/{sender.study_ids[0]}/")
