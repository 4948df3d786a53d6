"""What the portal measured about itself, and what people recorded that they did."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class Verdict(models.TextChoices):
    """How a measured value stands to its target."""

    PASS = "pass", _("On target")
    NEAR = "near", _("Nearly on target")
    FAIL = "fail", _("Off target")
    REPORTED = "reported", _("For information")
    UNMEASURED = "unmeasured", _("Not measured")


class ProbeRun(TenantOwned):
    """One pass over all probes, by the clock or because somebody asked."""

    requested_by_id = models.UUIDField(null=True)
    requested_at = models.DateTimeField(default=now)
    total = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "-requested_at"], name="compliance_run_newest")]


class ProbeReading(TenantOwned):
    """One value of one probe at one instant. Append-only: it may be shown to an investigator years later."""

    run = models.ForeignKey(ProbeRun, on_delete=models.PROTECT, related_name="readings", db_index=False)
    probe_id = models.CharField(max_length=24)
    value = models.JSONField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    detail = models.TextField(blank=True)
    measured_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "run", "probe_id"], name="compliance_reading_once")
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "probe_id", "-id"], name="compliance_reading_of_probe")]


class ProbeState(TenantOwned):
    """The newest reading of each probe, and since when its verdict has held."""

    probe_id = models.CharField(max_length=24)
    value = models.JSONField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    detail = models.TextField(blank=True)
    measured_at = models.DateTimeField()
    verdict_since = models.DateTimeField()
    verdict_before = models.CharField(max_length=10, choices=Verdict.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "probe_id"], name="compliance_probestate_once")
        ]


class Activity(TenantOwned):
    """Something that a person did and the portal cannot measure: a restore drill, a review of access. Append-only."""

    class Kind(models.TextChoices):
        ACCESS_REVIEW = "access_review", _("Review of who has access")
        LOG_REVIEW = "log_review", _("Review of the access log")
        EVALUATION = "evaluation", _("Evaluation of the safeguards")
        VULNERABILITY_SCAN = "vulnerability_scan", _("Vulnerability scan")
        PENETRATION_TEST = "penetration_test", _("Penetration test")
        RESTORE_DRILL = "restore_drill", _("Restore drill")
        IMMUTABLE_COPY = "immutable_copy", _("Offline or immutable copy of the backup")
        DOWNTIME_EXERCISE = "downtime_exercise", _("Downtime exercise")
        CONTACTS_CONFIRMED = "contacts_confirmed", _("Emergency contacts confirmed")
        EXPORT_TEST = "export_test", _("Bulk export test in standard DICOM")
        INCIDENT_EXERCISE = "incident_exercise", _("Incident exercise")
        PHISHING_EXERCISE = "phishing_exercise", _("Phishing exercise")
        SECURITY_REMINDER = "security_reminder", _("Security reminder to the staff")

    kind = models.CharField(max_length=24, choices=Kind.choices)
    performed_date = models.DateField()
    # Hours that a restore drill took.
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    is_successful = models.BooleanField(default=True)
    note = models.TextField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "kind", "-performed_date"], name="compliance_activity_of_kind")
        ]
