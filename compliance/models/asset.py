"""What the practice works with: the inventory, its photographs, and the devices that the portal itself has seen."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models import TenantOwned
from common.clock import now
from compliance.models.states import Ephi, Safeguard


class AssetQuerySet(models.QuerySet["Asset"]):
    def present(self) -> Self:
        """Leave out what was disposed of."""
        return self.exclude(status=Asset.Status.DISPOSED)


class Asset(TenantOwned):
    """One thing that makes, keeps, carries or protects images; never deleted, only disposed of.

    `number` is what stands on the sticker and what an import recognises it by; `type_id` names a type of a pack.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        IN_USE = "in_use", _("In use")
        STORED = "stored", _("Out of use, still here")
        DISPOSED = "disposed", _("Disposed of")

    class Criticality(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    class Disposal(models.TextChoices):
        WIPED = "wiped", _("Data wiped, device passed on")
        DESTROYED = "destroyed", _("Medium destroyed")
        RETURNED = "returned", _("Returned to the vendor")
        ACCOUNT_CLOSED = "account_closed", _("Account closed, data deleted by the vendor")
        NO_DATA = "no_data", _("It never held data")

    number = models.CharField(max_length=40)
    type_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.IN_USE)
    site = models.CharField(max_length=120, blank=True)
    room = models.CharField(max_length=120, blank=True)
    owner = models.CharField(max_length=120, blank=True)
    custodian = models.CharField(max_length=120, blank=True)
    vendor = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=120, blank=True)
    serial = models.CharField(max_length=120, blank=True)
    hostname = models.CharField(max_length=120, blank=True)
    ip_address = models.CharField(max_length=64, blank=True)
    mac_address = models.CharField(max_length=64, blank=True)
    ae_title = models.CharField(max_length=16, blank=True)
    operating_system = models.CharField(max_length=120, blank=True)
    os_support_end_date = models.DateField(null=True, blank=True)
    software_version = models.CharField(max_length=120, blank=True)
    patched_date = models.DateField(null=True, blank=True)
    endpoint_protection = models.CharField(max_length=7, choices=Safeguard.choices, default=Safeguard.UNKNOWN)
    encryption_at_rest = models.CharField(max_length=7, choices=Safeguard.choices, default=Safeguard.UNKNOWN)
    encryption_in_transit = models.CharField(max_length=7, choices=Safeguard.choices, default=Safeguard.UNKNOWN)
    # YES is the bad answer here: several people sign in as one.
    shared_login = models.CharField(max_length=7, choices=Safeguard.choices, default=Safeguard.UNKNOWN)
    ephi = models.CharField(max_length=9, choices=Ephi.choices, default=Ephi.UNKNOWN)
    ephi_volume_patients = models.PositiveIntegerField(null=True, blank=True)
    network_zone = models.CharField(max_length=24, blank=True)
    remote_access_tool = models.CharField(max_length=120, blank=True)
    agreement_reference = models.CharField(max_length=200, blank=True)
    backup_reference = models.CharField(max_length=200, blank=True)
    criticality = models.CharField(max_length=6, choices=Criticality.choices, default=Criticality.MEDIUM)
    in_service_date = models.DateField(null=True, blank=True)
    end_of_life_date = models.DateField(null=True, blank=True)
    disposal_date = models.DateField(null=True, blank=True)
    disposal_method = models.CharField(max_length=16, choices=Disposal.choices, blank=True)
    disposal_certificate = models.CharField(max_length=200, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=120, blank=True)
    notes = models.TextField(blank=True)
    map_x = models.FloatField(null=True, blank=True)
    map_y = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar[Any] = ScopedManager(
        tenant="tenant_id", _manager_class=models.Manager.from_queryset(AssetQuerySet)
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="compliance_asset_number"),
            models.CheckConstraint(
                condition=~Q(status="disposed") | (Q(disposal_date__isnull=False) & ~Q(disposal_method="")),
                name="compliance_asset_disposed",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "name", "id"], name="compliance_asset_by_name"),
            models.Index(fields=["tenant", "site", "name", "id"], name="compliance_asset_by_site"),
        ]


class AssetPhoto(TenantOwned):
    """A photograph of an asset, sealed in the vault."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="photos", db_index=False)
    blob_id = models.UUIDField()
    caption = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=40)
    size_bytes = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    added_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "asset", "sha256"], condition=Q(removed_at=None), name="compliance_photo_once"
            )
        ]


class DeviceSighting(TenantOwned):
    """A device that left its traces in the portal: proposed for the inventory until a person adopts or dismisses it."""

    class Kind(models.TextChoices):
        MODALITY = "modality", _("Imaging device")
        AE_TITLE = "ae_title", _("DICOM sender")
        TOKEN = "token", _("API token")
        BROWSER = "browser", _("Browser of a member of staff")
        UPLOADER = "uploader", _("Upload program")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ADOPTED = "adopted", _("In the inventory")
        DISMISSED = "dismissed", _("Dismissed")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    # SHA-256 over the identifying values, in hexadecimal: the same device is the same row for good.
    fingerprint = models.CharField(max_length=64)
    label = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    suggested_type_id = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    asset = models.ForeignKey(Asset, null=True, on_delete=models.PROTECT, related_name="sightings", db_index=False)
    reason = models.CharField(max_length=400, blank=True)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "fingerprint"], name="compliance_sighting_once"),
            models.CheckConstraint(
                condition=~Q(state="adopted") | Q(asset__isnull=False), name="compliance_sighting_adopted"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "-last_seen_at"], name="compliance_sighting_by_state"),
            models.Index(fields=["tenant", "asset"], name="compliance_sighting_by_asset"),
        ]
