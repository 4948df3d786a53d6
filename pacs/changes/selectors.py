"""Reading what changed."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from common.actor import Actor
from pacs import leaving, selectors
from pacs.appointments.models import Appointment
from pacs.changes.errors import HookNotFoundError
from pacs.changes.models import Change, Feed, Hook
from pacs.models import BEHIND, Series, Study

# All that a page names stands in one event of the audit log.
PAGE: Final = leaving.MAX_AUDITED_IDS


@dataclass(frozen=True, slots=True)
class StudyChange:
    """A study that changed, and how it stands now.

    Attributes
    ----------
    state
        ``ready`` to be read, ``preparing``, ``held`` while its patient is in doubt, ``deleted`` to the bin, or
        ``destroyed``.
    """

    number: int
    at: dt.datetime
    study_id: UUID
    state: str


def list_changes(*, after: int, limit: int) -> list[StudyChange]:
    """List what changed in the open tenant after a number, in order."""
    rows = list(Change.objects.filter(number__gt=after).order_by("number")[:limit])
    ids = [row.study_id for row in rows]
    studies: dict[UUID, Study] = Study.objects.only("deleted_at", "conflict").in_bulk(ids)
    behind = set(Series.objects.filter(BEHIND, study_id__in=ids).values_list("study_id", flat=True))
    return [StudyChange(row.number, row.at, row.study_id, _state(studies.get(row.study_id), behind)) for row in rows]


def _state(study: Study | None, behind: set[UUID]) -> str:
    if study is None:
        return "destroyed"
    if study.deleted_at is not None:
        return "deleted"
    if study.conflict:
        return "held"
    return "preparing" if study.id in behind else "ready"


def visible_studies(*, actor: Actor, study_ids: Iterable[UUID]) -> dict[UUID, Study]:
    """Return those of some studies that an actor may know of."""
    found: dict[UUID, Study] = selectors.visible_studies(actor).in_bulk(list(study_ids))
    return found


def appointments_of(study_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the practice's own numbers of the appointments that studies came of, where they are known."""
    return dict(Appointment.objects.filter(study_id__in=study_ids).values_list("study_id", "external_id"))


def last_number() -> int:
    """Return the number of the newest change of the open tenant, 0 before the first."""
    return Feed.objects.values_list("last", flat=True).first() or 0


def list_hooks() -> list[Hook]:
    """List the addresses of the open tenant that are told."""
    return list(Hook.objects.order_by("url"))


def get_hook(hook_id: UUID) -> Hook:
    """Return one of them, or raise."""
    row: Hook | None = Hook.objects.filter(id=hook_id).first()
    if row is None:
        raise HookNotFoundError
    return row
