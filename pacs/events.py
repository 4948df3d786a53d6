"""What this package announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesReceived(Event):
    """Instances of a series were stored: what is prepared for reading is out of date."""

    topic: ClassVar[str] = "pacs.series-received"
    series_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesMoved(Event):
    """A series belongs to another study now: whoever keeps anything of it takes that along."""

    topic: ClassVar[str] = "pacs.series-moved"
    series_id: UUID
    study_id: UUID
    former_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyChanged(Event):
    """A study is ready, or not what it was: programs that keep up with studies ask for it again."""

    topic: ClassVar[str] = "pacs.study-changed"
    study_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDue(Event):
    """There are changes that a webhook has not been told of."""

    topic: ClassVar[str] = "pacs.hook-due"
    hook_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSigned(Event):
    """A radiologist signed a report."""

    topic: ClassVar[str] = "pacs.report-signed"
    study_id: UUID
    report_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDestroyed(Event):
    """A study was destroyed for good: whoever keeps anything of it drops that now."""

    topic: ClassVar[str] = "pacs.study-destroyed"
    study_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientForgotten(Event):
    """The last study of a patient was destroyed."""

    topic: ClassVar[str] = "pacs.patient-forgotten"
    patient_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSeen(Event):
    """A device that nobody knew called by DIMSE."""

    topic: ClassVar[str] = "pacs.caller-seen"
    peer_id: UUID
