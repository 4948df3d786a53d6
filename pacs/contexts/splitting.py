"""What the page shows on which series are split off a study."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from common.actor import Actor
from pacs import resealing, selectors
from pacs.contexts import correction, parts, people
from pacs.contexts.parts import StudyLine
from pacs.contexts.people import Found, Person
from pacs.identity import Identity
from pacs.reports import services as reports

if TYPE_CHECKING:
    from pacs.models import Study


@dataclass(frozen=True, slots=True)
class SeriesChoice:
    """One series; `images` is who its files name, where that is not whom the study is served under."""

    id: UUID
    modality: str
    description: str
    instance_count: int
    thumbnail_url: str
    images: Person | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class SplitPage:
    """`can_split` is false where there is one series only."""

    study: StudyLine
    patient: Person
    series: list[SeriesChoice]
    warnings: list[str]
    found: Found
    can_split: bool


def build(*, actor: Actor, study_id: UUID, text: str = "", chosen: Collection[str] = ()) -> SplitPage:
    """Return the page, with the patients that a search finds (inside the open scope)."""
    study = selectors.study_row(actor=actor, study_id=study_id)
    series = _series(study, set(chosen))
    return SplitPage(
        study=parts.study_line(study),
        patient=people.person_of(Identity.of_study(study)),
        series=series,
        warnings=_warnings(actor, study_id),
        found=people.find(actor=actor, text=text, without=study.patient_id),
        can_split=len(series) > 1,
    )


def _series(study: "Study", chosen: set[str]) -> list[SeriesChoice]:
    named = _named(study)
    return [
        SeriesChoice(
            id=row.id,
            modality=row.modality,
            description=row.description,
            instance_count=row.number_of_instances,
            thumbnail_url=parts.series_thumbnail_url(study, row.series_instance_uid) if row.thumbnail_blob_id else "",
            images=named.get(row.id),
            is_chosen=str(row.id) in chosen,
        )
        for row in selectors.list_series(study_id=study.id)
    ]


def _named(study: "Study") -> dict[UUID, Person]:
    """Return who the first image of each series names, where it is somebody else."""
    first = {one.series_id: one for one in reversed(selectors.list_instances(study_id=study.id))}
    claims = {series_id: Identity.of_header(resealing.unseal_original(one)) for series_id, one in first.items()}
    served = Identity.of_study(study)
    return {series_id: people.person_of(claim) for series_id, claim in claims.items() if claim != served}


def _warnings(actor: Actor, study_id: UUID) -> list[str]:
    """Return what splitting means for what stands already."""
    found = []
    if correction.is_shared(study_id):
        found.append(_("The study is shared. Whoever has a link no longer sees the series that you split off."))
    if any(report.is_signed for report in reports.list_reports(actor=actor, study_id=study_id)):
        found.append(_("The signed report stays with this study. Have a new version written about what is left."))
    return found
