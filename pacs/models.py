"""Patient > Study > Series > Instance, and what was refused. Header values lie sealed; only index columns are plain."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from accounts.models import TenantOwned
from common.clock import now
from pacs import lookups  # noqa: F401  registers them

# Django looks for models here; these have rooms of their own.
from pacs.appointments.models import Appointment, PerformedStep, Unmatched  # noqa: F401
from pacs.changes.models import Change, Feed, Hook  # noqa: F401
from pacs.dimse.models import CalledTitle, Commitment, Peer  # noqa: F401

UID_LENGTH = 64


class Patient(TenantOwned):
    """Who was imaged. `match_key` makes two studies the same patient's: the id with its issuer, else the study."""

    match_key = models.CharField(max_length=200)
    dicom_patient_id = models.CharField(max_length=64, blank=True)
    issuer = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    name_pn = models.CharField(max_length=400, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=16, blank=True)
    # The same person under another number, decided by somebody: what still arrives for this one belongs to that one.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "match_key"], name="pacs_patient_once")]

    @property
    def survivor(self) -> "Patient":
        """Who has the studies of this patient: itself, or the one at the end of the mergers."""
        found = self
        while found.merged_into is not None:
            found = found.merged_into
        return found


class Study(TenantOwned):
    """One examination, with the values that lists are searched and sorted by."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="studies")
    key_id = models.UUIDField()
    study_instance_uid = models.CharField(max_length=UID_LENGTH)
    study_date = models.DateField(null=True)
    study_time = models.CharField(max_length=16, blank=True)
    study_id = models.CharField(max_length=64, blank=True)
    accession_number = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=200, blank=True)
    referring_physician_name = models.CharField(max_length=200, blank=True)
    # What the study is listed and served under: as its images say it, unless `overlay` says otherwise.
    patient_name_pn = models.CharField(max_length=400, blank=True)
    patient_name = models.CharField(max_length=200, blank=True)
    patient_name_folded = models.CharField(max_length=200, blank=True)
    dicom_patient_id = models.CharField(max_length=64, blank=True)
    issuer_of_patient_id = models.CharField(max_length=64, blank=True)
    patient_birth_date = models.DateField(null=True)
    patient_sex = models.CharField(max_length=16, blank=True)
    modalities = models.CharField(max_length=120, blank=True)
    number_of_series = models.IntegerField(default=0)
    number_of_instances = models.IntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    received_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    # Why its patient is in doubt, and whom it is to be compared with (`pacs.conflicts`).
    conflict = models.CharField(max_length=32, blank=True)
    conflict_with = models.JSONField(null=True)
    # The patient that people decided on, where the images name another (`pacs.overlay`).
    overlay = models.JSONField(null=True)
    # How far its newest report is, until when somebody outside may look, who is to read it: what a worklist asks for.
    report_state = models.CharField(max_length=8, blank=True, default="", db_default="")
    shared_until = models.DateTimeField(null=True)
    assigned_to = models.UUIDField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")
    # For rows whose ids are known already; scoped as the other.
    by_id: ClassVar[Any] = ScopedManager(tenant="tenant_id__aside")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "study_instance_uid"], condition=Q(deleted_at=None), name="pacs_study_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["tenant", "report_state", "-received_at", "-id"],
                condition=Q(deleted_at=None),
                name="pacs_study_state_received",
            ),
            models.Index(
                fields=["tenant", "report_state", "-study_date", "-id"],
                condition=Q(deleted_at=None),
                name="pacs_study_state_date",
            ),
            models.Index(
                fields=["tenant", "report_state", "patient_name_folded", "id"],
                condition=Q(deleted_at=None),
                name="pacs_study_state_name",
            ),
            models.Index(fields=["tenant", "conflict", "-received_at", "-id"], name="pacs_study_held"),
            models.Index(
                fields=["tenant", "-shared_until"], condition=Q(shared_until__isnull=False), name="pacs_study_shared"
            ),
            models.Index(
                fields=["tenant", "assigned_to", "-id"],
                condition=Q(assigned_to__isnull=False),
                name="pacs_study_assigned",
            ),
            models.Index(fields=["tenant", "-received_at", "-id"], name="pacs_study_by_received"),
            models.Index(fields=["tenant", "-study_date", "-id"], name="pacs_study_by_date"),
            models.Index(fields=["tenant", "patient_name_folded", "id"], name="pacs_study_by_name"),
            # With the order of searches behind: else a planner walks all studies by date for one patient's.
            models.Index(fields=["tenant", "dicom_patient_id", "-study_date", "-id"], name="pacs_study_pid_date"),
            models.Index(fields=["tenant", "accession_number", "-study_date", "-id"], name="pacs_study_accession_date"),
            models.Index(
                fields=["tenant", "referring_physician_name", "-study_date", "-id"], name="pacs_study_physician_date"
            ),
            models.Index(fields=["tenant", "patient"], name="pacs_study_by_patient"),
        ]


class NameToken(TenantOwned):
    """One folded part of a patient's name, for prefix search: row-level security keeps LIKE from using an index."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="name_tokens", db_index=False)
    token = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "token", "study"], name="pacs_nametoken_once")]
        indexes = [models.Index(fields=["tenant", "study", "token"], name="pacs_nametoken_of_study")]


