"""What this package announces."""

from dataclasses import dataclass
from typing import ClassVar

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionQueued(Event):
    """Keys wait for a barrier that is not to wait for the hour."""

    topic: ClassVar[str] = "vault.destruction-queued"
