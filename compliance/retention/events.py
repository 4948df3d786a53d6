"""What retention announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionNoticeDue(Event):
    """A patient is to be told that images will be destroyed."""

    topic: ClassVar[str] = "compliance.deletion-notice-due"
    notice_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RunApproved(Event):
    """A deletion run has both approvals: it is carried out now, or by the next round."""

    topic: ClassVar[str] = "compliance.deletion-run-approved"
    run_id: UUID