# What is prepared of these series is missing or out of date.
BEHIND = Q(prepared_instances__lt=F("number_of_instances")) | Q(scene=None) | Q(metadata_blob_id=None)


class Series(TenantOwned):
    """One series: its columns, and what is prepared for reading it.

    `layout` is what lists tell of it, `scene` what the viewer needs of its headers, sealed (`pacs.scenes`); the others
    are ids of objects in the vault. `prepared_instances` is the number of instances that all this covers; fewer than
    `number_of_instances` means that it is out of date.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="series", db_index=False)
    series_instance_uid = models.CharField(max_length=UID_LENGTH)
    modality = models.CharField(max_length=16, blank=True)
    series_number = models.IntegerField(null=True)
    description = models.CharField(max_length=200, blank=True)
    body_part_examined = models.CharField(max_length=64, blank=True)
    laterality = models.CharField(max_length=16, blank=True)
    manufacturer = models.CharField(max_length=120, blank=True)
    manufacturer_model_name = models.CharField(max_length=120, blank=True)
    performed_step_start_date = models.DateField(null=True)
    performed_step_start_time = models.CharField(max_length=16, blank=True, default="", db_default="")
    # Of the first item of (0040,0275) Request Attributes Sequence.
    scheduled_step_id = models.CharField(max_length=16, blank=True, default="", db_default="")
    requested_procedure_id = models.CharField(max_length=16, blank=True, default="", db_default="")
    # Of the items behind it, where there are any: each a line of both, with a tab between them, a line break around.
    further_requests = models.TextField(blank=True, default="", db_default="")
    number_of_instances = models.IntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    layout = models.JSONField(null=True)
    scene = models.BinaryField(null=True)
    metadata_blob_id = models.UUIDField(null=True)
    preview_blob_id = models.UUIDField(null=True)
    half_blob_id = models.UUIDField(null=True)
    thumbnail_blob_id = models.UUIDField(null=True)
    prepared_instances = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "study", "series_instance_uid"], name="pacs_series_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "series_instance_uid"], name="pacs_series_by_uid"),
            models.Index(fields=["tenant", "modality", "study"], name="pacs_series_by_modality"),
            models.Index(
                fields=["tenant", "performed_step_start_date", "study"],
                condition=Q(performed_step_start_date__isnull=False),
                name="pacs_series_by_step_date",
            ),
            models.Index(
                fields=["tenant", "scheduled_step_id", "study"],
                condition=~Q(scheduled_step_id=""),
                name="pacs_series_by_step",
            ),
            models.Index(
                fields=["tenant", "requested_procedure_id", "study"],
                condition=~Q(requested_procedure_id=""),
                name="pacs_series_by_procedure",
            ),
            models.Index(
                fields=["tenant", "study"], condition=~Q(further_requests=""), name="pacs_series_several_requests"
            ),
            models.Index(fields=["tenant", "study"], name="pacs_series_behind", condition=BEHIND),
        ]


class Instance(TenantOwned):
    """One stored object: where its bytes lie, how to reach its frames, and its header sealed under the study's key."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="instances", db_index=False)
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="instances", db_index=False)
    sop_instance_uid = models.CharField(max_length=UID_LENGTH)
    sop_class_uid = models.CharField(max_length=UID_LENGTH)
    transfer_syntax_uid = models.CharField(max_length=UID_LENGTH)
    instance_number = models.IntegerField(null=True)
    rows = models.IntegerField(null=True)
    columns = models.IntegerField(null=True)
    number_of_frames = models.IntegerField(default=0)
    blob_id = models.UUIDField()
    size_bytes = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    crc32 = models.BigIntegerField()
    frame_index = models.BinaryField(null=True)
    header = models.BinaryField()
    received_at = models.DateTimeField(default=now)
    is_binned = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "sop_instance_uid"], condition=Q(is_binned=False), name="pacs_instance_once"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "series", "instance_number"], name="pacs_instance_by_series"),
            models.Index(fields=["tenant", "study"], name="pacs_instance_by_study"),
        ]


