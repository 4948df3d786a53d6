"""What this part announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbesRequested(Event):
    """Somebody, or the clock, wants all probes to be read."""

    topic: ClassVar[str] = "compliance.probes-requested"
    run_id: UUID
