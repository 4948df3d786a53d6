"""What this part announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementExpiring(Event):
    """An agreement came to a threshold before its last day, for the first time."""

    topic: ClassVar[str] = "compliance.agreement-expiring"
    agreement_id: UUID
    reminder_id: UUID
