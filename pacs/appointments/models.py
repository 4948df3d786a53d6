"""Appointments, and what modalities report of them."""

from django.db import models
from django.db.models import Q

from accounts.models import TenantOwned
from common.clock import now

UID_LENGTH = 64


class Appointment(TenantOwned):
    """One planned examination of one patient: a scheduled procedure step (PS3.4 annex K).

    Holds what the practice's own schedule says of the patient; goes when the tenant's appointments are purged, two
    years after their day.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled"
        STARTED = "started"
        DONE = "done"
        CANCELLED = "cancelled"

    # What its source calls it; the same one sent again is changed, not added.
    external_id = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State.choices, default=State.SCHEDULED)
    patient_id = models.CharField(max_length=64)
    issuer = models.CharField(max_length=64, blank=True)
    patient_name_pn = models.CharField(max_length=400)
    patient_name_folded = models.CharField(max_length=200, blank=True)
    birth_date = models.DateField(null=True)
    sex = models.CharField(max_length=1, blank=True)
    start_date = models.DateField()
    # HHMM or HHMMSS as DICOM writes it, in the time of the place.
    start_time = models.CharField(max_length=6, blank=True)
    modality = models.CharField(max_length=16, blank=True)
    station_ae_title = models.CharField(max_length=16, blank=True)
    accession_number = models.CharField(max_length=16, blank=True)
    study_instance_uid = models.CharField(max_length=UID_LENGTH)
    description = models.CharField(max_length=64, blank=True)
    referring_physician_pn = models.CharField(max_length=200, blank=True)
    # The study that came of it.
    study = models.ForeignKey("pacs.Study", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    matched_at = models.DateTimeField(null=True)
    # "uid", "number", "day" when the portal matched, "hand" when somebody did.
    matched_by = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="pacs_appointment_once"),
            models.UniqueConstraint(fields=["tenant", "study_instance_uid"], name="pacs_appointment_uid"),
        ]
        indexes = [
            models.Index(fields=["tenant", "start_date", "start_time", "id"], name="pacs_appointment_by_day"),
            models.Index(fields=["tenant", "patient_id", "start_date"], name="pacs_appointment_by_patient"),
            models.Index(
                fields=["tenant", "accession_number"],
                condition=~Q(accession_number=""),
                name="pacs_appointment_by_number",
            ),
            models.Index(fields=["tenant", "study"], name="pacs_appointment_by_study"),
        ]


class Unmatched(TenantOwned):
    """A study to which no appointment, or more than one, could belong: it waits for a human (BR-50)."""

    class Reason(models.TextChoices):
        NONE = "none"
        SEVERAL = "several"
        DIFFERS = "differs"

    study = models.ForeignKey("pacs.Study", on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    noted_at = models.DateTimeField(default=now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "study"], name="pacs_unmatched_once")]
        indexes = [
            models.Index(fields=["tenant", "-noted_at"], condition=Q(decided_at=None), name="pacs_unmatched_waiting")
        ]


class PerformedStep(TenantOwned):
    """What a modality reports of an examination while it is made (PS3.4 annex F)."""

    class State(models.TextChoices):
        IN_PROGRESS = "IN PROGRESS"
        COMPLETED = "COMPLETED"
        DISCONTINUED = "DISCONTINUED"

    sop_instance_uid = models.CharField(max_length=UID_LENGTH)
    state = models.CharField(max_length=12, choices=State.choices)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.SET_NULL, null=True, related_name="steps", db_index=False
    )
    study_instance_uid = models.CharField(max_length=UID_LENGTH, blank=True)
    peer_id = models.UUIDField()
    modality = models.CharField(max_length=16, blank=True)
    # SOP Instance UIDs that the device says it made.
    instances = models.JSONField(default=list)
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "sop_instance_uid"], name="pacs_performedstep_once")]
        indexes = [models.Index(fields=["tenant", "appointment"], name="pacs_performedstep_of")]
