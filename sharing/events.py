"""What this package announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLocked(Event):
    """Too many wrong codes were entered: the link is locked for good."""

    topic: ClassVar[str] = "sharing.link-locked"
    link_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDue(Event):
    """One person is to be told that a report is ready."""

    topic: ClassVar[str] = "sharing.notice-due"
    notice_id: UUID
