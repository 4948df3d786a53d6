"""Vendors, what they agreed to, what was found in the agreement, and what became of the data afterwards."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models import TenantOwned
from common.clock import now, today


class Known(models.TextChoices):
    """An answer to a question about somebody else; not known is the answer until somebody asked."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")


def _known() -> "models.CharField[str, str]":
    return models.CharField(max_length=7, choices=Known.choices, default=Known.UNKNOWN)


class Vendor(TenantOwned):
    """Somebody outside who does something for the practice; never deleted, only ended."""

    name = models.CharField(max_length=120)
    services = models.TextField(blank=True)
    contact = models.CharField(max_length=200, blank=True)
    # What decides whether an agreement is needed (see `compliance.vendors.need`).
    stores = _known()
    transmits = _known()
    can_access = _known()
    treats = _known()
    is_conduit = _known()
    # What they say about artificial intelligence, retention and places; asked of every vendor that has images.
    is_ai = models.BooleanField(default=False)
    keeps_copies = _known()
    trains_on_images = _known()
    serves_competitors = _known()
    encrypts_at_rest = _known()
    encrypts_in_transit = _known()
    deletes_automatically = _known()
    # A number of days: "as long as necessary" is not a period.
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    retention_evidence = models.TextField(blank=True)
    # One line for each step of processing: what happens, and in which country.
    data_path = models.TextField(blank=True)
    ended_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "name"], name="compliance_vendor_name")]


class SubProcessor(TenantOwned):
    """Somebody whom a vendor lets work with the practice's data."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="sub_processors", db_index=False)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=200)
    country = models.CharField(max_length=80)
    has_agreement = _known()
    noted_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "vendor"], name="compliance_sub_of_vendor")]


class VendorUse(TenantOwned):
    """Where a vendor is at work: an asset of the inventory, or a party of the map."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="uses", db_index=False)
    asset = models.ForeignKey("compliance.Asset", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    party = models.ForeignKey("compliance.Party", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(asset__isnull=False, party=None) | Q(asset=None, party__isnull=False),
                name="compliance_use_of_one",
            ),
            models.UniqueConstraint(
                fields=["tenant", "vendor", "asset"], condition=Q(party=None), name="compliance_use_asset_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "vendor", "party"], condition=Q(asset=None), name="compliance_use_party_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "asset"], name="compliance_use_by_asset"),
            models.Index(fields=["tenant", "party"], name="compliance_use_by_party"),
        ]


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_effect(self) -> "AgreementQuerySet":
        """Keep what is signed and holds today."""
        day = today()
        ends_later = Q(expiry_date=None) | Q(expiry_date__gte=day)
        return self.filter(ends_later, state=Agreement.State.SIGNED, effective_date__lte=day)


class Agreement(TenantOwned):
    """One business associate agreement with a vendor, from draft over signed to ended."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        SIGNED = "signed", _("Signed")
        ENDED = "ended", _("Ended")

    class Training(models.TextChoices):
        PROHIBITED = "prohibited", _("Forbidden")
        OPTED_IN = "opted_in", _("Opted in, in writing, for a named purpose")
        ALLOWED = "allowed", _("Allowed")
        SILENT = "silent", _("Not mentioned")

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="agreements", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    effective_date = models.DateField(null=True)
    # None: it runs until somebody ends it.
    expiry_date = models.DateField(null=True)
    renewal_notice_days = models.PositiveIntegerField(null=True, blank=True)
    breach_notice_hours = models.PositiveIntegerField(null=True, blank=True)
    training_term = models.CharField(max_length=10, choices=Training.choices, default=Training.SILENT)
    is_perpetual_licence = _known()
    rights_granted = models.TextField(blank=True)
    secondary_use = models.TextField(blank=True)
    opt_out = models.TextField(blank=True)
    # The text, as far as somebody pasted it: it is read for broad wording.
    wording = models.TextField(blank=True)
    signatories = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True)
    ended_date = models.DateField(null=True)
    ended_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[Any] = ScopedManager(
        tenant="tenant_id", _manager_class=models.Manager.from_queryset(AgreementQuerySet)
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "vendor", "number"], name="compliance_agreement_number"),
            models.CheckConstraint(
                condition=~Q(state="signed") | (Q(effective_date__isnull=False) & ~Q(signatories="")),
                name="compliance_agreement_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | (Q(ended_date__isnull=False) & ~Q(ended_reason="")),
                name="compliance_agreement_ended",
            ),
        ]


class ClauseFinding(TenantOwned):
    """Whether a clause stands in an agreement, and where."""

    class Found(models.TextChoices):
        YES = "yes", _("Found")
        UNCLEAR = "unclear", _("Unclear")
        NO = "no", _("Missing")
        NOT_APPLICABLE = "na", _("Does not apply")

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="findings", db_index=False)
    clause_id = models.CharField(max_length=16)
    found = models.CharField(max_length=7, choices=Found.choices)
    reference = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "agreement", "clause_id"], name="compliance_clause_once"),
            # What is said to be there can be looked up.
            models.CheckConstraint(condition=~Q(found="yes") | ~Q(reference=""), name="compliance_clause_where"),
        ]


class AgreementCopy(TenantOwned):
    """A signed copy, sealed in the vault. Append-only: it is kept six years after the agreement was last in effect."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="copies", db_index=False)
    file_name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    blob_id = models.UUIDField()
    added_by_id = models.UUIDField()
    added_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "agreement"], name="compliance_copy_of")]


class ExitProof(TenantOwned):
    """What became of the practice's data at a vendor. Append-only."""

    class Kind(models.TextChoices):
        RETURNED = "returned", _("Returned to the practice")
        DESTROYED = "destroyed", _("Destroyed")
        INFEASIBLE = "infeasible", _("Neither is feasible: protection goes on")

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="exit_proofs", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    performed_date = models.DateField()
    method = models.TextField()
    certificate = models.CharField(max_length=200)
    blob_id = models.UUIDField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    recorded_by_id = models.UUIDField()
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "vendor"], name="compliance_exit_of_vendor")]


class AgreementReminder(TenantOwned):
    """A mail about the end of an agreement, sent for one threshold: at most once."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    expiry_date = models.DateField()
    threshold_days = models.SmallIntegerField()
    sent_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "agreement", "expiry_date", "threshold_days"], name="compliance_expiry_once"
            )
        ]
