"""What this package announces."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outbox.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequested(Event):
    """A network is to look at an image that arrived, or that somebody asked about."""

    topic: ClassVar[str] = "inference.run-requested"
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRunRequested(Event):
    """A network is to look at one image of a batch: after those that somebody waits for."""

    topic: ClassVar[str] = "inference.batch-run-requested"
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequested(Event):
    """The images of a batch are to be found, those of studies after one of them."""

    topic: ClassVar[str] = "inference.batch-requested"
    batch_id: UUID
    after_id: UUID
