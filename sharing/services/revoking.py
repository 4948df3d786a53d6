"""Ending a link before its time: by who may share, or by the patient whose images it shows."""

from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from pacs import services as pacs
from sharing import selectors
from sharing.errors import LinkNotFoundError
from sharing.models import ShareLink
from sharing.selectors import LinkSummary


def revoke_link(*, actor: Actor, link_id: UUID) -> LinkSummary:
    """End a link and all its sessions: within five seconds nothing more of its studies leaves the portal."""
    with tenant_scope(actor.tenant_id):
        link = selectors.get_link(link_id)
        access.require(actor, "study.share")
        _revoke(actor, link)
    return link


def stop_share(*, actor: Actor, link_id: UUID) -> None:
    """End a link that shows a patient's images, whoever made it (X-08); the whole link, should it show others' too."""
    with tenant_scope(actor.tenant_id):
        link = selectors.get_link(link_id)
        if actor.grant is None or actor.grant.study_ids.isdisjoint(link.study_ids):
            raise LinkNotFoundError
        access.require(actor, "study.forward")
        _revoke(actor, link)


def _revoke(actor: Actor, link: LinkSummary) -> None:
    with transaction.atomic():
        if ShareLink.objects.filter(id=link.id, revoked_at=None).update(revoked_at=now()):
            for study_id in link.study_ids:
                audit.record(actor=actor, action="share.revoked", study_id=study_id, subject_id=link.id)
            pacs.note_shares(tenant_id=actor.tenant_id, until=selectors.shared_until(link.study_ids))
    selectors.forget()


def end_empty_links(*, tenant_id: UUID) -> None:
    """End the links that show nothing any more, since their studies were destroyed."""
    with tenant_scope(tenant_id), transaction.atomic():
        ended = ShareLink.objects.filter(revoked_at=None, snapshot=None).update(revoked_at=now())
    if ended:
        selectors.forget()
