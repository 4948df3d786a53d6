"""What the list of studies shows whose patient is in doubt."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from common.actor import Actor
from pacs import conflicts, selectors
from pacs.contexts import parts, people
from pacs.contexts.parts import StudyLine
from pacs.contexts.people import Line
from pacs.identity import Identity

if TYPE_CHECKING:
    from pacs.models import Study

PAGE_ROWS = 20


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One study, why it is held, and both sides."""

    study: StudyLine
    received_at: dt.datetime
    reason: str
    mine: str
    theirs: str
    lines: list[Line]
    can_be_other: bool


@dataclass(frozen=True, slots=True)
class ConflictsPage:
    rows: list[ConflictRow]
    older_cursor: str
    is_continued: bool


def build(*, actor: Actor, before_id: UUID | None) -> ConflictsPage:
    """Return some studies in doubt, newest first (inside the open scope)."""
    found = selectors.list_held_studies(actor=actor, before_id=before_id, limit=PAGE_ROWS + 1)
    rows = found[:PAGE_ROWS]
    return ConflictsPage(
        rows=[_row(study) for study in rows],
        older_cursor=str(rows[-1].id) if len(found) > PAGE_ROWS else "",
        is_continued=before_id is not None,
    )


def _row(study: "Study") -> ConflictRow:
    is_mixed = study.conflict == conflicts.MIXED
    theirs = (study.conflict_with or {}).get("identity", {})
    return ConflictRow(
        study=parts.study_line(study),
        received_at=study.received_at,
        reason=_("Images of this study name two patients.")
        if is_mixed
        else _("This patient id belongs to somebody of another name or birth date."),
        mine=_("First images") if is_mixed else _("These images"),
        theirs=_("Later images") if is_mixed else _("Known patient"),
        lines=people.compare(Identity.of_images(study), Identity.from_json(theirs)),
        can_be_other=not is_mixed,
    )
