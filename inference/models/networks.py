"""Networks that a tenant may run, and the rules by which they run."""

from django.db import models

from accounts.models import TenantOwned
from common.clock import now


class Network(TenantOwned):
    """One version of a network, as it was imported; never changed in place.

    `digest` is the SHA-256 of `manifest`, the text of its network.yaml, which in turn holds those of the .onnx and of
    the golden image: whoever reads either compares. `checks` is what the import saw.
    """

    name = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    licence = models.CharField(max_length=200)
    supplier_name = models.CharField(max_length=200)
    relation = models.CharField(max_length=16)
    task = models.CharField(max_length=32)
    kinds = models.JSONField(default=list)
    digest = models.BinaryField(max_length=32)
    manifest = models.TextField()
    card = models.TextField(blank=True)
    onnx_blob_id = models.UUIDField()
    golden_blob_id = models.UUIDField()
    size_bytes = models.BigIntegerField()
    is_bundled = models.BooleanField(default=False)
    checks = models.JSONField(default=dict)
    imported_by = models.UUIDField()
    imported_at = models.DateTimeField(default=now)
    # Kept for what it found; it runs no more.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name", "version"], name="inference_network_version"),
            models.UniqueConstraint(fields=["tenant", "digest"], name="inference_network_digest"),
        ]


class Rule(TenantOwned):
    """Which images a network looks at when they arrive; an empty field matches all."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="rules", db_index=False)
    kinds = models.JSONField(default=list)
    modality = models.CharField(max_length=16, blank=True)
    body_part = models.CharField(max_length=64, blank=True)
    device = models.CharField(max_length=120, blank=True)
    site = models.CharField(max_length=120, blank=True)
    is_on = models.BooleanField(default=True)
    made_by = models.UUIDField()
    made_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["tenant", "network"], name="inference_rule_network")]
