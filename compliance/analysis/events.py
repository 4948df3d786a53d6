"""What the risk analysis announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisStale(Event):
    """Something changed that the analysis does not know of."""

    topic: ClassVar[str] = "compliance.analysis-stale"
    analysis_id: UUID
