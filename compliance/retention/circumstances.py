"""What else bears on one patient: where he lives, his payers, his last visit by the practice's software."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from django.db import transaction

from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance.models import PatientCircumstances
from compliance.retention import rulebook
from compliance.retention.errors import RuleNotFoundError, VisitsRefusedError
from pacs import retained

MAX_LINES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of one patient. Where he moved from still counts: the stricter place wins."""

    jurisdictions: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    is_incompetent: bool = False
    last_visit_date: dt.date | None = None
    last_visit_source: str = ""


def of(patient_id: UUID) -> Circumstances:
    """Return what is known of a patient (inside the open scope)."""
    row = PatientCircumstances.objects.filter(patient_id=patient_id).first()
    if row is None:
        return Circumstances()
    return Circumstances(
        jurisdictions=tuple(row.jurisdictions),
        overlays=tuple(row.overlays),
        is_incompetent=row.is_incompetent,
        last_visit_date=row.last_visit_date,
        last_visit_source=row.last_visit_source,
    )


def describe(
    *, actor: Actor, study_id: UUID, jurisdictions: Sequence[str], overlays: Sequence[str], is_incompetent: bool
) -> None:
    """Say where the patient of a study lives besides, who pays, and whether he can decide for himself.

    Raises
    ------
    RuleNotFoundError
        If the book has no such rule or overlay.
    """
    book = rulebook.latest()
    with tenant_scope(actor.tenant_id), transaction.atomic():
        study = retained.get(actor=actor, study_id=study_id, action="retention.manage")
        if set(jurisdictions) - set(book.rules) or set(overlays) - set(book.overlays):
            raise RuleNotFoundError
        PatientCircumstances.objects.update_or_create(
            tenant_id=actor.tenant_id,
            patient_id=study.patient_id,
            defaults={
                "jurisdictions": sorted(set(jurisdictions)),
                "overlays": sorted(set(overlays)),
                "is_incompetent": is_incompetent,
                "changed_at": now(),
            },
        )
        audit.record(
            actor=actor,
            action="retention.patient-described",
            study_id=study.id,
            patient_id=study.patient_id,
            detail={"jurisdictions": sorted(set(jurisdictions)), "overlays": sorted(set(overlays))},
        )


# --- last visits from the practice's software -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    """A patient's newest visit, by the Patient ID that practice and images share."""

    dicom_patient_id: str
    date: dt.date


class VisitFeed(Protocol):
    """Where last visits come from: a file today, an interface of the practice's software where one has it."""

    @property
    def name(self) -> str:
        """Name of the feed, as it is written beside what came from it."""

    def visits(self) -> Iterable[Visit]:
        """Yield last visits, in any order."""


@dataclass(frozen=True, slots=True)
class CsvVisits:
    """Last visits as a CSV of two columns, `patient_id` and `last_visit` (2026-11-28)."""

    data: str
    name: str = "csv"

    def visits(self) -> Iterable[Visit]:
        """Yield the lines.

        Raises
        ------
        VisitsRefusedError
            With the number of the line that is not understood, or what is wrong with the file.
        """
        try:
            yield from self._visits()
        except csv.Error as error:
            raise VisitsRefusedError("The file is not well-formed CSV: {error}.", error=str(error)) from None

    def _visits(self) -> Iterator[Visit]:
        if "\0" in self.data:
            raise csv.Error("line contains NUL")
        rows = csv.DictReader(io.StringIO(self.data))
        if not {"patient_id", "last_visit"} <= set(rows.fieldnames or ()):
            raise VisitsRefusedError("Expected the columns patient_id and last_visit.")
        for number, row in enumerate(rows, start=2):
            if number > MAX_LINES:
                raise VisitsRefusedError("More than {most} lines.", most=MAX_LINES)
            try:
                yield Visit((row["patient_id"] or "").strip(), dt.date.fromisoformat((row["last_visit"] or "").strip()))
            except ValueError:
                raise VisitsRefusedError("Line {number}: expected a day as 2026-11-28.", number=number) from None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many visits were taken over, were older than what is known, or belong to nobody here."""

    newer: int
    known: int
    unknown: int


def take_visits(*, actor: Actor, feed: VisitFeed) -> Taken:
    """Take last visits over; an older one never replaces a newer one, and none lies in the future."""
    newest: dict[str, dt.date] = {}
    for visit in feed.visits():
        if visit.dicom_patient_id and visit.date <= today():
            newest[visit.dicom_patient_id] = max(visit.date, newest.get(visit.dicom_patient_id, visit.date))
    with tenant_scope(actor.tenant_id), transaction.atomic():
        whose = retained.patients_by_number(newest)
        newer = known = 0
        for number, patient_ids in whose.items():
            for patient_id in set(patient_ids):
                is_newer = _note(actor, patient_id, newest[number], feed.name)
                newer, known = newer + is_newer, known + (not is_newer)
        taken = Taken(newer, known, len(newest) - len(whose))
        audit.record(
            actor=actor,
            action="retention.visits-taken",
            detail={"source": feed.name, "newer": taken.newer, "unknown": taken.unknown},
        )
    return taken


def _note(actor: Actor, patient_id: UUID, day: dt.date, source: str) -> bool:
    row, _ = PatientCircumstances.objects.get_or_create(tenant_id=actor.tenant_id, patient_id=patient_id)
    if row.last_visit_date is not None and row.last_visit_date >= day:
        return False
    row.last_visit_date, row.last_visit_source, row.changed_at = day, source, now()
    row.save(update_fields=["last_visit_date", "last_visit_source", "changed_at"])
    return True
