"""What a tenant chooses: training on its images, and what a processor costs it."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.scope import tenant_scope
from inference import selectors
from inference.errors import RateError, TrainingForbiddenError, TrainingPurposeError
from inference.models import Rate, TrainingChoice, TrainingObjection

MOST_PER_HOUR = Decimal(1000)


def allow_training(*, actor: Actor, purpose: str) -> None:
    """Let the tenant's images be used for training from now on, for a purpose that is written down (AI-08).

    Raises
    ------
    TrainingPurposeError
        Without a purpose.
    """
    if not purpose.strip():
        raise TrainingPurposeError()
    _choose(actor, is_allowed=True, purpose=purpose.strip())


def forbid_training(*, actor: Actor) -> None:
    """Take the permission back."""
    _choose(actor, is_allowed=False, purpose="")


def _choose(actor: Actor, *, is_allowed: bool, purpose: str) -> None:
    access.require(actor, "training.decide")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        choice = TrainingChoice.objects.create(
            tenant_id=actor.tenant_id, is_allowed=is_allowed, purpose=purpose, decided_by=actor.id
        )
        action = "training.allowed" if is_allowed else "training.forbidden"
        audit.record(actor=actor, action=action, subject_id=choice.id)


def list_training_images(*, actor: Actor, kind: str = "") -> list[selectors.TrainingImage]:
    """List the images that may be used for training at this moment, for the purpose on record (AI-08, AI-19).

    The only way to them: whoever trains asks again each time, since permission and objections change.

    Raises
    ------
    TrainingForbiddenError
        If the tenant does not allow training, as it is by default.
    """
    access.require(actor, "training.decide")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        choice = selectors.training_choice()
        if choice is None or not choice.is_allowed:
            raise TrainingForbiddenError()
        images = selectors.list_training_images(kind=kind)
        audit.record(actor=actor, action="training.images-listed", subject_id=choice.id, detail={"images": len(images)})
    return images


def object_to_training(*, actor: Actor, patient_id: UUID, is_standing: bool) -> None:
    """Keep a patient's images out of training, or take the objection back (AI-19). The same again changes nothing."""
    access.require(actor, "training.object")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        if selectors.has_objected(patient_id) == is_standing:
            return
        said = TrainingObjection.objects.create(
            tenant_id=actor.tenant_id, patient_id=patient_id, is_standing=is_standing
        )
        action = "training.objected" if is_standing else "training.objection-ended"
        audit.record(actor=actor, action=action, patient_id=patient_id, subject_id=said.id)


def set_rate(*, actor: Actor, per_cpu_hour: Decimal, currency: str) -> None:
    """Say what an hour of a processor costs from now on; runs that are over keep their cost."""
    access.require(actor, "network.manage")
    if not 0 <= per_cpu_hour <= MOST_PER_HOUR or len(currency) != 3 or not currency.isalpha():
        raise RateError()
    with tenant_scope(actor.tenant_id), transaction.atomic():
        micros = int(per_cpu_hour * 1_000_000)
        rate = Rate.objects.create(
            tenant_id=actor.tenant_id, per_cpu_hour_micros=micros, currency=currency.upper(), set_by=actor.id
        )
        audit.record(
            actor=actor,
            action="inference.rate-set",
            subject_id=rate.id,
            detail={"per_cpu_hour_micros": micros, "currency": currency.upper()},
        )
