"""Patients' requests for their own records, and the account of what was disclosed to others."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class AccessRequest(TenantOwned):
    """A request under 45 CFR 164.524: answered within thirty days, once extended by thirty."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FULFILLED = "fulfilled", _("Fulfilled")
        DENIED = "denied", _("Denied")

    number = models.PositiveIntegerField()
    patient_name = models.CharField(max_length=200)
    requester = models.CharField(max_length=200)
    wanted = models.TextField()
    received_date = models.DateField()
    identity_check = models.TextField(blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    is_extended = models.BooleanField(default=False)
    extension_reason = models.TextField(blank=True)
    answered_date = models.DateField(null=True)
    answer = models.TextField(blank=True)
    fee = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    is_reviewable = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="compliance_request_number"),
            models.CheckConstraint(
                condition=Q(state="open") | (Q(answered_date__isnull=False) & ~Q(answer="")),
                name="compliance_request_answered",
            ),
            models.CheckConstraint(
                condition=Q(is_extended=False) | ~Q(extension_reason=""), name="compliance_request_extended_why"
            ),
        ]


class Disclosure(TenantOwned):
    """A disclosure that a patient may ask for (45 CFR 164.528(b)(2)). Append-only."""

    patient_name = models.CharField(max_length=200)
    # Lower case, for the search; the id where the patient is known to the portal.
    patient_key = models.CharField(max_length=200)
    patient_id = models.UUIDField(null=True)
    disclosed_date = models.DateField()
    recipient = models.CharField(max_length=200)
    recipient_address = models.CharField(max_length=300, blank=True)
    description = models.TextField()
    purpose = models.TextField()
    incident = models.ForeignKey(
        "compliance.Incident", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_by_id = models.UUIDField()
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "patient_key", "-disclosed_date"], name="compliance_disclosure_of"),
            models.Index(fields=["tenant", "-disclosed_date", "-id"], name="compliance_disclosure_newest"),
        ]
