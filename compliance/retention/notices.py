"""Telling patients that their images are to be destroyed, where the tenant wants that: each once a run."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from audit import services as audit
from common.actor import system_actor
from common.clock import now
from common.scope import tenant_scope
from compliance.models import DeletionNotice, DeletionRun
from compliance.retention.events import DeletionNoticeDue
from outbox import services as outbox
from sharing import services as sharing


def queue(*, run: DeletionRun, patient_ids: Iterable[UUID]) -> None:
    """Queue one notice for each patient, in the transaction that begins the run."""
    for patient_id in sorted(set(patient_ids)):
        notice, is_new = DeletionNotice.objects.get_or_create(
            tenant_id=run.tenant_id, run_id=run.id, patient_id=patient_id
        )
        if is_new:
            outbox.publish(DeletionNoticeDue(tenant_id=run.tenant_id, notice_id=notice.id))


def send(*, tenant_id: UUID, notice_id: UUID) -> None:
    """Send one notice, unless it was sent or its run has ended; the row is taken before the mail leaves."""
    with tenant_scope(tenant_id), transaction.atomic():
        waiting = DeletionNotice.objects.filter(id=notice_id, sent_at=None)
        live = waiting.exclude(run__state__in=[DeletionRun.State.CANCELLED, DeletionRun.State.DONE])
        if not live.exists() or not waiting.update(sent_at=now()):
            return
        notice = DeletionNotice.objects.select_related("run").get(id=notice_id)
        told = sharing.tell_of_deletion(
            tenant_id=tenant_id, patient_id=notice.patient_id, not_before=notice.run.cooling_until.date()
        )
        DeletionNotice.objects.filter(id=notice_id).update(recipients=told)
        audit.record(
            actor=system_actor(tenant_id),
            action="deletion.patient-told",
            patient_id=notice.patient_id,
            subject_id=notice.run_id,
            detail={"addresses": told},
        )
