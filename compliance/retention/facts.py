"""What happened with the records of patients: the events that start the clock, holds, extensions, circumstances."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from django.db.models import Q

from compliance.models import KeepingExtension, KeepingRequest, PatientCircumstances, RetentionHold
from compliance.retention.engine import Event, EventKind, Extension, Record
from pacs import retained
from pacs.retained import RetainedStudy
from sharing import visits

_PATIENTS_AT_ONCE: Final = 500
Row = TypeVar("Row", PatientCircumstances, RetentionHold, KeepingExtension, KeepingRequest)
StudyRow = TypeVar("StudyRow", RetentionHold, KeepingExtension)


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """One patient with all studies, and what bears on how long they are kept."""

    patient_id: UUID
    studies: tuple[RetainedStudy, ...]
    events: tuple[Event, ...]
    jurisdictions: tuple[str, ...]
    overlays: tuple[str, ...]
    is_incompetent: bool
    has_open_wish: bool
    # Those that hold the patient as a whole, and those of single studies or of whoever had them before.
    patient_holds: int
    study_holds: Mapping[UUID, int]
    patient_extensions: tuple[KeepingExtension, ...]
    study_extensions: Mapping[UUID, tuple[KeepingExtension, ...]]

    def record_of(self, study: RetainedStudy, extension_years: Mapping[str, int]) -> Record:
        """Return a study as the clock sees it."""
        longer = (*self.patient_extensions, *self.study_extensions.get(study.id, ()))
        return Record(
            image_date=image_date(study),
            events=self.events,
            birth_date=study.birth_date,
            is_incompetent=self.is_incompetent,
            is_in_doubt=study.is_in_doubt,
            has_open_wish=self.has_open_wish,
            hold_count=self.patient_holds + self.study_holds.get(study.id, 0),
            extensions=tuple(_extension(one, extension_years) for one in longer),
        )


def image_date(study: RetainedStudy) -> dt.date:
    """Return the day of the images; where they do not say it, the day on which they came."""
    return study.study_date or study.received_date


def _extension(row: KeepingExtension, extension_years: Mapping[str, int]) -> Extension:
    if row.until_date is None and row.years is None and row.kind in extension_years:
        return Extension(row.kind, years=extension_years[row.kind])
    return Extension(row.kind, years=row.years, until=row.until_date)


def walk(*, idle_since: dt.date | None = None) -> Iterator[PatientFacts]:
    """Yield the facts of all patients, or of those whose newest study is no later than a day, page after page."""
    after: UUID | None = None
    while page := retained.idle_patient_ids(idle_since=idle_since, after=after, limit=_PATIENTS_AT_ONCE):
        yield from gather(page)
        after = page[-1]


def gather(patient_ids: Sequence[UUID]) -> list[PatientFacts]:
    """Return the facts of some patients, in a handful of queries."""
    studies: dict[UUID, list[RetainedStudy]] = defaultdict(list)
    for study in retained.studies_of(patient_ids):
        studies[study.patient_id].append(study)
    former = retained.merged_into(patient_ids)
    everyone = [*patient_ids, *former]
    study_ids = [study.id for found in studies.values() for study in found]
    opened = visits.last_openings(study_ids)
    came = visits.last_visits(everyone)
    moved = retained.former_patients(study_ids)
    held = {*everyone, *(patient_id for before in moved.values() for patient_id in before)}
    of_studies = Q(study_id__in=study_ids)
    standing = list(RetentionHold.objects.filter(patient_id__in=held, study_id=None, released_at=None))
    rows = _Rows(
        _by_patient(PatientCircumstances.objects.filter(patient_id__in=everyone), former),
        _by_study(RetentionHold.objects.filter(of_studies, released_at=None)),
        _by_patient(standing, former),
        _by_patient(standing, {}),
        _by_study(KeepingExtension.objects.filter(of_studies, ended_at=None)),
        _by_patient(KeepingExtension.objects.filter(patient_id__in=everyone, study_id=None, ended_at=None), former),
        _by_patient(
            KeepingRequest.objects.filter(
                patient_id__in=everyone, wish=KeepingRequest.Wish.KEEP, state=KeepingRequest.State.OPEN
            ),
            former,
        ),
        moved,
    )
    arrivals: dict[UUID, list[dt.date]] = defaultdict(list)
    for patient_id, day in came.items():
        arrivals[former.get(patient_id, patient_id)].append(day)
    return [
        _facts(patient_id, studies[patient_id], rows, _outside(studies[patient_id], opened, arrivals[patient_id]))
        for patient_id in patient_ids
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was written about patients, by the patient, or about single studies, and whose those were before."""

    circumstances: Mapping[UUID, list[PatientCircumstances]]
    study_holds: Mapping[UUID, list[RetentionHold]]
    holds: Mapping[UUID, list[RetentionHold]]
    # Not by whom somebody was merged into, as all else is.
    unmerged_holds: Mapping[UUID, list[RetentionHold]]
    study_longer: Mapping[UUID, list[KeepingExtension]]
    longer: Mapping[UUID, list[KeepingExtension]]
    wishes: Mapping[UUID, list[KeepingRequest]]
    moved: Mapping[UUID, Mapping[UUID, dt.datetime]]

    def count_holds(self, study: RetainedStudy) -> int:
        """Count the holds of a study itself, and those of former patients that were placed while it was theirs."""
        present = {hold.id for hold in self.holds.get(study.patient_id, ())}
        before = {
            hold.id
            for patient_id, until in self.moved.get(study.id, {}).items()
            for hold in self.unmerged_holds.get(patient_id, ())
            if hold.placed_at <= until
        }
        return len(self.study_holds.get(study.id, ())) + len(before - present)


