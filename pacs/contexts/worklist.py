"""What the worklist shows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from pacs import saved_searches, worklist
from pacs.contexts import parts
from pacs.contexts.parts import Badge
from pacs.saved_searches import SearchLine
from pacs.services.states import READER
from pacs.worklist_filters import Search

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
    reader: str


@dataclass(frozen=True, slots=True)
class Can:
    """What the reader of the list may do with studies of it."""

    view: bool
    upload: bool
    see_bin: bool
    delete: bool
    share: bool
    download: bool
    assign: bool
    read_figures: bool

    @property
    def choose(self) -> bool:
        """Say whether choosing studies leads to anything."""
        return self.delete or self.share or self.download or self.assign


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """The list; `undo_ids` are the studies that were just deleted."""

    rows: list[Row]
    sort: str
    chosen_sort: str
    previous_cursor: str
    next_cursor: str
    is_filtered: bool
    can: Can
    readers: dict[UUID, str]
    searches: list[SearchLine]
    saved_id: UUID | None
    criteria: dict[str, str]
    undo_ids: Sequence[str] = ()


def build(
    *,
    actor: Actor,
    search: Search,
    sort: str,
    cursor: str,
    is_fragment: bool = False,
    undo_ids: Sequence[str] = (),
    saved_id: UUID | None = None,
) -> WorklistPage:
    """Return one page of the worklist (inside the open scope)."""
    order = sort or worklist.default_sort(search)
    found = worklist.find_page(actor=actor, search=search, sort=order, cursor=cursor, limit=worklist.PAGE_ROWS)
    progress = worklist.progress_of(study.id for study in found.rows)
    can = _can(actor)
    is_named = (can.assign and not is_fragment) or any(study.assigned_to for study in found.rows)
    readers = accounts.names_in_role(READER) if is_named else {}
    return WorklistPage(
        rows=[_row(study, progress[study.id], readers, can_view=can.view) for study in found.rows],
        sort=order,
        chosen_sort=sort,
        previous_cursor=found.previous,
        next_cursor=found.next,
        is_filtered=search.is_narrow,
        can=can,
        readers=readers,
        searches=[] if is_fragment else saved_searches.list_searches(actor),
        saved_id=saved_id,
        criteria=search.without_patient,
        undo_ids=undo_ids,
    )


def _can(actor: Actor) -> Can:
    return Can(
        view=access.allows(actor, "study.view"),
        upload=access.allows(actor, "study.upload"),
        see_bin=access.allows(actor, "study.restore"),
        delete=access.allows(actor, "study.delete"),
        share=access.allows(actor, "study.share"),
        download=access.allows(actor, "study.download"),
        assign=access.allows(actor, "study.assign"),
        read_figures=access.allows(actor, "figures.read"),
    )


def _row(study: "Study", progress: worklist.Progress, readers: Mapping[UUID, str], *, can_view: bool) -> Row:
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
        reader=readers.get(study.assigned_to, "") if study.assigned_to else "",
    )
