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
class ReportSigned(Event):
    """A radiologist signed a report."""

    topic: ClassVar[str] = "pacs.report-signed"
    study_id: UUID
    report_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSeen(Event):
    """A device that nobody knew called by DIMSE."""

    topic: ClassVar[str] = "pacs.caller-seen"
    peer_id: UUID
