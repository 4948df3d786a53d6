"""Deletion runs: what is to be destroyed, who approved it, and how far each study has come."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class DeletionRun(TenantOwned):
    """One list of studies on its way: dry run, cooling-off, two approvals, destruction.

    The two approvers are columns, so that the database refuses the same person twice.
    """

    class Kind(models.TextChoices):
        DUE = "due", _("What is past its time")
        BIN = "bin", _("What lies in the bin and is no record")

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        STOPPED = "stopped", _("Stopped")
        APPROVED = "approved", _("Approved")
        DONE = "done", _("Carried out")
        CANCELLED = "cancelled", _("Given up")

    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=3, choices=Kind.choices, default=Kind.DUE)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    # Why what lies in the bin is no record; written by who began the run.
    reason = models.TextField(blank=True)
    book_version = models.PositiveIntegerField()
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    began_at = models.DateTimeField(default=now)
    cooling_until = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True)
    seconded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    seconded_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="compliance_run_number"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done"])
                | (
                    Q(approved_by__isnull=False, seconded_by__isnull=False)
                    & ~Q(approved_by=F("seconded_by"))
                    & Q(approved_at__gte=F("cooling_until"), seconded_at__gte=F("cooling_until"))
                ),
                name="compliance_run_two_approvers",
            ),
            models.CheckConstraint(condition=~Q(kind="bin") | ~Q(reason=""), name="compliance_run_bin_reasoned"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "state", "-number"], name="compliance_run_by_state")]


class DeletionItem(TenantOwned):
    """One study of a run, by plain ids: the row outlives what it names, and is what a certificate is found by."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Kept after all")
        HELD = "held", _("Held")
        PENDING_DELETE = "pending_delete", _("To be destroyed")
        SHRED_QUEUED = "shred_queued", _("Removed, key about to be destroyed")
        BARRIER_DONE = "barrier_done", _("Key destroyed")
        OBJECTS_GONE = "objects_gone", _("Objects gone")
        CERTIFIED = "certified", _("Certified")
        FINAL = "final", _("Irrecoverable")

    # In these a study is on its way; only one run may have it.
    UNDER_WAY: ClassVar = (State.PENDING_DELETE, State.SHRED_QUEUED, State.BARRIER_DONE, State.OBJECTS_GONE)
    DESTROYED: ClassVar = (State.SHRED_QUEUED, State.BARRIER_DONE, State.OBJECTS_GONE, State.CERTIFIED, State.FINAL)

    run = models.ForeignKey(DeletionRun, on_delete=models.PROTECT, related_name="items", db_index=False)
    study_id = models.UUIDField()
    patient_id = models.UUIDField()
    state = models.CharField(max_length=14, choices=State.choices, default=State.PENDING_DELETE)
    is_requested = models.BooleanField(default=False)
    until_date = models.DateField()
    rule_id = models.CharField(max_length=24)
    # The limits and blocks as they were reckoned when the list was made, and again when the study was destroyed.
    reckoned = models.JSONField(default=dict)
    size_bytes = models.BigIntegerField(default=0)
    number_of_instances = models.IntegerField(default=0)
    # Why it is not destroyed after all: a code of `engine.Block`, `not_due` or `absent`.
    kept_because = models.CharField(max_length=24, blank=True)
    # The key that sealed the study; the certificate is found by it.
    key_id = models.UUIDField(null=True)
    # Whether it lay in the bin before: a study that is spared goes back to where it was.
    was_binned = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=now)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "run", "study_id"], name="compliance_item_once"),
            models.UniqueConstraint(
                fields=["tenant", "study_id"],
                condition=Q(state__in=["pending_delete", "shred_queued", "barrier_done", "objects_gone"]),
                name="compliance_item_on_one_way",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "run", "state"], name="compliance_item_by_state")]


class DeletionNotice(TenantOwned):
    """One mail to one patient about a run that names his images."""

    run = models.ForeignKey(DeletionRun, on_delete=models.PROTECT, related_name="notices", db_index=False)
    patient_id = models.UUIDField()
    sent_at = models.DateTimeField(null=True)
    recipients = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "run", "patient_id"], name="compliance_notice_once")
        ]
