"""What the bin shows."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from audit import selectors as audit
from common.actor import Actor
from pacs import selectors
from pacs.contexts import parts
from pacs.contexts.parts import StudyLine

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class BinRow:
    """A deleted study, when it was deleted and by whom."""

    study: StudyLine
    deleted_at: dt.datetime
    deleted_by: str


@dataclass(frozen=True, slots=True)
class BinPage:
    rows: list[BinRow]
    older_cursor: str
    is_continued: bool
    can_restore: bool


def build(*, actor: Actor, before_id: UUID | None) -> BinPage:
    """Return some deleted studies, the last deleted first (inside the open scope)."""
    found = selectors.list_binned_studies(actor=actor, before_id=before_id, limit=PAGE_ROWS + 1)
    rows = found[:PAGE_ROWS]
    deletions = audit.latest_by_study(action="study.binned", study_ids={study.id for study in rows})
    names = accounts.names_of_users({entry.actor_id for entry in deletions.values()})
    return BinPage(
        rows=[
            BinRow(
                study=parts.study_line(study),
                deleted_at=study.deleted_at,
                deleted_by=names.get(deletions[study.id].actor_id, "") if study.id in deletions else "",
            )
            for study in rows
            if study.deleted_at is not None
        ],
        older_cursor=str(rows[-1].id) if len(found) > PAGE_ROWS else "",
        is_continued=before_id is not None,
        can_restore=access.allows(actor, "study.restore"),
    )
