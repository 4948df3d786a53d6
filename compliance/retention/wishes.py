"""What patients ask for: that their images are destroyed, or kept longer (PT: X-08, DS-37)."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import KeepingExtension, KeepingRequest
from compliance.retention import extensions
from compliance.retention.errors import WishNotFoundError, WishRefusedError
from compliance.retention.extensions import ExtensionDraft
from pacs.selectors import survivors_of
from sharing import patients

Wish = KeepingRequest.Wish
State = KeepingRequest.State


@dataclass(frozen=True, slots=True)
class WishLine:
    """One request, as its patient and the officer see it."""

    id: UUID
    patient_id: UUID
    wish: str
    wish_label: str
    until_date: dt.date | None
    state: str
    state_label: str
    asked_at: dt.datetime
    answer: str
    study_ids: tuple[UUID, ...]


def ask(*, actor: Actor, wish: str, until: dt.date | None = None) -> UUID:
    """Ask, as the patient, for the destruction or the longer keeping of what one sees. The same again changes nothing.

    Raises
    ------
    WishRefusedError
        If no day to come is given for longer keeping, or there is nothing to keep or destroy.
    """
    access.require(actor, "retention.ask")
    if wish == Wish.KEEP and (until is None or until <= today()):
        raise WishRefusedError("Choose a day that is still to come.")
    study_ids = sorted(actor.grant.study_ids) if actor.grant else []
    if not study_ids:
        raise WishRefusedError("There are no images here that could be destroyed or kept.")
    with tenant_scope(actor.tenant_id):
        patient_id = patients.get_access(actor.id).patient_id
        try:
            with transaction.atomic():
                made: KeepingRequest = KeepingRequest.objects.create(
                    tenant_id=actor.tenant_id,
                    patient_id=patient_id,
                    access_id=actor.id,
                    study_ids=[str(study_id) for study_id in study_ids],
                    wish=Wish(wish),
                    until_date=until if wish == Wish.KEEP else None,
                )
                audit.record(
                    actor=actor,
                    action="keeping.asked",
                    patient_id=patient_id,
                    subject_id=made.id,
                    detail={"wish": made.wish},
                )
        except IntegrityError:
            standing: KeepingRequest = KeepingRequest.objects.get(patient_id=patient_id, wish=wish, state=State.OPEN)
            return standing.id
    return made.id


def take_back(*, actor: Actor, wish_id: UUID) -> None:
    """Take one's own request back while nobody has answered it."""
    access.require(actor, "retention.ask")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = get(wish_id)
        if row.patient_id != patients.get_access(actor.id).patient_id:
            raise WishNotFoundError
        if KeepingRequest.objects.filter(id=row.id, state=State.OPEN).update(state=State.WITHDRAWN, decided_at=now()):
            audit.record(actor=actor, action="keeping.taken-back", patient_id=row.patient_id, subject_id=row.id)


def answer(*, actor: Actor, wish_id: UUID, is_granted: bool, text: str) -> None:
    """Answer a request, in words that the patient reads.

    Longer keeping that is granted becomes an extension. Destruction that is granted is not done here: it enters the
    next deletion run as soon as no rule keeps the images any more, like everything else.

    Raises
    ------
    WishRefusedError
        If it is answered already, or without a word.
    """
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = get(wish_id)
        access.require(actor, "retention.manage")
        if not text.strip():
            raise WishRefusedError("Write an answer: the patient reads it.")
        answered = KeepingRequest.objects.filter(id=row.id, state=State.OPEN).update(
            state=State.GRANTED if is_granted else State.REFUSED,
            answer=text.strip(),
            decided_by=actor.id,
            decided_at=now(),
        )
        if not answered:
            raise WishRefusedError("This request was answered or taken back already.")
        if is_granted and row.wish == Wish.KEEP:
            draft = ExtensionDraft(KeepingExtension.Kind.WISH, until=row.until_date)
            extensions.write(actor=actor, patient_id=row.patient_id, study_id=None, draft=draft)
        audit.record(
            actor=actor,
            action="keeping.answered",
            patient_id=row.patient_id,
            subject_id=row.id,
            detail={"wish": row.wish, "granted": str(is_granted).lower()},
        )


# --- reading (inside the open scope) ----------------------------------------------------------------------------------


def get(wish_id: UUID) -> KeepingRequest:
    """Return one request, or raise."""
    found: KeepingRequest | None = KeepingRequest.objects.filter(id=wish_id).first()
    if found is None:
        raise WishNotFoundError
    return found


def list_of(patient_id: UUID) -> list[WishLine]:
    """List what a patient asked for, newest first."""
    return [_line(row) for row in KeepingRequest.objects.filter(patient_id=patient_id).order_by("-id")]


def list_open() -> list[WishLine]:
    """List what waits for an answer, oldest first."""
    return [_line(row) for row in KeepingRequest.objects.filter(state=State.OPEN).order_by("id")]


def wanting_erasure() -> set[UUID]:
    """Return the patients whose wish for destruction was granted and not yet carried out, and whom they became."""
    rows = KeepingRequest.objects.filter(wish=Wish.ERASE, state=State.GRANTED)
    survivors = survivors_of(rows.values_list("patient_id", flat=True))
    return {*survivors, *survivors.values()}


def _line(row: KeepingRequest) -> WishLine:
    return WishLine(
        id=row.id,
        patient_id=row.patient_id,
        wish=row.wish,
        wish_label=str(Wish(row.wish).label),
        until_date=row.until_date,
        state=row.state,
        state_label=str(State(row.state).label),
        asked_at=row.asked_at,
        answer=row.answer,
        study_ids=tuple(UUID(text) for text in row.study_ids),
    )