def _by_patient(rows: Iterable[Row], former: Mapping[UUID, UUID]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[former.get(row.patient_id, row.patient_id)].append(row)
    return found


def _by_study(rows: Iterable[StudyRow]) -> dict[UUID, list[StudyRow]]:
    found: dict[UUID, list[StudyRow]] = defaultdict(list)
    for row in rows:
        if row.study_id is not None:
            found[row.study_id].append(row)
    return found


def _outside(
    studies: Iterable[RetainedStudy], opened: Mapping[UUID, dt.date], came: Iterable[dt.date]
) -> Iterator[Event]:
    yield from (Event(EventKind.SHARE_OPENED, opened[study.id]) for study in studies if study.id in opened)
    yield from (Event(EventKind.PATIENT_VISIT, day) for day in came)


def _facts(patient_id: UUID, studies: Sequence[RetainedStudy], rows: _Rows, outside: Iterable[Event]) -> PatientFacts:
    circumstances = rows.circumstances.get(patient_id, [])
    visited = [Event(EventKind.PMS_VISIT, one.last_visit_date) for one in circumstances if one.last_visit_date]
    return PatientFacts(
        patient_id=patient_id,
        studies=tuple(studies),
        events=_newest_of_each_kind([*_inside(studies), *outside, *visited]),
        jurisdictions=tuple(rule_id for one in circumstances for rule_id in one.jurisdictions),
        overlays=tuple(overlay_id for one in circumstances for overlay_id in one.overlays),
        is_incompetent=any(one.is_incompetent for one in circumstances),
        has_open_wish=patient_id in rows.wishes,
        patient_holds=len(rows.holds.get(patient_id, ())),
        study_holds={study.id: rows.count_holds(study) for study in studies},
        patient_extensions=tuple(rows.longer.get(patient_id, ())),
        study_extensions={study.id: tuple(rows.study_longer.get(study.id, ())) for study in studies},
    )


def _inside(studies: Iterable[RetainedStudy]) -> Iterator[Event]:
    for study in studies:
        kind = EventKind.STUDY if study.study_date else EventKind.RECEIVED
        yield Event(kind, image_date(study))
        if study.report_date is not None:
            yield Event(EventKind.REPORT, study.report_date)


def _newest_of_each_kind(events: Iterable[Event]) -> tuple[Event, ...]:
    newest: dict[EventKind, Event] = {}
    for event in sorted(events, key=lambda event: event.date):
        newest[event.kind] = event
    return tuple(newest.values())
