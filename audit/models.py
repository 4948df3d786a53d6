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
