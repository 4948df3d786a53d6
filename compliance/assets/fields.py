"""The facts of an asset that people state: in groups for the form, in one order for files."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GROUPS: "tuple[tuple[StrOrPromise, tuple[str, ...]], ...]" = (
    (_("What it is"), ("name", "number", "type_id", "status", "criticality", "owner", "custodian", "site", "room")),
    (_("Make"), ("vendor", "model", "serial", "in_service_date", "end_of_life_date")),
    (
        _("System and network"),
        (
            "operating_system", "os_support_end_date", "software_version", "patched_date", "hostname", "ip_address",
            "mac_address", "ae_title", "network_zone", "remote_access_tool",
        ),
    ),
    (
        _("Protection"),
        ("encryption_at_rest", "encryption_in_transit", "shared_login", "endpoint_protection", "backup_reference"),
    ),
    (_("Patients' data"), ("ephi", "ephi_volume_patients", "agreement_reference", "notes")),
)  # fmt: skip
EDITABLE = tuple(name for _title, names in GROUPS for name in names)
DISPOSAL = ("disposal_date", "disposal_method", "disposal_certificate")
# `status` disposed is set by disposing only, in files as well as in the form: it needs date and method.
COLUMNS = (*EDITABLE, *DISPOSAL)

LABELS: "dict[str, StrOrPromise]" = {
    "name": _("Name"),
    "number": _("Inventory number"),
    "type_id": _("Type"),
    "status": _("Status"),
    "criticality": _("How much depends on it"),
    "owner": _("Owner"),
    "custodian": _("Looked after by"),
    "site": _("Site"),
    "room": _("Room"),
    "vendor": _("Manufacturer or vendor"),
    "model": _("Model"),
    "serial": _("Serial number"),
    "in_service_date": _("In service since"),
    "end_of_life_date": _("To be replaced by"),
    "operating_system": _("Operating system"),
    "os_support_end_date": _("Security updates end"),
    "software_version": _("Imaging software and version"),
    "patched_date": _("Last updated"),
    "hostname": _("Host name"),
    "ip_address": _("IP address"),
    "mac_address": _("MAC address"),
    "ae_title": _("DICOM AE title"),
    "network_zone": _("Network zone"),
    "remote_access_tool": _("Remote support tool"),
    "encryption_at_rest": _("Storage encrypted"),
    "encryption_in_transit": _("Connections encrypted"),
    "shared_login": _("Several people share one log-in"),
    "endpoint_protection": _("Virus and endpoint protection"),
    "backup_reference": _("Backed up by"),
    "ephi": _("Patients' data on it"),
    "ephi_volume_patients": _("Patients, about"),
    "agreement_reference": _("Agreement with the vendor"),
    "notes": _("Notes"),
    "disposal_date": _("Disposed of on"),
    "disposal_method": _("How"),
    "disposal_certificate": _("Certificate or witness"),
    "verified_at": _("Confirmed"),
    "verified_by": _("Confirmed by"),
    "caption": _("Photo"),
}

FLOW_LABELS: "dict[str, StrOrPromise]" = {
    "source_asset_id": _("From"),
    "source_party_id": _("From"),
    "target_asset_id": _("To"),
    "target_party_id": _("To"),
    "channel_id": _("By way of"),
    "label": _("What is sent"),
    "is_both_ways": _("Both ways"),
    "encryption": _("Encrypted"),
    "access_log": _("Logged"),
    "safeguards": _("Safeguards"),
    "started_date": _("Since"),
    "ended_date": _("Ended"),
    "kind": _("Kind"),
}

# What a change of these says about the analysis.
_REASONS = {
    "software": {"operating_system", "os_support_end_date", "software_version"},
    "vendor": {"vendor", "agreement_reference", "remote_access_tool", "type_id"},
    "site": {"site", "room", "network_zone"},
    "data": {"ephi", "ephi_volume_patients"},
}


def reasons_of(changed: set[str]) -> list[str]:
    """Return why an analysis may have to look again, after these facts changed."""
    found = [reason for reason, names in _REASONS.items() if names & changed]
    return found or ["changed"]
