"""What several pages show alike."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from common.clock import now
from pacs.dicomweb import addresses

if TYPE_CHECKING:
    from pacs.models import Study
    from pacs.worklist import Progress


@dataclass(frozen=True, slots=True)
class Badge:
    """One word about a state; the tone is never the only sign of it."""

    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A study in a few words."""

    id: UUID
    patient_name: str
    patient_id: str
    study_date: dt.date | None
    modalities: list[str]


def study_line(study: "Study") -> StudyLine:
    """Return a study in a few words."""
    return StudyLine(
        id=study.id,
        patient_name=study.patient_name,
        patient_id=study.dicom_patient_id,
        study_date=study.study_date,
        modalities=study.modalities.split(),
    )


def badges_of(study: "Study", progress: "Progress") -> list[Badge]:
    """Return how far a study has come, in words."""
    reports = {
        "": Badge(_("preparing"), "info") if progress.is_preparing else Badge(_("ready"), "neutral"),
        "draft": Badge(_("report draft"), "warn"),
        "signed": Badge(_("report signed"), "ok"),
    }
    found = [Badge(_("held"), "bad")] if study.conflict else []
    found.append(reports[study.report_state])
    if study.shared_until and study.shared_until > now():
        found.append(Badge(_("shared"), "info"))
    return found


def time_of(text: str) -> dt.time | None:
    """Return a TM value to the minute (PS3.5 6.2), or None when it is not a time."""
    try:
        return dt.time(int(text[:2]), int(text[2:4] or 0))
    except ValueError:
        return None


def study_thumbnail_url(study: "Study") -> str:
    """Return the address of the picture of a study."""
    return f"{addresses.study_url(addresses.ROOT, study.study_instance_uid)}/thumbnail"


def series_thumbnail_url(study: "Study", series_instance_uid: str) -> str:
    """Return the address of the picture of a series."""
    return f"{addresses.series_url(addresses.ROOT, study.study_instance_uid, series_instance_uid)}/thumbnail"
