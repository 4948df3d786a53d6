"""Batches: a network asked about all images of a range of dates, behind everything that somebody waits for."""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.ids import NIL
from common.scope import tenant_scope
from inference import selectors
from inference.errors import BatchRangeError
from inference.events import BatchRequested
from inference.models import Batch, ImageTag, Run
from inference.services import runs, tagging
from outbox import services as outbox
from pacs import readings
from pacs import selectors as pacs

_STUDIES: Final = 50


def begin_batch(*, actor: Actor, network_id: UUID, from_date: dt.date, to_date: dt.date) -> UUID:
    """Ask a network about all images of studies of these dates.

    Raises
    ------
    BatchRangeError
        If the dates are in the wrong order.
    """
    access.require(actor, "network.manage")
    if from_date > to_date:
        raise BatchRangeError()
    with tenant_scope(actor.tenant_id), transaction.atomic():
        network = selectors.get_network(network_id=network_id)
        runs.require_usable(network)
        batch = Batch.objects.create(
            tenant_id=actor.tenant_id, network=network, from_date=from_date, to_date=to_date, asked_by=actor.id
        )
        detail = {"network": str(network.id), "from": from_date.isoformat(), "to": to_date.isoformat()}
        audit.record(actor=actor, action="inference.batch-begun", subject_id=batch.id, detail=detail)
        outbox.publish(BatchRequested(tenant_id=actor.tenant_id, batch_id=batch.id, after_id=NIL))
    return UUID(str(batch.id))


def plan_batch(*, tenant_id: UUID, batch_id: UUID, after_id: UUID) -> None:
    """Ask for the runs of some studies of a batch, and for the next ones after them. May run twice."""
    with tenant_scope(tenant_id):
        batch = _to_be_planned(batch_id).first()
        if batch is None:
            return
        studies = pacs.list_study_ids_by_date(
            first=batch.from_date, last=batch.to_date, after_id=after_id, limit=_STUDIES
        )
        untagged = [series for study in studies for series in readings.series_of_study(study) if not _is_tagged(series)]
    for series_id in untagged:
        tagging.tag_series(tenant_id=tenant_id, series_id=series_id)
    asker = Actor(tenant_id=tenant_id, kind=ActorKind.USER, id=batch.asked_by)
    with tenant_scope(tenant_id), transaction.atomic():
        # Tagging took its time: somebody may have given the batch up.
        batch = _to_be_planned(batch_id).select_for_update(of=("self",)).first()
        if batch is None:
            return
        tagged = list(ImageTag.objects.filter(study_id__in=studies, is_readable=True, kind__in=batch.network.kinds))
        runs.ask(runs.Asked(asker, Run.Trigger.BATCH, batch.id), [(tag, batch.network) for tag in tagged])
        if len(studies) == _STUDIES:
            outbox.publish(BatchRequested(tenant_id=tenant_id, batch_id=batch.id, after_id=studies[-1]))
        _count(batch, is_last=len(studies) < _STUDIES)


def _to_be_planned(batch_id: UUID) -> QuerySet[Batch]:
    found: QuerySet[Batch] = Batch.objects.filter(id=batch_id, cancelled_at=None, planned_at=None)
    return found.select_related("network")


def _is_tagged(series_id: UUID) -> bool:
    return bool(ImageTag.objects.filter(series_id=series_id).exists())


def _count(batch: Batch, *, is_last: bool) -> None:
    """Count the images of the batch so far: those it asked about, and those that had been asked about before."""
    images = selectors.images_of_batch(batch)
    mine = Run.objects.filter(batch_id=batch.id).count()
    Batch.objects.filter(id=batch.id).update(
        total=images, known=max(images - mine, 0), planned_at=now() if is_last else None
    )


def cancel_batch(*, actor: Actor, batch_id: UUID) -> None:
    """Give up what of a batch is not done."""
    access.require(actor, "network.manage")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        batch = selectors.get_batch(batch_id=batch_id)
        if batch.cancelled_at is None:
            Batch.objects.filter(id=batch.id).update(cancelled_at=now())
            left = runs.end_as_cancelled(Run.objects.filter(batch_id=batch.id))
            audit.record(actor=actor, action="inference.batch-cancelled", subject_id=batch.id, detail={"left": left})
