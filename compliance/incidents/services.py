"""What people do with incidents: write down, assess, find out who was exposed, tell people, close."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance import history, numbering, records
from compliance.incidents import exposure, selectors
from compliance.incidents.errors import IncidentRefusedError
from compliance.incidents.exposure import Wanted
from compliance.models import BreachAssessment, BreachNotice, ExposureReport, Incident

NOUN: Final = "incident"
FACTORS: Final = ("1", "2", "3", "4")
# The exceptions of 45 CFR 164.402(1)(i) to (iii).
EXCEPTIONS: Final = ("(1)(i)", "(1)(ii)", "(1)(iii)")


@dataclass(frozen=True, slots=True)
class AssessmentDraft:
    """The four factors with level and words, and what follows from them."""

    factors: Mapping[str, Mapping[str, str]]
    conclusion: str
    reasons: str
    exception: str = ""


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A notice that was given."""

    kind: str
    sent_date: dt.date
    method: str
    recipients: int
    jurisdiction: str = ""
    letter: str = ""


def report_incident(*, actor: Actor, values: Mapping[str, Any]) -> UUID:
    """Write an incident down; whoever works for the practice may, so that nobody waits for an officer."""
    access.require(actor, "compliance.contribute")
    _check(values)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = numbering.create(Incident, tenant_id=actor.tenant_id, **values)
        records.write(actor=actor, noun=NOUN, subject_id=row.id, verb="added", fields=history.beginning(row))
    found: UUID = row.id
    return found


def change_incident(*, actor: Actor, incident_id: UUID, values: Mapping[str, Any]) -> None:
    """Change what is known of an incident; the history keeps what was said before."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
        _require_open(row)
        _check(values)
        if fields := records.change(row, values):
            records.write(actor=actor, noun=NOUN, subject_id=incident_id, verb="changed", fields=fields)


def assess_incident(*, actor: Actor, incident_id: UUID, draft: AssessmentDraft) -> UUID:
    """Weigh the four factors (45 CFR 164.402(2)); without good reasons a breach goes on being presumed."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
        _require_open(row)
        _check_assessment(draft)
        made = BreachAssessment.objects.create(
            tenant_id=actor.tenant_id,
            incident_id=incident_id,
            factors={number: dict(draft.factors[number]) for number in FACTORS},
            exception=draft.exception,
            conclusion=Incident.Conclusion(draft.conclusion),
            reasons=draft.reasons.strip(),
            assessor_id=actor.id,
        )
        fields = records.change(row, {"conclusion": made.conclusion})
        records.write(actor=actor, noun=NOUN, subject_id=incident_id, verb="assessed", note=made.reasons, fields=fields)
    found: UUID = made.id
    return found


def record_notice(*, actor: Actor, incident_id: UUID, draft: NoticeDraft) -> UUID:
    """Record for good that somebody was told."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
        if draft.sent_date > today():
            raise IncidentRefusedError("The day lies in the future: record what was sent.")
        if draft.sent_date < row.discovered_date:
            raise IncidentRefusedError("Nobody was told before the incident was discovered.")
        made = BreachNotice.objects.create(
            tenant_id=actor.tenant_id,
            incident_id=incident_id,
            kind=BreachNotice.Kind(draft.kind),
            sent_date=draft.sent_date,
            jurisdiction=draft.jurisdiction.strip(),
            method=draft.method.strip(),
            recipients=draft.recipients,
            letter=draft.letter,
            recorded_by_id=actor.id,
        )
        records.write(actor=actor, noun=NOUN, subject_id=incident_id, verb="notified", note=made.get_kind_display())
    found: UUID = made.id
    return found


def report_exposure(*, actor: Actor, incident_id: UUID, wanted: Wanted) -> UUID:
    """Read the access log for who was exposed, and keep what it said."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
        if wanted.since and wanted.until and wanted.until < wanted.since:
            raise IncidentRefusedError("The time ends before it begins.")
        name = exposure.name_of(wanted)
        content = exposure.find(wanted)
        made = ExposureReport.objects.create(
            tenant_id=actor.tenant_id,
            incident_id=incident_id,
            subject_kind=wanted.kind,
            subject_id=wanted.subject_id,
            subject_name=name,
            since=wanted.since,
            until=wanted.until,
            content=content,
            sha256=exposure.digest(content),
            made_by_id=actor.id,
        )
        audit.record(
            actor=actor, action="incident.exposure-read", subject_id=made.id, detail={"events": content["events"]}
        )
    found: UUID = made.id
    return found


def close_incident(*, actor: Actor, incident_id: UUID, note: str) -> None:
    """Close an incident that was assessed and whose notices are given, with a word on what was learned."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
        _require_open(row)
        if not note.strip():
            raise IncidentRefusedError("Say what was done and what was learned.")
        if not row.conclusion:
            raise IncidentRefusedError("Assess it first: until then a breach is presumed (45 CFR 164.402(2)).")
        owed = [one.kind for one in selectors.deadlines_of(row) if one.due_date and not one.is_given]
        if owed:
            raise IncidentRefusedError("Notices are owed: {kinds}.", kinds=", ".join(owed))
        records.change(row, {"closed_at": now(), "closing_note": note.strip()})
        records.write(actor=actor, noun=NOUN, subject_id=incident_id, verb="closed", note=note)


def reopen_incident(*, actor: Actor, incident_id: UUID, note: str) -> None:
    """Open a closed incident again, for a reason."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_incident(incident_id)
        access.require(actor, "compliance.write")
        if row.closed_at is None:
            raise IncidentRefusedError("It is open.")
        if not note.strip():
            raise IncidentRefusedError("Say why it is opened again.")
        records.change(row, {"closed_at": None})
        records.write(actor=actor, noun=NOUN, subject_id=incident_id, verb="reopened", note=note)


def _check(values: Mapping[str, Any]) -> None:
    discovered, occurred = values["discovered_date"], values.get("occurred_date")
    if discovered > today():
        raise IncidentRefusedError("The day of discovery lies in the future.")
    if occurred and occurred > discovered:
        raise IncidentRefusedError("It was discovered before it happened.")
    if values.get("delay_until_date") and not values.get("delay_reason", "").strip():
        raise IncidentRefusedError("Name the statement of the official who asked for the delay (45 CFR 164.412).")


def _check_assessment(draft: AssessmentDraft) -> None:
    levels = set(BreachAssessment.Level.values)
    for number in FACTORS:
        given = draft.factors.get(number, {})
        if given.get("level") not in levels or not given.get("words", "").strip():
            raise IncidentRefusedError("Factor {number} needs a level and words.", number=number)
    if not draft.reasons.strip():
        raise IncidentRefusedError("Say why: the practice bears the burden of proof (45 CFR 164.414(b)).")
    is_exception = draft.conclusion == Incident.Conclusion.EXCEPTION
    if is_exception != (draft.exception in EXCEPTIONS):
        raise IncidentRefusedError("An exception is named where, and only where, it is the conclusion.")
    high = [number for number in FACTORS if draft.factors[number]["level"] == BreachAssessment.Level.HIGH]
    if draft.conclusion == Incident.Conclusion.LOW_PROBABILITY and high:
        raise IncidentRefusedError("A factor that weighs high contradicts a low probability.")


def _require_open(row: Incident) -> None:
    if row.closed_at is not None:
        raise IncidentRefusedError("The incident is closed. Open it again, with a reason, before you change it.")
