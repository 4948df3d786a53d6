"""Remediation: what is to be done about a risk or a gap, by whom, until when, and what became of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class Task(TenantOwned):
    """One piece of work, the entry of a plan of action and milestones."""

    class State(models.TextChoices):
        OPEN = "open", _("To do")
        DOING = "doing", _("In work")
        BLOCKED = "blocked", _("Blocked")
        DONE = "done", _("Done, to be verified")
        VERIFIED = "verified", _("Verified")
        ACCEPTED = "accepted", _("Risk accepted")

    UNFINISHED: ClassVar = (State.OPEN, State.DOING, State.BLOCKED)

    class Priority(models.TextChoices):
        VERY_HIGH = "very_high", _("Critical")
        HIGH = "high", _("High")
        MODERATE = "moderate", _("Moderate")
        LOW = "low", _("Low")

    class Effort(models.TextChoices):
        SMALL = "S", _("Small: up to a day")
        MEDIUM = "M", _("Medium: up to two weeks")
        LARGE = "L", _("Large: longer")

    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    weakness = models.TextField(blank=True)
    resources = models.TextField(blank=True)
    # From where it comes; at most one of them.
    risk = models.ForeignKey(
        "compliance.Risk", null=True, on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    question_id = models.CharField(max_length=16, blank=True)
    spec_id = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    priority = models.CharField(max_length=9, choices=Priority.choices, default=Priority.MODERATE)
    effort = models.CharField(max_length=1, choices=Effort.choices, default=Effort.MEDIUM)
    cost = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_date = models.DateField(null=True)
    evidence = models.TextField(blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    done_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    verified_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    accepted_at = models.DateTimeField(null=True)
    accepted_until_date = models.DateField(null=True)
    acceptance_reason = models.TextField(blank=True)
    compensating_measures = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="compliance_task_number"),
            models.CheckConstraint(
                condition=~Q(state="verified") | (Q(verified_by__isnull=False) & ~Q(verified_by=F("done_by"))),
                name="compliance_task_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | (
                    Q(accepted_by__isnull=False, accepted_until_date__isnull=False, accepted_at__isnull=False)
                    & ~Q(acceptance_reason="")
                ),
                name="compliance_task_accepted",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "state", "due_date"], name="compliance_task_by_state"),
            models.Index(fields=["tenant", "risk"], name="compliance_task_by_risk"),
            models.Index(fields=["tenant", "owner", "due_date"], name="compliance_task_by_owner"),
        ]


class TaskEvent(TenantOwned):
    """One thing that happened to a task, with who and when. Append-only: the history over the years."""

    class Verb(models.TextChoices):
        OPENED = "opened", _("Opened")
        CHANGED = "changed", _("Changed")
        STARTED = "started", _("Work began")
        BLOCKED = "blocked", _("Blocked")
        DONE = "done", _("Done")
        VERIFIED = "verified", _("Verified")
        SENT_BACK = "sent_back", _("Sent back")
        ACCEPTED = "accepted", _("Risk accepted")
        REOPENED = "reopened", _("Opened again")
        NOTED = "noted", _("Noted")

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="events", db_index=False)
    verb = models.CharField(max_length=9, choices=Verb.choices)
    note = models.TextField(blank=True)
    # Name of a field to its old and new value.
    changes = models.JSONField(default=dict)
    actor_id = models.UUIDField()
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "task", "-id"], name="compliance_taskevent_of_task")]


class TaskReminder(TenantOwned):
    """A mail about a task that was sent for one threshold: at most once."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    # The date that the threshold belongs to: a task that is put off is reminded of again.
    due_date = models.DateField()
    threshold_days = models.SmallIntegerField()
    sent_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "task", "due_date", "threshold_days"], name="compliance_reminder_once"
            )
        ]


class CalendarFeed(TenantOwned):
    """A secret address from which a calendar program reads when tasks are due; only the SHA-256 of it is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    secret_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "user"], condition=Q(revoked_at=None), name="compliance_feed_one_live"
            )
        ]
