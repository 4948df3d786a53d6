"""What happened to vendors, agreements, incidents and requests, over the years: written with every change."""

from django.db import models

from accounts.models import TenantOwned
from common.clock import now


class RecordEntry(TenantOwned):
    """One thing that happened to one subject; `fields` holds the old and the new value of what changed. Append-only."""

    noun = models.CharField(max_length=16)
    subject_id = models.UUIDField()
    verb = models.CharField(max_length=32)
    note = models.TextField(blank=True)
    fields = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField()
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["tenant", "noun", "subject_id", "-id"], name="compliance_entry_of")]
