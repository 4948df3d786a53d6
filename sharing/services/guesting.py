"""A guest's session while it lasts."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from sharing import selectors
from sharing.models import GuestSession
from sharing.selectors import GuestAccess

# Written at most once a minute: a viewer reads a thousand frames in that time.
SEEN_EVERY = dt.timedelta(minutes=1)


def note_activity(guest: GuestAccess) -> None:
    """Move the idle limit."""
    moment = now()
    if moment - guest.last_seen_at < SEEN_EVERY:
        return
    with tenant_scope(guest.tenant_id):
        GuestSession.objects.filter(id=guest.session_id, last_seen_at__lt=moment).update(last_seen_at=moment)
    selectors.forget()


def note_listing(*, actor: Actor, study_ids: Iterable[UUID]) -> None:
    """Record that the names of these studies are shown to a guest, before they are."""
    for study_id in study_ids:
        audit.open_access(actor=actor, study_id=study_id, purpose="list")


def end_session(*, session_id: UUID, secret: str) -> None:
    """End a guest's session; one that is over already stays as it is."""
    guest = selectors.get_guest_access(session_id=session_id, secret=secret)
    if guest is None:
        return
    with tenant_scope(guest.tenant_id), transaction.atomic():
        if GuestSession.objects.filter(id=session_id, ended_at=None).update(ended_at=now()):
            actor = selectors.guest_of(tenant_id=guest.tenant_id, link_id=guest.link_id)
            audit.record(actor=actor, action="share.ended", subject_id=guest.link_id)
    selectors.forget()
