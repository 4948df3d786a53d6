"""Holds and longer keeping follow images that were split off a study, whoever has them now."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from common.actor import system_actor
from common.clock import today
from common.scope import tenant_scope
from compliance.models import KeepingExtension, RetentionHold
from compliance.retention import extensions, holds
from compliance.retention.extensions import ExtensionDraft
from pacs import retained


def follow(*, tenant_id: UUID, study_id: UUID, former_id: UUID) -> None:
    """Hold and keep a study as the one that its series came from; again changes nothing.

    Of a hold on all of a patient this goes only where the study is no longer of that patient.
    """
    with tenant_scope(tenant_id), transaction.atomic():
        study, former = retained.find(study_id), retained.find(former_id)
        if study is None or former is None:
            return
        retained.lock([study_id])
        about = holds.bearing_on(former)
        if study.patient_id == former.patient_id:
            about &= ~Q(study_id=None, patient_id=study.patient_id)
        for hold in RetentionHold.objects.filter(about, released_at=None).order_by("id"):
            _hold(study, hold)
        for extension in KeepingExtension.objects.filter(study_id=former_id, ended_at=None).order_by("id"):
            _keep(study, extension)


def _hold(study: retained.RetainedStudy, like: RetentionHold) -> None:
    same = RetentionHold.objects.filter(study_id=study.id, kind=like.kind, matter=like.matter, released_at=None)
    if same.exists():
        return
    hold = RetentionHold(
        tenant_id=like.tenant_id,
        patient_id=study.patient_id,
        study_id=study.id,
        kind=like.kind,
        matter=like.matter,
        owner_id=like.owner_id,
        review_date=like.review_date,
        placed_by=like.placed_by,
    )
    holds.write(system_actor(like.tenant_id), hold, study_id=study.id)


def _keep(study: retained.RetainedStudy, like: KeepingExtension) -> None:
    draft = ExtensionDraft(like.kind, like.years, like.until_date)
    same = {"kind": draft.kind, "years": draft.years, "until_date": draft.until, "ended_at": None}
    is_over = draft.until is not None and draft.until <= today()
    if not is_over and not KeepingExtension.objects.filter(study_id=study.id, **same).exists():
        actor = system_actor(like.tenant_id)
        extensions.write(actor=actor, patient_id=study.patient_id, study_id=study.id, draft=draft)
