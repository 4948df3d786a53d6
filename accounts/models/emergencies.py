"""Break-glass: access without the right, for one patient, for an hour, with a reason."""

from django.db import models
from django.db.models import F, Q

from accounts.models.people import User
from accounts.models.tenants import TenantOwned
from common.clock import now


class Verdict(models.TextChoices):
    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


class Emergency(TenantOwned):
    """One act of breaking the glass. Patient and study are plain ids of a package above this one.

    The reason is for the review only: it never reaches a log or a mail.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    patient_id = models.UUIDField()
    study_id = models.UUIDField()
    reason = models.TextField(max_length=1000)
    opened_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, blank=True)
    review_note = models.TextField(max_length=1000, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("opened_at")), name="accounts_emergency_lasts"),
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_emergency_has_reason"),
        ]
        indexes = [
            models.Index(fields=["tenant", "user", "-expires_at"], name="accounts_emergency_of_user"),
            models.Index(fields=["tenant", "-opened_at"], name="accounts_emergency_newest"),
        ]
