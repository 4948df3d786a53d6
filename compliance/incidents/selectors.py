"""Reads of incidents, their assessments, notices and reports; inside the tenant's scope."""

from dataclasses import dataclass
from uuid import UUID

from compliance.incidents import clock
from compliance.incidents.clock import Deadline
from compliance.incidents.errors import IncidentNotFoundError
from compliance.models import BreachAssessment, BreachNotice, ExposureReport, Incident


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with what it owes."""

    incident: Incident
    notices: tuple[BreachNotice, ...]
    deadlines: tuple[Deadline, ...]


def get_incident(incident_id: UUID) -> Incident:
    """Return one incident, or raise."""
    row: Incident | None = Incident.objects.filter(id=incident_id).first()
    if row is None:
        raise IncidentNotFoundError
    return row


def get_exposure(report_id: UUID) -> ExposureReport:
    """Return one report with its incident, or raise."""
    row: ExposureReport | None = ExposureReport.objects.select_related("incident").filter(id=report_id).first()
    if row is None:
        raise IncidentNotFoundError
    return row


def list_cases() -> list[Case]:
    """List incidents with what they owe, the newest first, in two queries."""
    notices: dict[UUID, list[BreachNotice]] = {}
    for notice in BreachNotice.objects.order_by("-id"):
        notices.setdefault(notice.incident_id, []).append(notice)
    return [
        Case(row, tuple(found := notices.get(row.id, [])), clock.deadlines(row, found))
        for row in Incident.objects.order_by("-number")
    ]


def deadlines_of(incident: Incident) -> tuple[Deadline, ...]:
    """List what one incident owes."""
    return clock.deadlines(incident, list_notices(incident.id))


def list_notices(incident_id: UUID) -> list[BreachNotice]:
    """List the notices that were given, the newest first."""
    return list(BreachNotice.objects.filter(incident_id=incident_id).order_by("-id"))


def list_assessments(incident_id: UUID) -> list[BreachAssessment]:
    """List the assessments, the newest first."""
    return list(BreachAssessment.objects.filter(incident_id=incident_id).order_by("-id"))


def list_exposures(incident_id: UUID) -> list[ExposureReport]:
    """List the reports of who was exposed, the newest first."""
    return list(ExposureReport.objects.filter(incident_id=incident_id).order_by("-id"))
