"""What this part announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDue(Event):
    """A task came to a threshold before or after its day, for the first time."""

    topic: ClassVar[str] = "compliance.task-due"
    task_id: UUID
    reminder_id: UUID
