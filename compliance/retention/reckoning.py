"""Bringing terms and facts together: until when each study of the tenant is kept (inside the open scope)."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from compliance.retention import engine, facts
from compliance.retention.content import Overlay
from compliance.retention.engine import Period, Record, Verdict
from compliance.retention.facts import PatientFacts
from compliance.retention.policy import Terms
from pacs import retained
from pacs.retained import RetainedStudy

# Clocks count calendar years; a day of slack for 29 February.
_YEAR: Final = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """One study, and until when it is kept."""

    study: RetainedStudy
    record: Record
    verdict: Verdict
    # What it was reckoned by, for whoever asks what would change it.
    periods: tuple[Period, ...]
    overlays: tuple[Overlay, ...]


def of_patient(terms: Terms, found: PatientFacts) -> Iterator[Reckoned]:
    """Reckon every study of one patient."""
    periods = engine.periods_of(terms.book, [*terms.rule_ids, *found.jurisdictions], dict(terms.confirmed))
    overlays = tuple(terms.book.overlays[one] for one in dict.fromkeys([*terms.overlays, *found.overlays]))
    for study in found.studies:
        record = found.record_of(study, terms.extension_years)
        yield Reckoned(study, record, engine.judge(record, periods=periods, overlays=overlays), periods, overlays)


def of_study(terms: Terms, study: RetainedStudy) -> Reckoned:
    """Reckon one study."""
    (found,) = facts.gather([study.patient_id])
    return next(one for one in of_patient(terms, found) if one.study.id == study.id)


def of_studies(terms: Terms, study_ids: Iterable[UUID]) -> dict[UUID, Reckoned]:
    """Reckon some studies, less those that are not there."""
    wanted = set(study_ids)
    patients = sorted({study.patient_id for study in retained.of_ids(wanted)})
    reckoned = (one for found in facts.gather(patients) for one in of_patient(terms, found))
    return {one.study.id: one for one in reckoned if one.study.id in wanted}


def until(terms: Terms, horizon: dt.date) -> Iterator[Reckoned]:
    """Reckon the studies whose last limit ends by a day; what is blocked is among them.

    Patients who were imaged too lately for that are left out by the database: no study is kept shorter than the
    longest period that holds for everybody.
    """
    for found in facts.walk(idle_since=idle_since(terms, horizon)):
        yield from (one for one in of_patient(terms, found) if one.verdict.until <= horizon)


def idle_since(terms: Terms, horizon: dt.date) -> dt.date:
    """Return the latest day of a newest study that may be due by another day."""
    periods = engine.periods_of(terms.book, terms.rule_ids, dict(terms.confirmed))
    years = max([period.years for period in periods] + [terms.book.overlays[one].years for one in terms.overlays])
    return horizon - _YEAR * years + dt.timedelta(days=1)


def due(terms: Terms, day: dt.date) -> Iterator[Reckoned]:
    """Reckon the studies that may be destroyed on a day."""
    return (one for one in until(terms, day) if one.verdict.is_due(day))
