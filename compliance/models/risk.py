"""The risk register: threats that meet vulnerabilities on what the practice has, and how bad people find that."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from accounts.models import TenantOwned
from common.clock import now

# Likelihood, impact and level are numbers from 1 (very low) to 5 (very high); see `compliance.risks.matrix`.
_SCALE = (1, 5)


class RiskQuerySet(models.QuerySet["Risk"]):
    def standing(self) -> "RiskQuerySet":
        """Keep what is in the register: proposed or confirmed, not dismissed."""
        return self.exclude(state=Risk.State.DISMISSED)


class Risk(TenantOwned):
    """One threat-vulnerability pair on one asset, on one flow, or on the practice as a whole.

    A proposal counts for nothing until a person confirmed it; what a person decided is never taken back by the portal.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        CONFIRMED = "confirmed"
        DISMISSED = "dismissed"

    class Response(models.TextChoices):
        UNDECIDED = ""
        MITIGATE = "mitigate"
        ACCEPT = "accept"
        TRANSFER = "transfer"
        AVOID = "avoid"

    analysis = models.ForeignKey("compliance.Analysis", on_delete=models.CASCADE, related_name="risks", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    threat_id = models.CharField(max_length=24)
    vulnerability_id = models.CharField(max_length=24)
    asset = models.ForeignKey("compliance.Asset", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    flow = models.ForeignKey(
        "compliance.DataFlow", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # "asset:<id>", "flow:<id>" or "practice": what makes the pair unique, on both engines also without an asset.
    subject_key = models.CharField(max_length=48)
    # The name at the time, so that a register still reads when the asset is gone.
    subject_name = models.CharField(max_length=200)
    # Lower case: names of threat, vulnerability and subject, and the statement.
    search_text = models.TextField()
    statement = models.TextField()
    existing_controls = models.TextField(blank=True)
    dismiss_reason = models.TextField(blank=True)
    owner_name = models.CharField(max_length=120, blank=True)
    response = models.CharField(max_length=10, choices=Response.choices, default=Response.UNDECIDED, blank=True)
    suggested_likelihood = models.PositiveSmallIntegerField()
    suggested_impact = models.PositiveSmallIntegerField()
    inherent_likelihood = models.PositiveSmallIntegerField(null=True)
    inherent_impact = models.PositiveSmallIntegerField(null=True)
    inherent_level = models.PositiveSmallIntegerField(null=True)
    current_likelihood = models.PositiveSmallIntegerField(null=True)
    current_impact = models.PositiveSmallIntegerField(null=True)
    # Zero, not null, while nobody rated it: the register is sorted and paged by it.
    current_level = models.PositiveSmallIntegerField(default=0)
    residual_likelihood = models.PositiveSmallIntegerField(null=True)
    residual_impact = models.PositiveSmallIntegerField(null=True)
    residual_level = models.PositiveSmallIntegerField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager(
        tenant="tenant_id", _manager_class=models.Manager.from_queryset(RiskQuerySet)
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "analysis", "number"], name="compliance_risk_number"),
            models.UniqueConstraint(
                fields=["tenant", "analysis", "subject_key", "threat_id", "vulnerability_id"],
                name="compliance_risk_once",
            ),
            models.CheckConstraint(
                condition=Q(suggested_likelihood__range=_SCALE, suggested_impact__range=_SCALE),
                name="compliance_risk_suggested",
            ),
            models.CheckConstraint(condition=Q(asset=None) | Q(flow=None), name="compliance_risk_one_subject"),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(dismiss_reason=""), name="compliance_risk_dismissed_why"
            ),
        ]
        indexes: ClassVar = [
            models.Index("tenant", "analysis", F("current_level").desc(), "number", name="compliance_risk_by_level"),
            models.Index(fields=["tenant", "asset"], name="compliance_risk_by_asset"),
        ]


class RiskOrigin(TenantOwned):
    """Why a risk was proposed: the answer to a question, which names the controls, or what is usual for its kind."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="origins", db_index=False)
    question_id = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "risk", "question_id"], name="compliance_origin_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "question_id"], name="compliance_origin_by_question")]


class RatingChange(TenantOwned):
    """One rating that a person gave, with the reason; none is ever overwritten."""

    class Stage(models.TextChoices):
        INHERENT = "inherent"
        CURRENT = "current"
        RESIDUAL = "residual"

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="ratings", db_index=False)
    stage = models.CharField(max_length=8, choices=Stage.choices)
    likelihood = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    reason = models.TextField()
    rated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rated_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(likelihood__range=_SCALE, impact__range=_SCALE, level__range=_SCALE),
                name="compliance_rating_scale",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "risk", "-rated_at"], name="compliance_rating_newest")]


class RiskExemption(TenantOwned):
    """The documented decision that no reasonably anticipated threat applies to an asset."""

    analysis = models.ForeignKey("compliance.Analysis", on_delete=models.CASCADE, related_name="+", db_index=False)
    asset = models.ForeignKey("compliance.Asset", on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.TextField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "analysis", "asset"], name="compliance_exemption_once"),
        ]
