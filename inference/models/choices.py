"""What a tenant has chosen: whether its images may train networks, and what a second of a processor costs it."""

from django.db import models

from accounts.models import TenantOwned
from common.clock import now


class TrainingChoice(TenantOwned):
    """One decision about training on the tenant's images; the newest holds, and without any they are not used."""

    is_allowed = models.BooleanField()
    purpose = models.CharField(max_length=400)
    decided_by = models.UUIDField()
    decided_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="inference_training_newest")]


class TrainingObjection(TenantOwned):
    """What one patient said about training on their images; the newest holds, whatever the tenant allows."""

    patient = models.ForeignKey("pacs.Patient", on_delete=models.CASCADE, related_name="+", db_index=False)
    is_standing = models.BooleanField()
    said_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["tenant", "patient", "-id"], name="inference_objection_newest")]


class Rate(TenantOwned):
    """What an hour of a processor costs, in millionths of the currency, from some moment on."""

    per_cpu_hour_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="USD")
    set_by = models.UUIDField()
    set_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="inference_rate_newest")]
