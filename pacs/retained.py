"""Studies as retention sees them, also those in the bin: when they were made, whose they are, what happened."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from accounts import access
from common.actor import Actor
from pacs import selectors
from pacs.errors import StudyNotFoundError
from pacs.models import Correction, Patient, Report, Study, StudyMove


@dataclass(frozen=True, slots=True)
class RetainedStudy:
    """One study; `report_date` is the day on which its newest report was written or signed."""

    id: UUID
    patient_id: UUID
    key_id: UUID
    study_date: dt.date | None
    received_date: dt.date
    birth_date: dt.date | None
    report_date: dt.date | None
    binned_at: dt.datetime | None
    is_in_doubt: bool
    size_bytes: int
    number_of_instances: int
    modalities: str
    description: str


def get(*, actor: Actor, study_id: UUID, action: str) -> RetainedStudy:
    """Return one study that an actor may do this with, also from the bin; raise as other reads do."""
    found = selectors.visible_studies(actor) | selectors.binned_studies(actor)
    if not found.filter(id=study_id).exists():
        raise StudyNotFoundError
    access.require(actor, action)
    return _of(Study.objects.filter(id=study_id))[0]


def find(study_id: UUID) -> RetainedStudy | None:
    """Return one study of the open tenant, if it is there."""
    return next(iter(_of(Study.objects.filter(id=study_id))), None)


def studies_of(patient_ids: Iterable[UUID]) -> list[RetainedStudy]:
    """List all studies of some patients."""
    return _of(Study.objects.filter(patient_id__in=list(patient_ids)))


def of_ids(study_ids: Iterable[UUID]) -> list[RetainedStudy]:
    """List some studies, less those that are not there."""
    return _of(Study.objects.filter(id__in=list(study_ids)))


def in_bin_since_before(moment: dt.datetime) -> list[RetainedStudy]:
    """List what has lain in the bin since before an instant."""
    return _of(Study.objects.filter(deleted_at__lt=moment))


def idle_patient_ids(*, idle_since: dt.date | None, after: UUID | None, limit: int) -> list[UUID]:
    """List patients with studies, none of which is dated later than a day; in the order of their ids, above one."""
    rows = Patient.objects.filter(id__in=Study.objects.values("patient_id")).order_by("id")
    if idle_since is not None:
        rows = rows.exclude(id__in=Study.objects.filter(study_date__gt=idle_since).values("patient_id"))
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.values_list("id", flat=True)[:limit])


def merged_into(patient_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return whoever was merged into some patients, however often, with the one that each became."""
    became = {patient_id: patient_id for patient_id in patient_ids}
    level = set(became)
    while level:
        rows = Patient.objects.filter(merged_into_id__in=level).values_list("id", "merged_into_id")
        found = {former: became[into] for former, into in rows if former not in became}
        became.update(found)
        level = set(found)
    return {former: survivor for former, survivor in became.items() if former != survivor}


def former_patients(study_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, dt.datetime]]:
    """Return whose some studies were before they were moved, or a move was undone, with the instant of that.

    Whoever was merged into a former patient is one, too.
    """
    found: dict[UUID, dict[UUID, dt.datetime]] = defaultdict(dict)
    moves = StudyMove.objects.filter(study_id__in=list(study_ids)).exclude(correction__kind=Correction.Kind.SPLIT)
    for move in moves.select_related("correction").order_by("id"):
        made, former = move.correction, found[move.study_id]
        is_undone = made.undone_at is not None
        patient_id, until = (made.to_patient_id, made.undone_at) if is_undone else (move.from_patient_id, made.made_at)
        former[patient_id] = max(until, former.get(patient_id, until))
    mergers = _mergers({patient_id for former in found.values() for patient_id in former})
    for former in found.values():
        for patient_id in mergers:
            into = mergers[patient_id]
            while into not in former and into in mergers:
                into = mergers[into]
            if into in former:
                former.setdefault(patient_id, former[into])
    return found


def _mergers(patient_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return whoever was merged into some patients, however often, with the one whom each was merged into at first."""
    found: dict[UUID, UUID] = {}
    level = set(patient_ids)
    while level:
        rows = dict(Patient.objects.filter(merged_into_id__in=level).values_list("id", "merged_into_id"))
        level = rows.keys() - found.keys()
        found.update(rows)
    return found


def patients_by_number(numbers: Iterable[str]) -> dict[str, list[UUID]]:
    """Return whom each Patient ID belongs to; several where issuers differ."""
    found: dict[str, list[UUID]] = {}
    rows = Patient.objects.filter(dicom_patient_id__in=list(numbers)).select_related("merged_into")
    for row in rows.exclude(dicom_patient_id=""):
        found.setdefault(row.dicom_patient_id, []).append(row.survivor.id)
    return found


def lock(study_ids: Iterable[UUID]) -> None:
    """Lock the rows of studies until the transaction ends, in the order of their ids."""
    list(Study.objects.select_for_update(of=("self",)).filter(id__in=list(study_ids)).order_by("id").values_list("id"))


def names_of(study_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the patient's name of some studies, as they are listed."""
    return dict(Study.objects.filter(id__in=list(study_ids)).values_list("id", "patient_name"))


def _of(rows: "Iterable[Study]") -> list[RetainedStudy]:
    studies = list(rows.select_related("patient").order_by("id"))  # type: ignore[attr-defined]  # a queryset
    written = Report.objects.filter(study_id__in=[study.id for study in studies]).values("study_id")
    reported = {row["study_id"]: row["at"] for row in written.annotate(at=Max("changed_at"))}
    return [_study(row, reported.get(row.id)) for row in studies]


def _study(row: Study, reported_at: dt.datetime | None) -> RetainedStudy:
    births = [day for day in (row.patient_birth_date, row.patient.birth_date) if day is not None]
    return RetainedStudy(
        id=row.id,
        patient_id=row.patient_id,
        key_id=row.key_id,
        study_date=row.study_date,
        received_date=row.received_at.date(),
        # Where two are known the younger person is kept longer.
        birth_date=max(births, default=None),
        report_date=reported_at.date() if reported_at else None,
        binned_at=row.deleted_at,
        is_in_doubt=bool(row.conflict),
        size_bytes=row.size_bytes,
        number_of_instances=row.number_of_instances,
        modalities=row.modalities,
        description=row.description,
    )
