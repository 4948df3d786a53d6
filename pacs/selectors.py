"""Reads of the open tenant; what a guest or a patient sees is limited here and nowhere else."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from common.actor import Actor
from pacs.dicom.frames import FrameIndex
from pacs.errors import StudyNotFoundError
from pacs.models import Instance, Refusal, Series, Study
from vault import selectors as vault

if TYPE_CHECKING:
    from vault.selectors import BlobRef


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
    blob: "BlobRef"


def visible_studies(actor: Actor) -> "QuerySet[Study]":
    """Return the studies that this actor may know of: not binned, and for a grant only those that it names."""
    found: QuerySet[Study] = Study.objects.filter(tenant_id=actor.tenant_id, deleted_at=None)
    return found if actor.grant is None else found.filter(id__in=actor.grant.study_ids)


def binned_studies(actor: Actor) -> "QuerySet[Study]":
    """Return the studies in the bin; a grant never reaches them."""
    found: QuerySet[Study] = Study.objects.filter(tenant_id=actor.tenant_id).exclude(deleted_at=None)
    return found if actor.grant is None else found.none()


def get_study(*, actor: Actor, study_id: UUID) -> StudyRef:
    """Return one visible study, or raise."""
    return _ref(visible_studies(actor).filter(id=study_id).first())


def get_study_by_uid(*, actor: Actor, uid: str) -> StudyRef:
    """Return one visible study by its Study Instance UID, or raise."""
    return _ref(visible_studies(actor).filter(study_instance_uid=uid).first())


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


def list_series(*, study_id: UUID) -> list[Series]:
    """List the series of a study in reading order."""
    return list(Series.objects.filter(study_id=study_id).order_by(F("series_number").asc(nulls_last=True), "id"))


def find_series(*, study_id: UUID, series_instance_uid: str) -> Series:
    """Return one series of a study without its layout, or raise."""
    found = Series.objects.defer("layout").filter(study_id=study_id, series_instance_uid=series_instance_uid)
    row: Series | None = found.first()
    if row is None:
        raise StudyNotFoundError()
    return row


def list_instances(
    *, study_id: UUID, series_instance_uid: str | None = None, sop_instance_uid: str | None = None
) -> list[InstanceRef]:
    """List instances for reading, in the order of their series and numbers; one query, and one for their objects."""
    narrow: dict[str, Any] = {"study_id": study_id}
    if series_instance_uid is not None:
        narrow["series__series_instance_uid"] = series_instance_uid
    if sop_instance_uid is not None:
        narrow["sop_instance_uid"] = sop_instance_uid
    # Columns, not models: a model would bring its series along, whose layout is parsed anew for each of its instances.
    rows = list(
        Instance.objects.filter(**narrow)
        .order_by(F("series__series_number").asc(nulls_last=True), "series_id", "instance_number", "id")
        .values_list(*_INSTANCE_COLUMNS)
    )
    blobs = vault.blob_refs({row[-1] for row in rows})
    return [_instance_ref(row, blobs[row[-1]]) for row in rows]


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
    "blob_id",
)


def _instance_ref(row: tuple[Any, ...], blob: "BlobRef") -> InstanceRef:
    *plain, sha256, frame_index, key_id, header, _ = row
    index = FrameIndex.from_bytes(bytes(frame_index)) if frame_index else None
    return InstanceRef(*plain, bytes(sha256), index, key_id, bytes(header), blob)  # type: ignore[call-arg]  # the columns


def list_refusals(*, before_id: UUID | None = None, limit: int = 50) -> list[Refusal]:
    """List what was refused, newest first."""
    found = Refusal.objects.order_by("-id")
    return list(found.filter(id__lt=before_id)[:limit] if before_id else found[:limit])


def storage_used() -> int:
    """Return the bytes that the originals of the tenant take."""
    return int(Study.objects.aggregate(total=Sum("size_bytes"))["total"] or 0)
