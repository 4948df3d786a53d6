"""What a worklist asks of a study, kept on its row: how far its report is, until when it is shared, who reads it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from pacs import selectors
from pacs.errors import NotAReaderError
from pacs.models import Study

READER = "radiologist"


def note_shares(*, tenant_id: UUID, until: Mapping[UUID, dt.datetime | None]) -> None:
    """Note until when studies are shared, in the transaction of who made or ended a link."""
    with tenant_scope(tenant_id):
        for study_id in sorted(until):
            Study.objects.filter(id=study_id).update(shared_until=until[study_id])


def assign_studies(*, actor: Actor, study_ids: Sequence[UUID], reader_id: UUID | None) -> int:
    """Say who is to read some studies, or nobody; return how many it was not said of before."""
    access.require(actor, "study.assign")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if reader_id is not None and reader_id not in accounts.names_in_role(READER):
            raise NotAReaderError
        changed = 0
        for study_id in sorted(set(study_ids)):
            study = selectors.get_study(actor=actor, study_id=study_id)
            if Study.objects.filter(id=study.id).exclude(assigned_to=reader_id).update(assigned_to=reader_id):
                changed += 1
                audit.record(actor=actor, action="study.assigned", study_id=study.id, subject_id=reader_id)
        return changed
