"""Incidents and breaches: what happened, who assessed it, who was exposed, who was told."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now
from compliance.models.vendor import Known


class Incident(TenantOwned):
    """Something that happened, or may have; it stays open until somebody closes it with a reason."""

    class Kind(models.TextChoices):
        LOST_DEVICE = "lost_device", _("Device or medium lost or stolen")
        WRONG_RECIPIENT = "wrong_recipient", _("Sent or shared to the wrong person")
        LEAKED_LINK = "leaked_link", _("A link reached somebody else")
        ACCOUNT = "account", _("An account was taken over")
        TOKEN = "token", _("A key of a program became known")
        RANSOMWARE = "ransomware", _("Ransomware or other harmful software")
        SNOOPING = "snooping", _("Somebody looked without a reason")
        MISFILED = "misfiled", _("Images of one patient under another")
        VENDOR = "vendor", _("Reported by a vendor")
        OTHER = "other", _("Something else")

    class Conclusion(models.TextChoices):
        BREACH = "breach", _("Breach of unsecured information")
        LOW_PROBABILITY = "low_probability", _("Low probability that information was compromised")
        EXCEPTION = "exception", _("One of the three exceptions")
        SECURED = "secured", _("The information was secured: encrypted, key not exposed")

    class Subject(models.TextChoices):
        LINK = "link", _("A share link")
        ACCOUNT = "account", _("An account")
        TOKEN = "token", _("A key of a program")
        DEVICE = "device", _("A device of somebody: what that account opened in a while")

    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    description = models.TextField()
    occurred_date = models.DateField(null=True, blank=True)
    # The first day on which it was known to anybody of the practice, or would have been with diligence.
    discovered_date = models.DateField()
    reported_by = models.CharField(max_length=200, blank=True)
    contained = models.TextField(blank=True)
    data_types = models.TextField(blank=True)
    steps_for_individuals = models.TextField(blank=True)
    contact = models.TextField(blank=True)
    is_unsecured = models.CharField(max_length=7, choices=Known.choices, default=Known.UNKNOWN)
    # How many people in which State or jurisdiction, as far as known.
    affected = models.JSONField(default=dict)
    delay_until_date = models.DateField(null=True)
    delay_reason = models.TextField(blank=True)
    # What the newest assessment concluded; until then a breach is presumed.
    conclusion = models.CharField(max_length=15, choices=Conclusion.choices, blank=True)
    closed_at = models.DateTimeField(null=True)
    closing_note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="compliance_incident_number"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(closing_note=""), name="compliance_incident_closed_why"
            ),
        ]


class BreachAssessment(TenantOwned):
    """The four factors, weighed once; a later assessment follows an earlier one. Append-only."""

    class Level(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assessments", db_index=False)
    # Factor 1 to 4 to level and words (45 CFR 164.402(2)(i)-(iv)).
    factors = models.JSONField()
    exception = models.CharField(max_length=12, blank=True)
    conclusion = models.CharField(max_length=15, choices=Incident.Conclusion.choices)
    reasons = models.TextField()
    assessor_id = models.UUIDField()
    assessed_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "incident", "-id"], name="compliance_assessment_of")]


class BreachNotice(TenantOwned):
    """A notice that was given, with its words. Append-only."""

    class Kind(models.TextChoices):
        INDIVIDUALS = "individuals", _("To the people concerned")
        MEDIA = "media", _("To the media")
        HHS = "hhs", _("To the Secretary of HHS")
        STATE = "state", _("To an authority of a State")
        ENTITY = "entity", _("To the covered entity whose associate we are")
        OTHER = "other", _("To somebody else")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notices", db_index=False)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    sent_date = models.DateField()
    jurisdiction = models.CharField(max_length=80, blank=True)
    method = models.CharField(max_length=200)
    recipients = models.PositiveIntegerField()
    letter = models.TextField(blank=True)
    recorded_by_id = models.UUIDField()
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "incident", "-id"], name="compliance_notice_of")]


class ExposureReport(TenantOwned):
    """Who was exposed, as the access log said when it was asked. Append-only."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="exposures", db_index=False)
    subject_kind = models.CharField(max_length=8, choices=Incident.Subject.choices)
    subject_id = models.UUIDField()
    subject_name = models.CharField(max_length=254)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_by_id = models.UUIDField()
    made_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "incident", "-id"], name="compliance_exposure_of")]
