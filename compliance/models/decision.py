"""Addressable specifications: what was decided about each, and why (45 CFR 164.306(d)(3))."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import TenantOwned
from common.clock import now


class SpecDecision(TenantOwned):
    """One decision on one addressable specification; a later one replaces it, none is changed. Append-only."""

    class Outcome(models.TextChoices):
        IMPLEMENTED = "implemented", _("Implemented as the rule describes it")
        ALTERNATIVE = "alternative", _("An equivalent alternative is in place")
        NOT_REASONABLE = "not_reasonable", _("Not reasonable and appropriate here")

    spec_id = models.CharField(max_length=24)
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    rationale = models.TextField()
    alternative = models.TextField(blank=True)
    review_date = models.DateField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(rationale=""), name="compliance_decision_reasoned"),
            models.CheckConstraint(
                condition=~Q(outcome="alternative") | ~Q(alternative=""), name="compliance_decision_alternative"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "spec_id", "-id"], name="compliance_decision_of_spec")]
