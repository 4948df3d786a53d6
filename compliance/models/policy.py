"""Policies, their versions, approvals and readers; training and sanctions. All but the name is append-only."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import TenantOwned
from common.clock import now


class Policy(TenantOwned):
    """One policy of the practice; what it says stands in its versions."""

    key = models.CharField(max_length=40)
    title = models.CharField(max_length=160)
    citations = models.CharField(max_length=300, blank=True)
    review_months = models.PositiveSmallIntegerField(default=12)
    retired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "key"], name="compliance_policy_key")]


class PolicyVersion(TenantOwned):
    """What a policy says, once; the next version follows it. Append-only."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    text = models.TextField()
    change_note = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    author_id = models.UUIDField()
    made_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "policy", "number"], name="compliance_version_number"),
            models.CheckConstraint(condition=~Q(text=""), name="compliance_version_says"),
        ]


class PolicyApproval(TenantOwned):
    """Who put a version into force, and from which day. Append-only."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="approvals", db_index=False)
    effective_date = models.DateField()
    approver_id = models.UUIDField()
    approved_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "version"], name="compliance_approved_once"),
        ]


class Acknowledgement(TenantOwned):
    """Who said to have read and understood a version. Append-only."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="readers", db_index=False)
    user_id = models.UUIDField()
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "version", "user_id"], name="compliance_read_once"),
        ]


class TrainingRecord(TenantOwned):
    """Who was trained in what, when, and what shows it. Append-only."""

    person = models.CharField(max_length=120)
    user_id = models.UUIDField(null=True)
    topic = models.CharField(max_length=200)
    trained_date = models.DateField()
    given_by = models.CharField(max_length=120)
    result = models.TextField(blank=True)
    next_date = models.DateField(null=True)
    recorded_by_id = models.UUIDField()
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "-trained_date", "-id"], name="compliance_training_newest")]


class Sanction(TenantOwned):
    """What was done when somebody did not keep to a policy. Append-only."""

    person = models.CharField(max_length=120)
    violation = models.TextField()
    measure = models.TextField()
    decided_date = models.DateField()
    decided_by = models.CharField(max_length=120)
    incident = models.ForeignKey(
        "compliance.Incident", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_by_id = models.UUIDField()
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "-decided_date", "-id"], name="compliance_sanction_newest")]
