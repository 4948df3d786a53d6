"""Ending a link before its time."""

from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from sharing import selectors
from sharing.models import ShareLink
from sharing.selectors import LinkSummary


def revoke_link(*, actor: Actor, link_id: UUID) -> LinkSummary:
    """End a link and all its sessions: within five seconds nothing more of its studies leaves the portal."""
    with tenant_scope(actor.tenant_id):
        link = selectors.get_link(link_id)
        access.require(actor, "study.share")
        with transaction.atomic():
            if ShareLink.objects.filter(id=link_id, revoked_at=None).update(revoked_at=now()):
                for study_id in link.study_ids:
                    audit.record(actor=actor, action="share.revoked", study_id=study_id, subject_id=link_id)
    selectors.forget()
    return link
