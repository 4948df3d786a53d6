"""What the worklist shows."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import access
from common.actor import Actor
from pacs import worklist
from pacs.contexts import parts
from pacs.contexts.parts import Badge

if TYPE_CHECKING:
    from pacs.models import Study


@dataclass(frozen=True, slots=True)
class Row:
    """One study of the list."""

    id: UUID
    patient_name: str
    patient_id: str
    birth_date: dt.date | None
    sex: str
    study_date: dt.date | None
    study_time: dt.time | None
    description: str
    modalities: list[str]
    instance_count: int
    received_at: dt.datetime
    thumbnail_url: str
    badges: list[Badge]


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """The list; `used_bytes` is None in a fragment, `undo_id` is the study that was just deleted."""

    rows: list[Row]
    sort: str
    previous_cursor: str
    next_cursor: str
    is_filtered: bool
    used_bytes: int | None
    can_view: bool
    can_upload: bool
    can_see_bin: bool
    undo_id: UUID | None = None


def build(
    *,
    actor: Actor,
    search: worklist.Search,
    sort: str,
    cursor: str,
    is_fragment: bool = False,
    undo_id: UUID | None = None,
) -> WorklistPage:
    """Return one page of the worklist (inside the open scope)."""
    found = worklist.find_page(actor=actor, search=search, sort=sort, cursor=cursor, limit=worklist.PAGE_ROWS)
    progress = worklist.progress_of(study.id for study in found.rows)
    can_view = access.allows(actor, "study.view")
    return WorklistPage(
        rows=[_row(study, progress[study.id], can_view=can_view) for study in found.rows],
        sort=sort,
        previous_cursor=found.previous,
        next_cursor=found.next,
        is_filtered=search.is_narrow,
        used_bytes=None if is_fragment else worklist.storage_used(actor.tenant_id),
        can_view=can_view,
        can_upload=access.allows(actor, "study.upload"),
        can_see_bin=access.allows(actor, "study.restore"),
        undo_id=undo_id,
    )


def _row(study: "Study", progress: worklist.Progress, *, can_view: bool) -> Row:
    return Row(
        id=study.id,
        patient_name=study.patient_name,
        patient_id=study.dicom_patient_id,
        birth_date=study.patient_birth_date,
        sex=study.patient_sex,
        study_date=study.study_date,
        study_time=parts.time_of(study.study_time),
        description=study.description,
        modalities=study.modalities.split(),
        instance_count=study.number_of_instances,
        received_at=study.received_at,
        thumbnail_url=parts.study_thumbnail_url(study) if can_view and progress.has_thumbnail else "",
        badges=parts.badges_of(study, progress),
    )
