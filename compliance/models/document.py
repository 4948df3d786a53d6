"""Registers, plans and binders as they were signed: bytes in the vault, digests and signer here, for good."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class DocumentSnapshot(TenantOwned):
    """One signed document of a kind. Append-only: each holds the digest of the one before, so that none is left out."""

    class Kind(models.TextChoices):
        BINDER = "binder", _("Binder for an inquiry")
        PLAN = "plan", _("Risk management plan")
        INVENTORY = "inventory", _("Inventory with map")
        DECISIONS = "decisions", _("Log of decisions")
        AGREEMENTS = "agreements", _("Register of agreements")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    sequence = models.PositiveIntegerField()
    data_blob_id = models.UUIDField()
    data_sha256 = models.CharField(max_length=64)
    pdf_blob_id = models.UUIDField()
    pdf_sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    changes = models.JSONField(default=list)
    signer_id = models.UUIDField()
    signer_name = models.CharField(max_length=120)
    signed_at = models.DateTimeField(default=now)
    keep_until_date = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "kind", "sequence"], name="compliance_document_sequence"),
            models.CheckConstraint(
                condition=Q(sequence=1, previous_sha256="") | (Q(sequence__gt=1) & ~Q(previous_sha256="")),
                name="compliance_document_chained",
            ),
        ]
