"""What the pages of broken glass show."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import access
from accounts import selectors as accounts
from accounts.selectors import EmergencyLine
from audit import selectors as audit
from common.actor import Actor
from common.scope import tenant_scope
from pacs import selectors
from pacs.contexts import access_log
from pacs.contexts.access_log import AccessLine
from pacs.contexts.parts import StudyLine, study_line

# Events that are read at once.
PAGE = 1000


@dataclass(frozen=True, slots=True)
class AskPage:
    """The page on which somebody gives a reason."""

    study: StudyLine
    minutes: int


@dataclass(frozen=True, slots=True)
class Row:
    """One act in the list."""

    line: EmergencyLine
    patient: str
    accesses: int


@dataclass(frozen=True, slots=True)
class ReviewList:
    waiting: list[Row]
    reviewed: list[Row]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One act with everything that was done under it."""

    row: Row
    accesses: list[AccessLine]
    can_review: bool


def ask_page(*, actor: Actor, study_id: UUID, minutes: int) -> AskPage:
    """Return the study that somebody wants to reach."""
    with tenant_scope(actor.tenant_id):
        return AskPage(study_line(selectors.study_row(actor=actor, study_id=study_id)), minutes)


def review_list(actor: Actor) -> ReviewList:
    """Return what waits for a review, and what was reviewed."""
    with tenant_scope(actor.tenant_id):
        lines = accounts.list_emergencies()
        rows = _rows(actor, lines)
    return ReviewList(
        waiting=[row for row in rows if row.line.reviewed_at is None],
        reviewed=[row for row in rows if row.line.reviewed_at is not None],
    )


def review_page(*, actor: Actor, emergency_id: UUID) -> ReviewPage:
    """Return one act, or raise."""
    with tenant_scope(actor.tenant_id):
        line = accounts.get_emergency(emergency_id)
        access.require(actor, "emergency.review")
        entries = _entries(line)
        [row] = _rows(actor, [line])
        accesses = access_log.lines_of(entries, {})
    can_review = line.reviewed_at is None and line.user_id != actor.id
    return ReviewPage(row=row, accesses=accesses, can_review=can_review)


def _rows(actor: Actor, lines: Iterable[EmergencyLine]) -> list[Row]:
    found = list(lines)
    studies = selectors.visible_studies(actor).filter(id__in={line.study_id for line in found})
    names = dict(studies.values_list("id", "patient_name"))
    counts = Counter({line.id: len(_entries(line)) for line in found})
    return [Row(line, names.get(line.study_id) or _("a deleted study"), counts[line.id]) for line in found]


def _entries(line: EmergencyLine) -> "list[audit.Entry]":
    """Return the events that carry the mark of an emergency; all of them lie within its hour."""
    wanted = audit.Filter(actor_id=line.user_id, since=line.opened_at, until=line.until)
    return [event for event in _all_events(wanted) if event.detail.get("emergency") == str(line.id)]


def _all_events(wanted: audit.Filter) -> "Iterator[audit.Entry]":
    while events := audit.list_events(wanted, limit=PAGE):
        yield from events
        if len(events) < PAGE:
            return
        wanted = replace(wanted, before_id=events[-1].id)
