"""Patient > Study > Series > Instance, and what was refused. Header values lie sealed; only index columns are plain."""

from django.db import models
from django.db.models import Q

from accounts.models import TenantOwned
from common.clock import now

UID_LENGTH = 64


class Patient(TenantOwned):
    """Who was imaged. `match_key` makes two studies the same patient's: the id with its issuer, else the study."""

    match_key = models.CharField(max_length=200)
    dicom_patient_id = models.CharField(max_length=64, blank=True)
    issuer = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "match_key"], name="pacs_patient_once")]


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
    # As the images say it: kept beside the matched patient, so that a conflict can be seen and decided.
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
    conflict = models.CharField(max_length=32, blank=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "study_instance_uid"], condition=Q(deleted_at=None), name="pacs_study_once"
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "-received_at", "-id"], name="pacs_study_by_received"),
            models.Index(fields=["tenant", "-study_date", "-id"], name="pacs_study_by_date"),
            models.Index(fields=["tenant", "patient_name_folded", "id"], name="pacs_study_by_name"),
            models.Index(fields=["tenant", "dicom_patient_id"], name="pacs_study_by_patient_id"),
            models.Index(fields=["tenant", "accession_number"], name="pacs_study_by_accession"),
            models.Index(fields=["tenant", "patient"], name="pacs_study_by_patient"),
        ]


class NameToken(TenantOwned):
    """One folded part of a patient's name, for prefix search: row-level security keeps LIKE from using an index."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="name_tokens", db_index=False)
    token = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "token", "study"], name="pacs_nametoken_once")]
        indexes = [models.Index(fields=["tenant", "study"], name="pacs_nametoken_by_study")]


class Series(TenantOwned):
    """One series: its columns, and what is prepared for reading it (ids of objects in the vault).

    `prepared_instances` is the number of instances that the prepared objects cover; fewer than
    `number_of_instances` means that they are out of date.
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
    number_of_instances = models.IntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    layout = models.JSONField(null=True)
    metadata_blob_id = models.UUIDField(null=True)
    preview_blob_id = models.UUIDField(null=True)
    thumbnail_blob_id = models.UUIDField(null=True)
    prepared_instances = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "study", "series_instance_uid"], name="pacs_series_once")
        ]
        indexes = [models.Index(fields=["tenant", "series_instance_uid"], name="pacs_series_by_uid")]


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
