"""Holds: what is not to be destroyed, whatever the day. They win at any moment before the key is destroyed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import DeletionItem, RetentionHold
from compliance.retention.errors import HoldNotFoundError, HoldRefusedError
from pacs import retained
from pacs import services as pacs
from pacs.retained import RetainedStudy
from vault.errors import DestructionBegunError

# Somebody looks at each hold at least so often.
MAX_REVIEW: Final = dt.timedelta(days=366)
State = DeletionItem.State


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """What is held, and for what."""

    kind: str
    matter: str
    owner_id: UUID
    review_date: dt.date
    of_patient: bool = False


def place(*, actor: Actor, study_id: UUID, draft: HoldDraft) -> UUID:
    """Hold a study, or everything of its patient. Studies that wait for their destruction are taken out of it.

    Raises
    ------
    HoldRefusedError
        If there is no matter, the owner is nobody of the tenant, or it is not looked at again within a year.
    DestructionBegunError
        If the one study to be held is being destroyed already.
    """
    with tenant_scope(actor.tenant_id):
        study = retained.get(actor=actor, study_id=study_id, action="retention.hold")
        _check(draft)
        with transaction.atomic():
            held = [one.id for one in retained.studies_of([study.patient_id])] if draft.of_patient else [study.id]
            # In the order of who destroys: first the entry of the run, then the study, then its holds.
            waiting = list(
                DeletionItem.objects.select_for_update(of=("self",))
                .filter(study_id__in=held, state__in=[State.PENDING_DELETE, State.SHRED_QUEUED])
                .order_by("id")
            )
            retained.lock(held)
            hold = RetentionHold(
                tenant_id=actor.tenant_id,
                patient_id=study.patient_id,
                study_id=None if draft.of_patient else study.id,
                kind=RetentionHold.Kind(draft.kind),
                matter=draft.matter.strip(),
                owner_id=draft.owner_id,
                review_date=draft.review_date,
                placed_by=actor.id,
            )
            write(actor, hold, study_id=study.id)
            _save_from(actor, waiting, must=not draft.of_patient)
    return hold.id


def write(actor: Actor, hold: RetentionHold, *, study_id: UUID) -> None:
    """Store a hold, and write down for which study it was placed, in the caller's transaction and scope."""
    hold.save(force_insert=True)
    audit.record(
        actor=actor,
        action="hold.placed",
        study_id=study_id,
        patient_id=hold.patient_id,
        subject_id=hold.id,
        detail={"kind": hold.kind, "whole_patient": str(hold.study_id is None).lower()},
    )


def _save_from(actor: Actor, waiting: Iterable[DeletionItem], *, must: bool) -> None:
    """Take studies out of their runs; one whose key is being destroyed is past saving, the others are saved."""
    for item in waiting:
        if item.state == State.SHRED_QUEUED:
            try:
                with transaction.atomic():
                    pacs.spare_study(actor=actor, study_id=item.study_id, was_binned=item.was_binned)
            except DestructionBegunError:
                if must:
                    raise
                continue
        item.state, item.kept_because, item.changed_at = State.HELD, "hold", now()
        item.save(update_fields=["state", "kept_because", "changed_at"])


def _check(draft: HoldDraft) -> None:
    if not draft.matter.strip():
        raise HoldRefusedError("Name the matter: a file number, or a word by which it is found.")
    if draft.owner_id not in accounts.names_of_members():
        raise HoldRefusedError("Name somebody of the practice who looks after the hold.")
    if not today() < draft.review_date <= today() + MAX_REVIEW:
        raise HoldRefusedError("Choose a day within the next year on which the hold is looked at again.")


def release(*, actor: Actor, hold_id: UUID, reason: str) -> None:
    """End a hold, for a reason; a second time changes nothing."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        hold = get(hold_id)
        access.require(actor, "retention.hold")
        if not reason.strip():
            raise HoldRefusedError("Say why the hold ends.")
        ended = RetentionHold.objects.filter(id=hold_id, released_at=None).update(
            released_at=now(), released_by=actor.id, release_reason=reason.strip()
        )
        if ended:
            audit.record(actor=actor, action="hold.released", patient_id=hold.patient_id, subject_id=hold_id)


def review(*, actor: Actor, hold_id: UUID, review_date: dt.date) -> None:
    """Say that a hold was looked at and still stands, until when it is looked at again."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        hold = get(hold_id)
        access.require(actor, "retention.hold")
        if not today() < review_date <= today() + MAX_REVIEW:
            raise HoldRefusedError("Choose a day within the next year on which the hold is looked at again.")
        RetentionHold.objects.filter(id=hold_id, released_at=None).update(review_date=review_date, reviewed_at=now())
        audit.record(actor=actor, action="hold.reviewed", patient_id=hold.patient_id, subject_id=hold_id)


# --- reading (inside the open scope) ----------------------------------------------------------------------------------


def get(hold_id: UUID) -> RetentionHold:
    """Return one hold, or raise."""
    found: RetentionHold | None = RetentionHold.objects.select_related("owner").filter(id=hold_id).first()
    if found is None:
        raise HoldNotFoundError
    return found


def list_standing() -> list[RetentionHold]:
    """List the holds that stand, the one to be looked at first in front."""
    return list(RetentionHold.objects.select_related("owner").filter(released_at=None).order_by("review_date", "id"))


def list_of(study: RetainedStudy) -> list[RetentionHold]:
    """List every hold that ever bore on a study, newest first."""
    return list(RetentionHold.objects.select_related("owner").filter(bearing_on(study)).order_by("-id"))


def bearing_on(study: RetainedStudy) -> Q:
    """Return what to find the holds of a study by: its own, its patient's, and those from when it was another's."""
    patients = [study.patient_id, *retained.merged_into([study.patient_id])]
    about = Q(study_id=study.id) | Q(study_id=None, patient_id__in=patients)
    for patient_id, until in retained.former_patients([study.id]).get(study.id, {}).items():
        about |= Q(study_id=None, patient_id=patient_id, placed_at__lte=until)
    return about
