"""Events that survive a crash: a row written with the change, delivered after it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from common.clock import now
from common.ids import uuid7


class OutboxMessage(models.Model):
    """One event for one handler. `fence` grows with every lease, so that a late worker cannot finish it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField()
    topic = models.CharField(max_length=80)
    dedup_key = models.CharField(max_length=200)
    payload = models.JSONField()
    available_at = models.DateTimeField(default=now)
    attempts = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager(tenant="tenant_id")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "dedup_key"], name="outbox_message_once")]
        indexes = [
            models.Index(
                fields=["available_at"], name="outbox_message_waiting", condition=Q(done_at=None, failed_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"


class Heartbeat(models.Model):
    """A worker that lives says so here every few seconds."""

    worker = models.CharField(max_length=120, primary_key=True)
    seen_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.worker


class JobRun(models.Model):
    """When a periodic job began last: whoever moves the time forward runs it, of all workers one."""

    job = models.CharField(max_length=120, primary_key=True)
    began_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.job
