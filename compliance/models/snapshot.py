"""Issued analyses as they were signed: bytes in the vault, digests and signer here, for good."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import TenantOwned
from common.clock import now


class Snapshot(TenantOwned):
    """One issued analysis. Append-only: each holds the digest of the one before, so that none can be left out.

    `data_sha256` is the digest of the JSON that everything else was made from; `pdf_sha256` that of the document.
    """

    analysis = models.ForeignKey(
        "compliance.Analysis", on_delete=models.PROTECT, related_name="snapshots", db_index=False
    )
    issue_number = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    data_blob_id = models.UUIDField()
    data_sha256 = models.CharField(max_length=64)
    pdf_blob_id = models.UUIDField()
    pdf_sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    changes = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    signer_id = models.UUIDField()
    signer_name = models.CharField(max_length=120)
    issued_at = models.DateTimeField(default=now)
    keep_until_date = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="compliance_snapshot_sequence"),
            models.UniqueConstraint(fields=["tenant", "analysis", "issue_number"], name="compliance_snapshot_of_issue"),
            models.CheckConstraint(
                condition=Q(sequence=1, previous_sha256="") | (Q(sequence__gt=1) & ~Q(previous_sha256="")),
                name="compliance_snapshot_chained",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "-sequence"], name="compliance_snapshot_newest")]
