"""A patient's session while it lasts."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from sharing import patients
from sharing.models import PatientSession
from sharing.patients import PatientVisit
from sharing.services.guesting import SEEN_EVERY


def note_visit(visit: PatientVisit) -> None:
    """Move the idle limit."""
    moment = now()
    if moment - visit.last_seen_at < SEEN_EVERY:
        return
    with tenant_scope(visit.tenant_id):
        PatientSession.objects.filter(id=visit.session_id, last_seen_at__lt=moment).update(last_seen_at=moment)
    patients.forget()


def note_page(*, actor: Actor, study_ids: Iterable[UUID]) -> None:
    """Record that a patient is shown what there is, before it is: one event, however much that is."""
    with tenant_scope(actor.tenant_id):
        audit.record(
            actor=actor,
            action="patient.page-viewed",
            subject_id=actor.id,
            detail={"studies": [str(study_id) for study_id in study_ids]},
        )


def end_visit(*, session_id: UUID, secret: str) -> None:
    """End a patient's session; one that is over already stays as it is."""
    visit = patients.get_visit(session_id=session_id, secret=secret)
    if visit is None:
        return
    with tenant_scope(visit.tenant_id), transaction.atomic():
        if PatientSession.objects.filter(id=session_id, ended_at=None).update(ended_at=now()):
            actor = patients.patient_actor(tenant_id=visit.tenant_id, access_id=visit.access_id)
            audit.record(actor=actor, action="patient.left", patient_id=visit.patient_id, subject_id=visit.access_id)
    patients.forget()
