"""The inventory and the map, as people keep them."""

import datetime as dt
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from common.clock import now, today
from compliance.evidence.arithmetic import counted, months_since
from compliance.evidence.reading import Measured, UnmeasurableError
from compliance.evidence.registry import probe
from compliance.models import Asset, DataFlow, DeviceSighting, Party
from compliance.models.states import Ephi, Safeguard
from compliance.packs import selectors as packs

YEAR: Final = dt.timedelta(days=365)
_SENDERS: Final = (DeviceSighting.Kind.MODALITY, DeviceSighting.Kind.AE_TITLE, DeviceSighting.Kind.UPLOADER)
_OUTSIDE: Final = (Party.Kind.VENDOR, Party.Kind.LABORATORY)


def _of_assets(number: int, what: str) -> Measured:
    """Return a count among the assets; without an inventory nothing can be said about it."""
    total = Asset.objects.present().count()
    if total == 0:
        raise UnmeasurableError("The inventory is empty.")
    return Measured(number, f"{number} of {counted(total, 'asset', 'assets')} {what}.")


@probe("P-ASSET-AGE")
def assets_not_confirmed(_tenant_id: UUID) -> Measured:
    """Count the assets that nobody has confirmed for a year."""
    limit = now() - YEAR
    late = Asset.objects.present().filter(Q(verified_at=None) | Q(verified_at__lt=limit))
    return _of_assets(late.count(), "not confirmed in 12 months")


@probe("P-ASSET-EOS")
def assets_without_support(_tenant_id: UUID) -> Measured:
    """Count the assets whose operating system gets no more updates."""
    old = Asset.objects.present().filter(os_support_end_date__lt=today())
    return _of_assets(old.count(), "with an operating system out of support")


@probe("P-ASSET-ENC")
def assets_in_plain(_tenant_id: UUID) -> Measured:
    """Count the assets that keep ePHI and are not known to be encrypted."""
    known = (Safeguard.YES, Safeguard.NOT_APPLICABLE)
    plain = Asset.objects.present().filter(ephi=Ephi.STORED).exclude(encryption_at_rest__in=known)
    return _of_assets(plain.count(), "keep ePHI without known encryption")


@probe("P-ASSET-AV")
def assets_without_protection(_tenant_id: UUID) -> Measured:
    """Count the Windows machines without endpoint protection."""
    windows = Asset.objects.present().filter(operating_system__icontains="windows")
    return _of_assets(
        windows.exclude(endpoint_protection=Safeguard.YES).count(), "run Windows without endpoint protection"
    )


@probe("P-ASSET-UNKNOWN")
def unknown_devices(_tenant_id: UUID) -> Measured:
    """Count the devices that sent images and that nobody has adopted or dismissed."""
    waiting = DeviceSighting.objects.filter(state=DeviceSighting.State.PROPOSED, kind__in=_SENDERS).count()
    return Measured(waiting, f"{counted(waiting, 'device', 'devices')} seen in traffic and not in the inventory.")


@probe("P-ASSET-DISPOSED")
def disposals_without_proof(_tenant_id: UUID) -> Measured:
    """Count the disposed assets that had data and have no certificate."""
    gone = Asset.objects.filter(status=Asset.Status.DISPOSED)
    unproven = gone.filter(disposal_certificate="").exclude(disposal_method=Asset.Disposal.NO_DATA).count()
    return Measured(
        unproven, f"{unproven} of {counted(gone.count(), 'disposed asset', 'disposed assets')} without a certificate."
    )


@probe("P-ZONE")
def assets_without_zone(_tenant_id: UUID) -> Measured:
    """Count the imaging devices and servers that are in no named part of the network."""
    classes = {"modality", "server"}
    types = [one.id for one in packs.active().asset_types.values() if one.class_id in classes]
    return _of_assets(
        Asset.objects.present().filter(type_id__in=types, network_zone="").count(),
        "of imaging and servers without a zone",
    )


@probe("P-REMOTE-UNATT")
def remote_access(_tenant_id: UUID) -> Measured:
    """Count the assets that somebody can reach from outside."""
    reachable = Asset.objects.present().exclude(remote_access_tool="")
    return _of_assets(reachable.count(), "with a remote access tool")


@probe("P-FLOW-AGE")
def months_since_the_map_was_confirmed(_tenant_id: UUID) -> Measured:
    """Return the age of the flow that was confirmed longest ago."""
    seen = DataFlow.objects.running().annotate(seen_at=Coalesce("verified_at", "created_at")).order_by("seen_at")
    oldest = seen.values_list("seen_at", flat=True).first()
    if oldest is None:
        raise UnmeasurableError("There is no data-flow map yet.")
    return Measured(months_since(oldest), f"The flow confirmed longest ago was confirmed on {oldest.date()}.")


@probe("P-BAA-MISSING")
def vendors_without_agreement(_tenant_id: UUID) -> Measured:
    """Count the vendors on the map whose flows carry ePHI and for whom no agreement is noted."""
    flows = DataFlow.objects.running().exclude(ephi=Ephi.NONE)
    touched = {party for pair in flows.values_list("source_party_id", "target_party_id") for party in pair if party}
    vendors = Party.objects.filter(id__in=touched, kind__in=_OUTSIDE)
    missing = vendors.filter(agreement_reference="").count()
    return Measured(
        missing,
        f"{missing} of {counted(vendors.count(), 'vendor', 'vendors')} with ePHI on the map without an agreement.",
    )
