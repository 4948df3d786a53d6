"""What the quarantine shows: reasons, never an image."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from common.refusals import stored_text_of
from pacs import selectors

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class RefusalRow:
    received_at: dt.datetime
    reason_code: str
    reason: str
    source: str
    sop_instance_uid: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    rows: list[RefusalRow]
    older_cursor: str
    is_continued: bool


def build(*, before_id: UUID | None) -> QuarantinePage:
    """Return some refusals, newest first (inside the open scope)."""
    found = selectors.list_refusals(before_id=before_id, limit=PAGE_ROWS + 1)
    rows = found[:PAGE_ROWS]
    return QuarantinePage(
        rows=[
            RefusalRow(
                received_at=row.received_at,
                reason_code=row.reason,
                reason=stored_text_of(row.reason, row.message),
                source=row.source,
                sop_instance_uid=row.sop_instance_uid,
                size_bytes=row.size_bytes,
            )
            for row in rows
        ],
        older_cursor=str(rows[-1].id) if len(found) > PAGE_ROWS else "",
        is_continued=before_id is not None,
    )
