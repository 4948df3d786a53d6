"""What people, and the clock, do with measured and recorded evidence."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import access
from accounts import figures as accounts
from audit import services as audit
from common.actor import Actor, ActorKind, system_actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.evidence import registry
from compliance.evidence.errors import ActivityRefusedError
from compliance.evidence.events import ProbesRequested
from compliance.evidence.selectors import GIVEN_UP
from compliance.models import Activity, ProbeRun
from outbox import services as outbox

_NIGHTLY: Final = dt.timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class ActivityDraft:
    """What somebody did, to be recorded."""

    kind: str
    performed_date: dt.date
    note: str
    is_successful: bool = True
    hours: Decimal | None = None


def request_run(*, actor: Actor) -> UUID:
    """Have all probes read in the background; while a run is on, it is that one."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        running = ProbeRun.objects.filter(finished_at=None, requested_at__gt=now() - GIVEN_UP).first()
        if running is not None:
            found: UUID = running.id
            return found
        run: ProbeRun = ProbeRun.objects.create(
            tenant_id=actor.tenant_id,
            requested_by_id=actor.id if actor.kind is ActorKind.USER else None,
            total=len(registry.all_probes()),
        )
        audit.record(actor=actor, action="evidence.requested", subject_id=run.id)
        outbox.publish(ProbesRequested(tenant_id=actor.tenant_id, run_id=run.id))
    return run.id


def request_nightly() -> None:
    """Have the probes of every tenant read whose last run is a day old."""
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id):
            is_fresh = ProbeRun.objects.filter(requested_at__gt=now() - _NIGHTLY).exists()
        if not is_fresh:
            request_run(actor=system_actor(tenant_id))


def record_activity(*, actor: Actor, draft: ActivityDraft) -> UUID:
    """Record that something was done, for good: a wrong record is followed by a right one.

    Raises
    ------
    ActivityRefusedError
        If it lies in the future, or says nothing about what was done.
    """
    access.require(actor, "compliance.write")
    if draft.performed_date > today():
        raise ActivityRefusedError("The day lies in the future: record what was done, on the day that it was done.")
    if not draft.note.strip():
        raise ActivityRefusedError("Say what was done, and where its result lies.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        made: Activity = Activity.objects.create(
            tenant_id=actor.tenant_id,
            kind=Activity.Kind(draft.kind),
            performed_date=draft.performed_date,
            hours=draft.hours,
            is_successful=draft.is_successful,
            note=draft.note.strip(),
            recorded_by_id=actor.id if actor.kind is ActorKind.USER else None,
        )
        audit.record(actor=actor, action="evidence.recorded", subject_id=made.id, detail={"kind": made.kind})
    return made.id
