"""How long records are kept: what the tenant chose and confirmed, what is known of patients, holds and wishes.

Rows about a patient or study name it by plain id. They hold no value of a patient but the day of the last visit and
where the patient lives; `retention.forgetting` removes them with the last study. Holds stay as a record of what was
decided.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class RetentionPolicy(TenantOwned):
    """What a tenant chose: where it treats, which payers' periods apply, how long special cases are kept."""

    jurisdictions = models.JSONField(default=list)
    overlays = models.JSONField(default=list)
    # Kind of extension to whole years from the newest event.
    extension_years = models.JSONField(default=dict)
    notifies_patients = models.BooleanField(default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant"], name="compliance_retention_policy_once")]


class RuleConfirmation(TenantOwned):
    """A person of the tenant says that a rule may act, with what source and from when; or takes that back.

    A later row about the same rule replaces it. Append-only. Figures of the tenant's own stand in for the book's.
    """

    rule_id = models.CharField(max_length=24)
    book_version = models.PositiveIntegerField()
    is_withdrawn = models.BooleanField(default=False)
    adult_years = models.PositiveSmallIntegerField(null=True)
    majority_age = models.PositiveSmallIntegerField(null=True)
    until_age = models.PositiveSmallIntegerField(null=True)
    source = models.TextField()
    reason = models.TextField(blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    confirmed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(source=""), name="compliance_confirmation_sourced"),
            models.CheckConstraint(
                condition=Q(adult_years=None, majority_age=None, until_age=None)
                | (
                    Q(adult_years__isnull=False, majority_age__isnull=False, until_age__gte=F("majority_age"))
                    & ~Q(reason="")
                ),
                name="compliance_confirmation_figures",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "rule_id", "-id"], name="compliance_confirmation_of")]


class PatientCircumstances(TenantOwned):
    """What else bears on one patient: where he lived and lives, his payers, his last visit by the practice's software.

    Deleted with the patient's last study.
    """

    patient_id = models.UUIDField()
    jurisdictions = models.JSONField(default=list)
    overlays = models.JSONField(default=list)
    is_incompetent = models.BooleanField(default=False)
    last_visit_date = models.DateField(null=True)
    last_visit_source = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "patient_id"], name="compliance_circumstances_once")
        ]


class RetentionHold(TenantOwned):
    """Something that is not to be destroyed, whatever the day: one study, or all of a patient (`study_id` is None)."""

    class Kind(models.TextChoices):
        LEGAL = "legal", _("Claim or lawsuit, also a foreseeable one")
        INVESTIGATION = "investigation", _("Investigation by a board or an authority")
        AUDIT = "audit", _("Audit by a payer")
        REQUEST = "request", _("The patient asks for access or amendment")
        INCIDENT = "incident", _("An incident or breach that names the record")
        TREATMENT = "treatment", _("Treatment, referral or order that is still open")

    patient_id = models.UUIDField()
    study_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=13, choices=Kind.choices)
    matter = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    review_date = models.DateField()
    reviewed_at = models.DateTimeField(default=now)
    placed_by = models.UUIDField()
    placed_at = models.DateTimeField(default=now)
    released_by = models.UUIDField(null=True)
    released_at = models.DateTimeField(null=True)
    release_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(matter=""), name="compliance_hold_has_matter"),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | (Q(released_at__isnull=False, released_by__isnull=False) & ~Q(release_reason="")),
                name="compliance_hold_released_with_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "patient_id"], name="compliance_hold_of_patient"),
            models.Index(
                fields=["tenant", "review_date"], condition=Q(released_at=None), name="compliance_hold_standing"
            ),
        ]


class KeepingExtension(TenantOwned):
    """Longer keeping of one study, or of all of a patient: for a clinical reason, or because the patient asked.

    Neither years nor a day: the years that the tenant set for the kind. Deleted with the patient's last study.
    """

    class Kind(models.TextChoices):
        IMPLANT = "implant", _("Implant")
        ORTHODONTIC = "orthodontic", _("Orthodontic treatment")
        COMPLEX = "complex", _("Complex case")
        WISH = "wish", _("The patient's wish")

    patient_id = models.UUIDField()
    study_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    years = models.PositiveSmallIntegerField(null=True)
    until_date = models.DateField(null=True)
    made_by = models.UUIDField()
    made_at = models.DateTimeField(default=now)
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "patient_id"], name="compliance_extension_of"),
        ]


class KeepingRequest(TenantOwned):
    """What a patient asked for on the patient page: to destroy the images, or to keep them longer."""

    class Wish(models.TextChoices):
        ERASE = "erase", _("Destroy my images")
        KEEP = "keep", _("Keep my images longer")

    class State(models.TextChoices):
        OPEN = "open", _("Being looked at")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Not possible now")
        WITHDRAWN = "withdrawn", _("Taken back")
        DONE = "done", _("Done")

    patient_id = models.UUIDField()
    access_id = models.UUIDField()
    # Ids of the studies that were the patient's to see when he asked.
    study_ids = models.JSONField(default=list)
    wish = models.CharField(max_length=5, choices=Wish.choices)
    until_date = models.DateField(null=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField(default=now)
    answer = models.TextField(blank=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "patient_id", "wish"], condition=Q(state="open"), name="compliance_wish_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "withdrawn"]) | ~Q(answer=""), name="compliance_wish_is_answered"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "state", "-id"], name="compliance_wish_by_state")]
