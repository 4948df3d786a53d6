"""Append-only record of who did what; keyed by plain ids, so that it outlives what it describes."""

from typing import Any, ClassVar

from django.db import models
from django_scopes import ScopedManager

from common.clock import now
from common.ids import uuid7


class AuditEvent(models.Model):
    """One event. `body` is the exact JSON that is hashed; the other columns repeat parts of it as indexes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField()
    recorded_at = models.DateTimeField(default=now)
    producer_id = models.UUIDField()
    producer_seq = models.BigIntegerField()
    body = models.BinaryField()
    action = models.CharField(max_length=64)
    actor_id = models.UUIDField()
    study_id = models.UUIDField(null=True)
    link_id = models.UUIDField(null=True)

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "producer_id", "producer_seq"], name="audit_event_producer")
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-id"], name="audit_event_newest"),
            models.Index(fields=["tenant_id", "study_id", "-id"], name="audit_event_by_study"),
            models.Index(fields=["tenant_id", "actor_id", "-id"], name="audit_event_by_actor"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AuditPending(models.Model):
    """An event that has no leaf yet. A trigger writes the row with the event, the sequencer takes it away."""

    event_id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "event_id"], name="audit_pending_oldest")]

    def __str__(self) -> str:
        return str(self.event_id)


class AuditHead(models.Model):
    """How far the log of a tenant has grown. `fence` grows with every step, so that of two sequencers one is undone."""

    tenant_id = models.UUIDField(primary_key=True)
    verifier_key = models.CharField(max_length=400)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=bytes)
    fence = models.BigIntegerField(default=0)
    sequenced_at = models.DateTimeField(null=True)
    checkpoint_size = models.BigIntegerField(default=0)
    checkpoint_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    verified_size = models.BigIntegerField(default=0)
    # The first index that the last verification found wrong.
    bad_index = models.BigIntegerField(null=True)
    failure = models.CharField(max_length=300, default="", blank=True)

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.size}"


class AuditLeaf(models.Model):
    """A leaf of a tenant's tree (RFC 6962): `signature` says that this hash stands at this index."""

    pk = models.CompositePrimaryKey("tenant_id", "leaf_index")
    tenant_id = models.UUIDField()
    leaf_index = models.BigIntegerField()
    event_id = models.UUIDField()
    leaf_hash = models.BinaryField()
    signature = models.BinaryField()

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "event_id"], name="audit_leaf_event")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.leaf_index}"


class AuditNode(models.Model):
    """An inner node of a tenant's tree that is kept: the root of a complete tile."""

    pk = models.CompositePrimaryKey("tenant_id", "level", "node_index")
    tenant_id = models.UUIDField()
    level = models.SmallIntegerField()
    node_index = models.BigIntegerField()
    node_hash = models.BinaryField()

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.level} {self.node_index}"


class AuditCheckpoint(models.Model):
    """A signed statement of a log's size and root."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField()
    signed_at = models.DateTimeField(default=now)
    size = models.BigIntegerField()
    note = models.TextField()

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "size", "-id"], name="audit_checkpoint_by_size")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.size}"


class AuditWitness(models.Model):
    """Somebody outside who is sent the checkpoints of a tenant, so that a later change would contradict him."""

    class Kind(models.TextChoices):
        MAIL = "mail"
        WEBHOOK = "webhook"
        BUCKET = "bucket"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    target = models.CharField(max_length=500)
    # The last checkpoint that the witness took: the next one is sent with the proof that it continues this one.
    pushed_size = models.BigIntegerField(default=0)
    pushed_note = models.TextField(blank=True)
    pushed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "kind", "target"], name="audit_witness_once")]

    def __str__(self) -> str:
        return str(self.id)
