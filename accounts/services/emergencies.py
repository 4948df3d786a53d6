"""Break-glass: a reason opens one patient for an hour; somebody else reviews it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from accounts import access, selectors
from accounts.errors import EmergencyReasonError, OwnAccountError
from accounts.events import EmergencyOpened
from accounts.models import Emergency, Role, User, Verdict
from accounts.selectors import EmergencyLine
from accounts.services import mailing
from audit import services as audit
from common.actor import Actor
from common.clock import now
from common.scope import tenant_scope
from outbox import services as outbox

EMERGENCY_MINUTES = 60
LIFE = dt.timedelta(minutes=EMERGENCY_MINUTES)
MIN_REASON = 10


def open_emergency(*, actor: Actor, patient_id: UUID, study_id: UUID, reason: str) -> UUID:
    """Reach one patient without the right; an emergency that runs already for this patient is returned as it is.

    The caller has made sure that the study is one of the patient's and of the tenant's, and the factor fresh.
    """
    access.require(actor, "emergency.open")
    if len(reason.strip()) < MIN_REASON:
        raise EmergencyReasonError
    with tenant_scope(actor.tenant_id), transaction.atomic():
        User.objects.lock(actor.id)
        running = selectors.read_running(actor, patient_id=patient_id)
        if running is not None:
            return running.id
        moment = now()
        row = Emergency.objects.create(
            tenant_id=actor.tenant_id,
            user_id=actor.id,
            patient_id=patient_id,
            study_id=study_id,
            reason=reason.strip(),
            opened_at=moment,
            expires_at=moment + LIFE,
        )
        _record(replace(actor, emergency_id=row.id), "emergency.opened", row)
        outbox.publish(EmergencyOpened(tenant_id=actor.tenant_id, emergency_id=row.id))
    selectors.forget()
    return UUID(str(row.id))


def end_emergency(*, actor: Actor, emergency_id: UUID) -> EmergencyLine:
    """End one's own emergency before its time; a reviewer may end that of another."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        line = selectors.get_emergency(emergency_id)
        if line.user_id != actor.id:
            access.require(actor, "emergency.review")
        rows = Emergency.objects.filter(id=emergency_id, ended_at=None, expires_at__gt=now())
        if rows.update(ended_at=now()):
            _record(actor, "emergency.ended", Emergency.objects.get(id=emergency_id))
    selectors.forget()
    return line


def review_emergency(*, actor: Actor, emergency_id: UUID, verdict: str, note: str) -> None:
    """Say whether it was justified; nobody reviews his own, and the first verdict stands."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        line = selectors.get_emergency(emergency_id)
        access.require(actor, "emergency.review")
        if line.user_id == actor.id:
            raise OwnAccountError("Somebody else reviews what you did in an emergency.")
        decided = Verdict(verdict)
        rows = Emergency.objects.filter(id=emergency_id, reviewed_at=None)
        if rows.update(verdict=decided, review_note=note.strip(), reviewed_by_id=actor.id, reviewed_at=now()):
            row = Emergency.objects.get(id=emergency_id)
            _record(actor, "emergency.reviewed", row, verdict=decided.value)


def notify_officers(*, tenant_id: UUID, emergency_id: UUID) -> None:
    """Tell the compliance officers and the owners; a second run after all mails went out does nothing."""
    with tenant_scope(tenant_id):
        row = Emergency.objects.select_related("user").filter(id=emergency_id, notified_at=None).first()
        officers = selectors.list_emails_of([Role.COMPLIANCE_OFFICER, Role.OWNER])
    if row is None:
        return
    for email in officers:
        mailing.send(
            "emergency",
            tenant_id=tenant_id,
            to=email,
            person=row.user.name,
            opened_at=row.opened_at,
            expires_at=row.expires_at,
            url=mailing.url("pacs:emergency-review", emergency_id),
        )
    with tenant_scope(tenant_id):
        Emergency.objects.filter(id=emergency_id).update(notified_at=now())


def under_emergency(actor: Actor, line: EmergencyLine) -> Actor:
    """Return the person as who acts under a running emergency: every record names it, and streams end with it."""
    return replace(actor, emergency_id=line.id, recheck=_both(actor.recheck, line.id, actor.tenant_id))


def _both(holds: Callable[[], bool], emergency_id: UUID, tenant_id: UUID) -> Callable[[], bool]:
    return lambda: holds() and selectors.still_runs(tenant_id=tenant_id, emergency_id=emergency_id)


def _record(actor: Actor, action: str, row: Emergency, **detail: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        study_id=row.study_id,
        patient_id=row.patient_id,
        subject_id=row.id,
        detail=detail,
    )
