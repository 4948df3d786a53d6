"""What the page shows on which a study is given to the right patient."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import selectors as accounts
from common.actor import Actor
from pacs import selectors
from pacs.contexts import parts, people
from pacs.contexts.parts import StudyLine
from pacs.contexts.people import Found, Person
from pacs.contexts.study import list_links
from pacs.identity import Identity
from pacs.reports import services as reports

if TYPE_CHECKING:
    from pacs.models import StudyMove

_KINDS = {
    "move": gettext_lazy("Moved to another patient"),
    "merge": gettext_lazy("Merged with another patient"),
    "same": gettext_lazy("Decided: the same person"),
    "other": gettext_lazy("Decided: another person"),
    "split": gettext_lazy("Split into two studies"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One correction of this study; only the last one that stands can be taken back. `other_study` is what was split
    off it, or what it was split off.
    """

    id: UUID
    at: dt.datetime
    who: str
    what: str
    former: Person
    present: Person
    undone_at: dt.datetime | None
    is_undoable: bool
    other_study: UUID | None


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """`images` is who the original files name, where that is not who the study is served under; a study of one series
    cannot be split.
    """

    study: StudyLine
    patient: Person
    images: Person | None
    other_studies: int
    warnings: list[str]
    steps: list[Step]
    found: Found
    can_split: bool


def build(*, actor: Actor, study_id: UUID, text: str = "") -> CorrectionPage:
    """Return the page, with the patients that a search finds (inside the open scope)."""
    study = selectors.study_row(actor=actor, study_id=study_id)
    served, images = Identity.of_study(study), Identity.of_images(study)
    return CorrectionPage(
        study=parts.study_line(study),
        patient=people.person_of(served),
        images=people.person_of(images) if images != served else None,
        other_studies=selectors.count_studies_of(patient_id=study.patient_id) - 1,
        warnings=_warnings(actor, study_id),
        steps=_steps(selectors.list_moves(study_id=study_id)),
        found=people.find(actor=actor, text=text, without=study.patient_id),
        can_split=study.number_of_series > 1,
    )


def is_shared(study_id: UUID) -> bool:
    """Say whether somebody has a link to a study."""
    return any(link.state == "active" for link in list_links(study_id))


def _warnings(actor: Actor, study_id: UUID) -> list[str]:
    """Return what a correction does not reach."""
    found = []
    if is_shared(study_id):
        found.append(_("The study is shared. Check whether those who have a link may see the right patient."))
    if any(report.is_signed for report in reports.list_reports(actor=actor, study_id=study_id)):
        found.append(_("The signed report names the patient as it was signed. Have a new version written."))
    return found


def _steps(moves: "list[StudyMove]") -> list[Step]:
    names = accounts.names_of_users({move.correction.actor_id for move in moves})
    standing = [move.correction_id for move in moves if move.correction.undone_at is None]
    return [
        Step(
            id=move.correction_id,
            at=move.correction.made_at,
            who=names.get(move.correction.actor_id, _("someone unknown")),
            what=str(_KINDS[move.correction.kind]),
            former=people.person_of(Identity.from_json(move.before["identity"])),
            present=people.person_of(Identity.of_patient(move.correction.to_patient)),
            undone_at=move.correction.undone_at,
            is_undoable=standing[:1] == [move.correction_id],
            other_study=_other_study(move),
        )
        for move in moves
    ]


def _other_study(move: "StudyMove") -> UUID | None:
    """Return the other side of a split that stands."""
    split = move.before.get("split")
    if split is None or move.correction.undone_at is not None:
        return None
    return next(UUID(split[side]) for side in ("former", "study") if split[side] != str(move.study_id))
