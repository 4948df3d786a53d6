"""What the page of documents shows."""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from common.actor import Actor
from compliance.analysis import selectors as analyses
from compliance.documents import snapshots
from compliance.documents.snapshots import Check, SnapshotRow
from compliance.models import Analysis

PAGE_ROWS: Final = 8


@dataclass(frozen=True, slots=True)
class DocumentsPage:
    """The issues, and the analysis that a draft can be printed of (absent: there is none)."""

    rows: tuple[SnapshotRow, ...]
    analysis_id: UUID | None
    analysis_title: str
    is_draft: bool
    next_review_date: dt.date | None
    check: Check | None
    older: str
    is_continued: bool


def build_documents(*, actor: Actor, check: Check | None = None, before: int | None = None) -> DocumentsPage:
    """Return a page of issues."""
    found = snapshots.list_snapshots(before=before, limit=PAGE_ROWS + 1)
    rows = found[:PAGE_ROWS]
    analysis = analyses.current_analysis(actor)
    is_issued = analysis is not None and analysis.state == Analysis.State.ISSUED
    return DocumentsPage(
        rows=tuple(rows),
        analysis_id=analysis.id if analysis else None,
        analysis_title=analysis.title if analysis else "",
        is_draft=not is_issued,
        next_review_date=analysis.next_review_date if analysis else None,
        check=check,
        older=str(rows[-1].sequence) if len(found) > PAGE_ROWS else "",
        is_continued=before is not None,
    )
