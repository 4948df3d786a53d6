"""Reads of the open tenant; what a guest or a patient sees is limited here and nowhere else."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from accounts import access
from accounts import figures as accounts
from common.actor import Actor, ActorKind
from common.clock import now
from common.scope import tenant_scope
from pacs.dicom.frames import FrameIndex
from pacs.errors import CorrectionNotFoundError, StudyNotFoundError
from pacs.models import BEHIND, Correction, Instance, Patient, Refusal, Report, Series, Study, StudyMove
from vault import selectors as vault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacs.overlay import Overlay
    from vault.selectors import BlobRef

# A series that is not prepared so long after its study changed is one that nobody prepares any more.
PREPARED_BY_NOW = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class StudyRef:
    """A study as other packages know it."""

    id: UUID
    tenant_id: UUID
    patient_row_id: UUID
    key_id: UUID
    study_instance_uid: str
    conflict: str
    size_bytes: int
    number_of_instances: int


@dataclass(frozen=True, slots=True)
class StudySubject:
    """Whose study it is, for whoever has to tell the patient."""

    patient_id: UUID
    patient_name: str
    study_date: dt.date | None
    description: str


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """What reading the bytes of an instance needs; `blob` opens without another query."""

    id: UUID
    series_id: UUID
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    instance_number: int | None
    rows: int | None
    columns: int | None
    number_of_frames: int
    size_bytes: int
    crc32: int
    sha256: bytes
    frame_index: FrameIndex | None
    key_id: UUID
    sealed_header: bytes
    overlay: "Overlay | None"
    blob: "BlobRef"


def visible_studies(actor: Actor, *, among: "QuerySet[Any, Any] | None" = None) -> "QuerySet[Study]":
    """Return the studies that this actor may know of: not binned, for a grant only those that it names; what is held
    for a decision about its patient only where it is decided.

    `among` names few ids: then they are looked up by these, whatever else is asked for.
    """
    found: QuerySet[Study]
    if among is None:
        found = Study.objects.filter(tenant_id=actor.tenant_id, deleted_at=None)
    else:
        found = Study.by_id.filter(tenant_id__aside=actor.tenant_id, id__in=among, deleted_at=None)
    if actor.grant is not None:
        found = found.filter(id__in=actor.grant.study_ids)
    return found if sees_held(actor) else found.filter(conflict="")


def sees_held(actor: Actor) -> bool:
    """Say whether an actor is shown studies whose patient is in doubt: who decides, and programs of the centre."""
    if actor.grant is not None:
        return False
    return actor.kind is not ActorKind.USER or access.allows(actor, "conflict.decide")


def binned_studies(actor: Actor) -> "QuerySet[Study]":
    """Return the studies in the bin; a grant never reaches them. One that was put back to where it was split off has
    nothing to be taken back.
    """
    found: QuerySet[Study] = Study.objects.filter(tenant_id=actor.tenant_id, number_of_instances__gt=0)
    found = found.exclude(deleted_at=None)
    return found if actor.grant is None else found.none()


def get_study(*, actor: Actor, study_id: UUID) -> StudyRef:
    """Return one visible study, or raise."""
    return _ref(visible_studies(actor).filter(id=study_id).first())


def get_study_by_uid(*, actor: Actor, uid: str) -> StudyRef:
    """Return one visible study by its Study Instance UID, or raise."""
    return _ref(visible_studies(actor).filter(study_instance_uid=uid).first())


def find_by_number(*, actor: Actor, column: str, number: str, limit: int = 2) -> list[UUID]:
    """List some of the visible studies under a patient id or an accession number."""
    found = visible_studies(actor).filter(**{column: number})
    return list(found.order_by("-id").values_list("id", flat=True)[:limit])


def has_studies() -> bool:
    """Say whether the open tenant has any study."""
    return bool(Study.objects.filter(deleted_at=None).exists())


def has_signed_reports() -> bool:
    """Say whether the open tenant has any study with a signed report."""
    return bool(Study.objects.filter(report_state=Report.State.SIGNED, deleted_at=None).exists())


def study_ids_of_patient(patient_id: UUID) -> list[UUID]:
    """List the studies of a patient that are beyond doubt, also when the patient was merged into another one since."""
    of_patient = Study.objects.filter(patient_id__in={patient_id, *survivors_of([patient_id]).values()})
    return list(of_patient.filter(deleted_at=None, conflict="").values_list("id", flat=True))


def survivors_of(patient_ids: "Iterable[UUID]") -> dict[UUID, UUID]:
    """Return whom each of some patients was merged into in the end, or the patient who was not."""
    became = {patient_id: patient_id for patient_id in patient_ids}
    level = set(became)
    while level:
        into = dict(Patient.objects.filter(id__in=level).exclude(merged_into=None).values_list("id", "merged_into_id"))
        became = {patient_id: into.get(last, last) for patient_id, last in became.items()}
        level = set(into.values())
    return became


def list_study_ids_by_date(*, first: dt.date, last: dt.date, after_id: UUID, limit: int) -> list[UUID]:
    """List studies of the open tenant by the date that they were made, after one of them (keyset by id)."""
    found = Study.objects.filter(study_date__gte=first, study_date__lte=last, deleted_at=None, id__gt=after_id)
    return list(found.order_by("id").values_list("id", flat=True)[:limit])


def patient_name(patient_id: UUID) -> str:
    """Return the name of a patient as people read it."""
    return str(Patient.objects.values_list("name", flat=True).get(id=patient_id))


def list_binned_studies(*, actor: Actor, before_id: UUID | None = None, limit: int = 50) -> "list[Study]":
    """List the studies in the bin, the last deleted first, below one of them (keyset)."""
    found = binned_studies(actor)
    last = found.filter(id=before_id).first() if before_id else None
    if last is not None:
        later = Q(deleted_at__lt=last.deleted_at) | Q(deleted_at=last.deleted_at, id__lt=last.id)
        found = found.filter(later)
    return list(found.order_by("-deleted_at", "-id")[:limit])


def get_binned_study(*, actor: Actor, study_id: UUID) -> StudyRef:
    """Return one study in the bin, or raise."""
    return _ref(binned_studies(actor).filter(id=study_id).first())


def _ref(row: Study | None) -> StudyRef:
    if row is None:
        raise StudyNotFoundError()
    return StudyRef(
        id=row.id,
        tenant_id=row.tenant_id,
        patient_row_id=row.patient_id,
        key_id=row.key_id,
        study_instance_uid=row.study_instance_uid,
        conflict=row.conflict,
        size_bytes=row.size_bytes,
        number_of_instances=row.number_of_instances,
    )


def study_row(*, actor: Actor, study_id: UUID) -> Study:
    """Return the row of a visible study with its patient, for the pages and documents of this package."""
    row = visible_studies(actor).select_related("patient").filter(id=study_id).first()
    if row is None:
        raise StudyNotFoundError()
    return row


def list_held_studies(*, actor: Actor, before_id: UUID | None = None, limit: int = 50) -> "list[Study]":
    """List the studies whose patient is in doubt, newest first, below one of them (keyset)."""
    found = visible_studies(actor).exclude(conflict="").select_related("patient").order_by("-id")
    return list(found.filter(id__lt=before_id)[:limit] if before_id else found[:limit])


def count_held_studies(*, actor: Actor) -> int:
    """Count the studies whose patient is in doubt."""
    return visible_studies(actor).exclude(conflict="").count()


def get_correction(*, correction_id: UUID) -> Correction:
    """Return one correction of the open tenant, or raise."""
    found: Correction | None = Correction.objects.filter(id=correction_id).first()
    if found is None:
        raise CorrectionNotFoundError()
    return found


def list_moves(*, study_id: UUID) -> list[StudyMove]:
    """List what corrections did to a study, newest first."""
    found = StudyMove.objects.filter(study_id=study_id).order_by("-correction_id")
    return list(found.select_related("correction__from_patient", "correction__to_patient"))


def find_patients(*, actor: Actor, study_ids: "Iterable[UUID]", numbered: bool = False) -> "list[tuple[Patient, int]]":
    """List the patients of some visible studies, each once, with the number of their studies; `numbered` only those
    who are told apart by their id.
    """
    found = Patient.objects.filter(id__in=visible_studies(actor).filter(id__in=list(study_ids)).values("patient_id"))
    rows = found.filter(match_key__startswith="pid|") if numbered else found
    counted = rows.annotate(study_count=Count("studies", filter=Q(studies__deleted_at=None))).order_by("name", "id")
    return [(row, row.study_count) for row in counted]


def subjects_of_studies(study_ids: "Iterable[UUID]") -> dict[UUID, StudySubject]:
    """Return whose studies these are, also of those in the bin or held; what was destroyed is absent."""
    columns = ("id", "patient_id", "patient_name", "study_date", "description")
    rows = Study.objects.filter(id__in=list(study_ids)).values_list(*columns)
    return {study_id: StudySubject(*values) for study_id, *values in rows}


def count_studies_of(*, patient_id: UUID) -> int:
    """Count the studies of a patient that are not in the bin."""
    return int(Study.objects.filter(patient_id=patient_id, deleted_at=None).count())


def list_series(*, study_id: UUID) -> list[Series]:
    """List the series of a study in reading order, without their scenes."""
    return list(_series_in_order(study_id).defer("scene"))


def list_series_with_scenes(*, study_id: UUID) -> list[Series]:
    """List the series of a study in reading order, with what the viewer needs of them, sealed."""
    return list(_series_in_order(study_id))


def _series_in_order(study_id: UUID) -> "QuerySet[Series]":
    found: QuerySet[Series] = Series.objects.filter(study_id=study_id)
    return found.order_by(F("series_number").asc(nulls_last=True), "id")


def list_forgotten_series() -> list[UUID]:
    """List the series that arrived a while ago and are not prepared."""
    found = Series.objects.filter(BEHIND, study__deleted_at=None, study__updated_at__lt=now() - PREPARED_BY_NOW)
    return list(found.order_by("id").values_list("id", flat=True))


def count_forgotten_series() -> int:
    """Count them in all tenants: for operators."""
    count = 0
    for tenant_id in accounts.active_tenants():
        with tenant_scope(tenant_id):
            count += len(list_forgotten_series())
    return count


def find_series(*, study_id: UUID, series_instance_uid: str) -> Series:
    """Return one series of a study without its layout and scene, or raise."""
    found = Series.objects.defer("layout", "scene").filter(study_id=study_id, series_instance_uid=series_instance_uid)
    row: Series | None = found.first()
    if row is None:
        raise StudyNotFoundError()
    return row


def list_instances(
    *, study_id: UUID, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
) -> list[InstanceRef]:
    """List instances for reading, in the order of their series and numbers; one query, and one for their objects.

    Both are asked once more when an object is gone by the second: it was sealed anew, as its series was split off.
    """
    narrow: dict[str, Any] = {"study_id": study_id}
    if series_instance_uid is not None:
        narrow["series__series_instance_uid"] = series_instance_uid
    if sop_instance_uid is not None:
        narrow["sop_instance_uid"] = sop_instance_uid
    rows, blobs = _instances_and_objects(narrow)
    if any(row[-1] not in blobs for row in rows):
        rows, blobs = _instances_and_objects(narrow)
    return [_instance_ref(row, blobs[row[-1]]) for row in rows]


def _instances_and_objects(narrow: dict[str, Any]) -> "tuple[list[tuple[Any, ...]], dict[UUID, BlobRef]]":
    # Columns, not models: a model would bring its series along, whose layout is parsed anew for each of its instances.
    rows = list(
        Instance.objects.filter(**narrow)
        .order_by(F("series__series_number").asc(nulls_last=True), "series_id", "instance_number", "id")
        .values_list(*_INSTANCE_COLUMNS)
    )
    return rows, vault.blob_refs({row[-1] for row in rows})


def get_instance(*, study_id: UUID, series_instance_uid: str, sop_instance_uid: str) -> InstanceRef:
    """Return one instance for reading, or raise."""
    found = list_instances(
        study_id=study_id, series_instance_uid=series_instance_uid, sop_instance_uid=sop_instance_uid
    )
    if not found:
        raise StudyNotFoundError()
    return found[0]


# In the order of the fields of `InstanceRef`, with the id of the object last.
_INSTANCE_COLUMNS = (
    "id",
    "series_id",
    "series__series_instance_uid",
    "sop_instance_uid",
    "sop_class_uid",
    "transfer_syntax_uid",
    "instance_number",
    "rows",
    "columns",
    "number_of_frames",
    "size_bytes",
    "crc32",
    "sha256",
    "frame_index",
    "study__key_id",
    "header",
    "study__overlay",
    "blob_id",
)


def _instance_ref(row: tuple[Any, ...], blob: "BlobRef") -> InstanceRef:
    *plain, sha256, frame_index, key_id, header, overlay, _ = row
    index = FrameIndex.from_bytes(bytes(frame_index)) if frame_index else None
    last = (bytes(sha256), index, key_id, bytes(header), overlay, blob)
    return InstanceRef(*plain, *last)  # type: ignore[call-arg]  # the columns


def list_refusals(*, before_id: UUID | None = None, limit: int = 50) -> list[Refusal]:
    """List what was refused, newest first."""
    found = Refusal.objects.order_by("-id")
    return list(found.filter(id__lt=before_id)[:limit] if before_id else found[:limit])


def storage_used() -> int:
    """Return the bytes that the originals of the tenant take."""
    return int(Study.objects.aggregate(total=Sum("size_bytes"))["total"] or 0)
