"""Runs of networks on images."""

from django.db import models

from accounts.models import TenantOwned
from common.clock import now
from inference.models.networks import Network


class Batch(TenantOwned):
    """A network asked about all images of a range of dates."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="batches", db_index=False)
    from_date = models.DateField()
    to_date = models.DateField()
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField(default=now)
    # How many of its images there are, and how many of these had been looked at before.
    total = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    planned_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="inference_batch_newest")]


class Run(TenantOwned):
    """One network on one image or volume: exactly one row, hence one result, for the same bytes and the same network.

    `fence` grows each time somebody begins it; only the last one may settle it.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    OPEN = (State.WAITING, State.RUNNING)

    class Trigger(models.TextChoices):
        ARRIVAL = "arrival"
        DEMAND = "demand"
        BATCH = "batch"

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="runs", db_index=False)
    study = models.ForeignKey("pacs.Study", on_delete=models.CASCADE, related_name="+", db_index=False)
    series = models.ForeignKey("pacs.Series", on_delete=models.CASCADE, related_name="+", db_index=False)
    # None: a volume.
    instance = models.ForeignKey("pacs.Instance", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="runs", db_index=False)
    input_sha256 = models.BinaryField(max_length=32)
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Why it failed, or was cancelled: a code of docs/reference/errors.md, and its words.
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=400, blank=True)
    runtime = models.CharField(max_length=60, blank=True)
    output_sha256 = models.BinaryField(max_length=32, null=True)
    result_blob_id = models.UUIDField(null=True)
    finding_count = models.IntegerField(default=0)
    cpu_ms = models.IntegerField(default=0)
    wall_ms = models.IntegerField(default=0)
    # Millionths of the tenant's currency.
    cost_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "study", "network", "input_sha256"], name="inference_run_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "-id"], name="inference_run_state"),
            models.Index(fields=["tenant", "batch", "state"], name="inference_run_batch"),
            models.Index(fields=["tenant", "ended_at"], name="inference_run_ended"),
        ]

    @property
    def is_open(self) -> bool:
        """Say whether it is still to end."""
        return self.state in self.OPEN