class Refusal(TenantOwned):
    """A file that was not stored, and why; what can be kept lies sealed in quarantine."""

    reason = models.CharField(max_length=64)
    message = models.CharField(max_length=400)
    source = models.CharField(max_length=16)
    size_bytes = models.BigIntegerField(default=0)
    blob_id = models.UUIDField(null=True)
    study_instance_uid = models.CharField(max_length=UID_LENGTH, blank=True)
    sop_instance_uid = models.CharField(max_length=UID_LENGTH, blank=True)
    received_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-received_at", "-id"], name="pacs_refusal_newest")]


class Correction(TenantOwned):
    """A decision about whose studies these are; it can be taken back."""

    class Kind(models.TextChoices):
        MOVE = "move"
        MERGE = "merge"
        SAME = "same"
        OTHER = "other"
        SPLIT = "split"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    from_patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    actor_id = models.UUIDField()
    made_at = models.DateTimeField(default=now)
    undone_by = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="pacs_correction_newest")]


class StudyMove(TenantOwned):
    """One study that a correction changed, and what it was before."""

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="moves", db_index=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="moves", db_index=False)
    from_patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    before = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "study", "correction"], name="pacs_move_once")]
        indexes = [models.Index(fields=["tenant", "correction"], name="pacs_move_by_correction")]


class SplitSeries(TenantOwned):
    """Where the images of a series belong that was split off the study that they name.

    `place` is a digest of both UIDs as the images have them (`pacs.intake.routing`). It outlives the study: what still
    arrives for one that was destroyed must not go back to whom it was taken from.
    """

    place = models.BinaryField(max_length=32)
    study = models.ForeignKey(Study, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "place"], name="pacs_splitseries_once")]
        indexes = [models.Index(fields=["tenant", "study"], name="pacs_splitseries_of_study")]


class Upload(TenantOwned):
    """A folder that somebody sends with the browser, until all of it has an answer.

    `digest` tells the same folder chosen again; `label` is its name, for the person who sends it. Removed with its
    files thirty days after the last change (`pacs.intake.sessions.purge`).
    """

    owner_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    label = models.CharField(max_length=120, blank=True)
    total_files = models.IntegerField()
    total_bytes = models.BigIntegerField()
    started_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "owner_id", "digest"], condition=Q(ended_at=None), name="pacs_upload_open_once"
            )
        ]
        indexes = [models.Index(fields=["tenant", "owner_id", "-id"], name="pacs_upload_newest")]


class UploadedFile(TenantOwned):
    """One file of an upload that was answered. Its name stays in the browser: only a digest of it is known here."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files", db_index=False)
    fingerprint = models.BinaryField(max_length=32)
    size_bytes = models.BigIntegerField(default=0)
    status = models.CharField(max_length=12)
    reason = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=400, blank=True)
    study_instance_uid = models.CharField(max_length=UID_LENGTH, blank=True)
    sop_instance_uid = models.CharField(max_length=UID_LENGTH, blank=True)
    received_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "upload", "fingerprint"], name="pacs_uploadedfile_once")
        ]
        indexes = [models.Index(fields=["tenant", "fingerprint"], name="pacs_uploadedfile_by_print")]


class UploadPiece(TenantOwned):
    """A piece of a file too large for one request, sealed until the rest is there; gone once the file is answered."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    fingerprint = models.BinaryField(max_length=32)
    number = models.IntegerField()
    size_bytes = models.BigIntegerField()
    blob_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "upload", "fingerprint", "number"], name="pacs_uploadpiece_once")
        ]


class Report(TenantOwned):
    """A radiologist's report: sealed text, and once signed an unchangeable PDF. A later version supersedes."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SIGNED = "signed"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reports", db_index=False)
    version = models.IntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    author_id = models.UUIDField()
    author_name = models.CharField(max_length=120)
    body = models.BinaryField()
    pdf_blob_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "study", "version"], name="pacs_report_version")]


class SavedSearch(TenantOwned):
    """A search of the worklist that somebody keeps, alone or for everybody in the tenant."""

    owner_id = models.UUIDField()
    name = models.CharField(max_length=60)
    is_shared = models.BooleanField(default=False)
    # The fields of `pacs.worklist.Search`; a patient's name or number is never among them.
    criteria = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "owner_id", "name"], name="pacs_savedsearch_name")]


class MonthFigures(TenantOwned):
    """What a closed month was: counted once, when somebody first asks."""

    month = models.DateField()
    studies = models.IntegerField(default=0)
    images = models.IntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    # How often each kind of event happened.
    events = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "month"], name="pacs_monthfigures_once")]
