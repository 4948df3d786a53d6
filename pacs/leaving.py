"""What leaves with an answer is counted and written down; with the answer to a HEAD nothing leaves."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from django.db import transaction

from audit import services as audit
from audit.services import AccessSession
from common.actor import Actor
from pacs.gate import Reached

# As many studies as one event names.
MAX_AUDITED_IDS: Final = 100

_nothing: ContextVar[bool] = ContextVar("nothing_leaves", default=False)


class _Unwritten(AccessSession):
    """The access of somebody who gets nothing."""

    def count(self, frames: int = 1) -> None:
        """Count nothing."""


@contextmanager
def nothing() -> Iterator[None]:
    """Answer without a body until the block ends: neither counted nor written down."""
    before = _nothing.set(True)
    try:
        yield
    finally:
        _nothing.reset(before)


def is_nothing() -> bool:
    """Say whether what is answered now has no body."""
    return _nothing.get()


def record_search(actor: Actor, *, level: str, found: int, study_ids: Iterable[UUID], **detail: str) -> None:
    """Write who was shown which studies, before it is sent; nothing was seen where nothing was found."""
    if is_nothing() or not found:
        return
    seen = list(dict.fromkeys(map(str, study_ids)))[:MAX_AUDITED_IDS]
    with transaction.atomic(savepoint=False):
        audit.record(
            actor=actor,
            action="studies.searched",
            detail={"found": found, "level": level, "studies": seen, **detail},
        )


def open_access(reached: Reached, purpose: str) -> AccessSession:
    """Return the running access to a study, whose event is committed with the scope that the view holds."""
    actor, study_id = reached.actor, reached.study.id
    if is_nothing():
        return _Unwritten(actor=actor, study_id=study_id, purpose=purpose, opened=time.monotonic())
    return audit.open_access(actor=actor, study_id=study_id, purpose=purpose)
