"""How images and data move: parties outside of the practice, and the flows between assets and parties."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models import TenantOwned
from common.clock import now
from compliance.models.asset import Asset
from compliance.models.states import Ephi, Safeguard


class Party(TenantOwned):
    """Somebody outside of the practice who sends or gets images: a referring practice, a laboratory, a vendor."""

    class Kind(models.TextChoices):
        REFERRER = "referrer", _("Referring practice")
        PATIENT = "patient", _("Patients")
        VENDOR = "vendor", _("Vendor or service")
        LABORATORY = "laboratory", _("Laboratory or planning service")
        PAYER = "payer", _("Insurer or payer")
        RESEARCH = "research", _("Research or teaching")
        OTHER = "other", _("Somebody else")

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    agreement_reference = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)
    map_x = models.FloatField(null=True, blank=True)
    map_y = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="compliance_party_name")]


class FlowQuerySet(models.QuerySet["DataFlow"]):
    def running(self) -> Self:
        """Keep the flows that have not ended."""
        return self.filter(ended_date=None)


class DataFlow(TenantOwned):
    """One way in which data moves from here to there; never deleted, only ended. `channel_id` names one of a pack."""

    source_asset = models.ForeignKey(Asset, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    target_asset = models.ForeignKey(Asset, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    target_party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel_id = models.CharField(max_length=40)
    label = models.CharField(max_length=120, blank=True)
    is_both_ways = models.BooleanField(default=False)
    ephi = models.CharField(max_length=9, choices=Ephi.choices, default=Ephi.UNKNOWN)
    encryption = models.CharField(max_length=7, choices=Safeguard.choices, default=Safeguard.UNKNOWN)
    access_log = models.CharField(max_length=7, choices=Safeguard.choices, default=Safeguard.UNKNOWN)
    safeguards = models.TextField(blank=True)
    started_date = models.DateField(null=True, blank=True)
    ended_date = models.DateField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=120, blank=True)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar[Any] = ScopedManager(
        tenant="tenant_id", _manager_class=models.Manager.from_queryset(FlowQuerySet)
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source_asset=None, source_party__isnull=False)
                | Q(source_asset__isnull=False, source_party=None),
                name="compliance_flow_one_source",
            ),
            models.CheckConstraint(
                condition=Q(target_asset=None, target_party__isnull=False)
                | Q(target_asset__isnull=False, target_party=None),
                name="compliance_flow_one_target",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "source_asset"], name="compliance_flow_by_source"),
            models.Index(fields=["tenant", "target_asset"], name="compliance_flow_by_target"),
        ]

    @property
    def source_name(self) -> str:
        """Return the name of where it begins."""
        return _name(self.source_asset or self.source_party)

    @property
    def target_name(self) -> str:
        """Return the name of where it leads."""
        return _name(self.target_asset or self.target_party)


def _name(end: Asset | Party | None) -> str:
    return end.name if end is not None else ""
