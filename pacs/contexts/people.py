"""Patients in a few words: to choose one, and to compare two."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from audit import services as audit
from common.actor import Actor
from pacs import selectors, worklist
from pacs.identity import Identity
from pacs.worklist_filters import Search

MAX_FOUND = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is."""

    name: str
    patient_id: str
    birth_date: dt.date | None
    sex: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patient who can be chosen."""

    id: UUID
    person: Person
    study_count: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for patients found; `is_asked` is False where nothing was looked for yet."""

    is_asked: bool
    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class Line:
    """One value of two people side by side."""

    label: str
    mine: str
    theirs: str

    @property
    def differs(self) -> bool:
        return bool(self.mine and self.theirs and self.mine != self.theirs)


NOBODY = Found(is_asked=False, candidates=[])


def person_of(identity: Identity) -> Person:
    """Return an identity as people read it."""
    return Person(identity.display_name, identity.patient_id, identity.birth_date, identity.sex)


def find(*, actor: Actor, text: str, without: UUID | None = None, numbered: bool = False) -> Found:
    """Look for patients by name or by the beginning of their id; who was shown is in the audit log."""
    if not text.strip():
        return NOBODY
    is_number = any(character.isdigit() for character in text)
    search = Search(number=text.strip()) if is_number else Search(name=text.strip())
    page = worklist.find_page(actor=actor, search=search, limit=200)
    rows = selectors.find_patients(actor=actor, study_ids=[study.id for study in page.rows], numbered=numbered)
    found = [(row, count) for row, count in rows if row.id != without][:MAX_FOUND]
    if found:
        ids = [str(row.id) for row, _ in found]
        audit.record(actor=actor, action="patients.searched", detail={"found": len(found), "patients": ids})
    return Found(
        is_asked=True,
        candidates=[Candidate(row.id, person_of(Identity.of_patient(row)), count) for row, count in found],
    )


def compare(mine: Identity, theirs: Identity) -> list[Line]:
    """Return two identities side by side."""
    return [
        Line(_("Name"), mine.display_name, theirs.display_name),
        Line(_("Patient id"), mine.patient_id, theirs.patient_id),
        Line(_("Born"), _day(mine.birth_date), _day(theirs.birth_date)),
        Line(_("Sex"), mine.sex, theirs.sex),
    ]


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""
