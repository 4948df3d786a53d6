"""The risk analysis: its frame, an answer to each question, who closed which section, and why it is out of date."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from accounts.models import TenantOwned
from common.clock import now

KEEP_YEARS = 6


class Analysis(TenantOwned):
    """One risk analysis of a tenant: it is issued, becomes stale when something changes, and is issued again.

    What was issued is kept by the snapshots of `compliance.documents`; this row and its answers go on living.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        ISSUED = "issued"
        STALE = "stale"
        SUPERSEDED = "superseded"

    EDITABLE: ClassVar = (State.DRAFT, State.STALE)

    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    scope = models.TextField(blank=True)
    exclusions = models.TextField(blank=True)
    assumptions = models.TextField(blank=True)
    participants = models.TextField(blank=True)
    # Names of sites; none means all of them, also those that are added later.
    sites = models.JSONField(default=list)
    pack_versions = models.JSONField(default=dict)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Whether the practice has anything of each class of assets: "present" or "absent".
    asset_classes = models.JSONField(default=dict)
    assessor = models.CharField(max_length=120, blank=True)
    security_official = models.CharField(max_length=120, blank=True)
    practice_owner = models.CharField(max_length=120, blank=True)
    keep_years = models.PositiveSmallIntegerField(default=KEEP_YEARS)
    next_review_date = models.DateField(null=True)
    review_triggers = models.JSONField(default=list)
    issue_number = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(state="draft"), name="compliance_analysis_one_draft"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "-created_at"], name="compliance_analysis_newest")]


class StaleReason(TenantOwned):
    """Why an analysis no longer describes the practice; open until somebody handled it."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="stale_reasons", db_index=False)
    code = models.CharField(max_length=32)
    # What it is about, as a key of the one who reports: the same thing is told once.
    subject = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    question_ids = models.JSONField(default=list)
    raised_at = models.DateTimeField(default=now)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "analysis", "code", "subject"],
                condition=Q(handled_at=None),
                name="compliance_stale_once",
            ),
        ]


class AnswerQuerySet(models.QuerySet["Answer"]):
    def given(self) -> "AnswerQuerySet":
        """Keep the questions that have an answer and nothing to confirm."""
        return self.exclude(value="").filter(confirm_reason="")


class Answer(TenantOwned):
    """What is answered to one question; there is a row for each question from the start.

    `version` grows by one with every change, in one UPDATE statement: of two people who began from the same version
    one wins, the other is shown both.
    """

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="answers", db_index=False)
    question_id = models.CharField(max_length=16)
    section_id = models.CharField(max_length=8)
    value = models.CharField(max_length=16, blank=True)
    comment = models.TextField(blank=True)
    is_flagged = models.BooleanField(default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)
    # Why a person must look again: carried over from an earlier analysis, or reopened by a change.
    confirm_reason = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager(
        tenant="tenant_id", _manager_class=models.Manager.from_queryset(AnswerQuerySet)
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "analysis", "question_id"], name="compliance_answer_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "assignee"], condition=Q(assignee__isnull=False), name="compliance_answer_assigned"
            ),
        ]


class AnswerFile(TenantOwned):
    """A file that shows an answer to be true, sealed in the vault."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="files", db_index=False)
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    blob_id = models.UUIDField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    added_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "answer"], name="compliance_file_by_answer")]


class SectionState(TenantOwned):
    """Whether a section is closed, by whom and when, and why it was opened again."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="sections", db_index=False)
    section_id = models.CharField(max_length=8)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    reopen_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "analysis", "section_id"], name="compliance_section_once"),
        ]


class SectionVisit(TenantOwned):
    """Who has a section open; only the last minutes count."""

    section = models.ForeignKey(SectionState, on_delete=models.CASCADE, related_name="visits", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "section", "user"], name="compliance_visit_once"),
        ]
