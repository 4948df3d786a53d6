"""Ending a link before its time: by who may share, or by the patient whose images it shows."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from sharing import selectors
from sharing.errors import LinkNotFoundError
from sharing.models import ShareLink
from sharing.selectors import LinkSummary
from sharing.services import lasting


def revoke_link(*, actor: Actor, link_id: UUID) -> LinkSummary:
    """End a link and all its sessions: within five seconds nothing more of its studies leaves the portal."""
    with tenant_scope(actor.tenant_id):
        link = selectors.get_link(link_id)
        access.require(actor, "study.share")
        _revoke(actor, [link])
    return link


def stop_share(*, actor: Actor, link_id: UUID) -> None:
    """End a link that shows a patient's images, whoever made it (X-08); the whole link, should it show others' too."""
    with tenant_scope(actor.tenant_id):
        link = selectors.get_link(link_id)
        if actor.grant is None or actor.grant.study_ids.isdisjoint(link.study_ids):
            raise LinkNotFoundError
        access.require(actor, "study.forward")
        _revoke(actor, [link])


def end_forwards(*, actor: Actor, access_id: UUID) -> None:
    """End the links by which a patient passed images on, with the access that made them (inside the tenant's scope)."""
    _revoke(actor, selectors.list_forwards(access_id))


def _revoke(actor: Actor, links: Sequence[LinkSummary]) -> None:
    with transaction.atomic():
        ended = [link for link in links if _end(link)]
        for link in ended:
            for study_id in link.study_ids:
                audit.record(actor=actor, action="share.revoked", study_id=study_id, subject_id=link.id)
        study_ids = {study_id for link in ended for study_id in link.study_ids}
        lasting.note_shares(tenant_id=actor.tenant_id, study_ids=study_ids)
    selectors.forget()


def _end(link: LinkSummary) -> bool:
    return bool(ShareLink.objects.filter(id=link.id, revoked_at=None).update(revoked_at=now()))


def end_empty_links(*, tenant_id: UUID) -> None:
    """End the links that show nothing any more, since their studies were destroyed."""
    with tenant_scope(tenant_id), transaction.atomic():
        ended = ShareLink.objects.filter(revoked_at=None, snapshot=None).update(revoked_at=now())
    if ended:
        selectors.forget()
