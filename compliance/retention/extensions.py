"""Keeping single studies or patients longer than the rules ask for."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import KeepingExtension
from compliance.retention.errors import ExtensionNotFoundError, ExtensionRefusedError
from compliance.retention.policy import EXTENSION_YEARS, MAX_YEARS
from pacs import retained


@dataclass(frozen=True, slots=True)
class ExtensionDraft:
    """How much longer: the years that the tenant set for the kind, or years or a day of one's own."""

    kind: str
    years: int | None = None
    until: dt.date | None = None
    of_patient: bool = False


def extend(*, actor: Actor, study_id: UUID, draft: ExtensionDraft) -> UUID:
    """Keep a study, or everything of its patient, longer.

    Raises
    ------
    ExtensionRefusedError
        If the day is past, or the years cannot be.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = retained.get(actor=actor, study_id=study_id, action="retention.extend")
        return write(
            actor=actor,
            patient_id=study.patient_id,
            study_id=None if draft.of_patient else study.id,
            draft=draft,
        )


def write(*, actor: Actor, patient_id: UUID, study_id: UUID | None, draft: ExtensionDraft) -> UUID:
    """Write an extension in the transaction and scope of who decided it."""
    if draft.until is not None and draft.until <= today():
        raise ExtensionRefusedError("Choose a day that is still to come.")
    if draft.years is not None and not 0 < draft.years <= MAX_YEARS:
        raise ExtensionRefusedError("Give the years as a whole number from 1 to 100.")
    kind = KeepingExtension.Kind(draft.kind)
    if kind not in EXTENSION_YEARS and draft.years is None and draft.until is None:
        raise ExtensionRefusedError("Say for how long.")
    made: KeepingExtension = KeepingExtension.objects.create(
        tenant_id=actor.tenant_id,
        patient_id=patient_id,
        study_id=study_id,
        kind=kind,
        years=draft.years,
        until_date=draft.until,
        made_by=actor.id,
    )
    audit.record(
        actor=actor,
        action="keeping.extended",
        study_id=study_id,
        patient_id=patient_id,
        subject_id=made.id,
        detail={"kind": made.kind},
    )
    return made.id


def end(*, actor: Actor, extension_id: UUID) -> None:
    """Take an extension back; a second time changes nothing."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = get(extension_id)
        access.require(actor, "retention.extend")
        if KeepingExtension.objects.filter(id=row.id, ended_at=None).update(ended_at=now(), ended_by=actor.id):
            audit.record(
                actor=actor,
                action="keeping.extension-ended",
                study_id=row.study_id,
                patient_id=row.patient_id,
                subject_id=row.id,
            )


def require(actor: Actor) -> None:
    """Raise unless the actor may choose longer keeping, or take it back."""
    access.require(actor, "retention.extend")


def get(extension_id: UUID) -> KeepingExtension:
    """Return one extension, or raise (inside the open scope)."""
    found: KeepingExtension | None = KeepingExtension.objects.filter(id=extension_id).first()
    if found is None:
        raise ExtensionNotFoundError
    return found


def list_of(*, patient_id: UUID, study_id: UUID) -> list[KeepingExtension]:
    """List the extensions that bear on a study, newest first (inside the open scope)."""
    about = Q(study_id=study_id) | Q(study_id=None, patient_id=patient_id)
    return list(KeepingExtension.objects.filter(about, ended_at=None).order_by("-id"))
