"""What people do with vendors: add, change, end; who works for them, where, and what became of the data."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import access
from audit import services as audit
from common.actor import Actor
from common.clock import now, today
from common.scope import tenant_scope
from compliance import files, history, records
from compliance.models import Asset, ExitProof, Party, SubProcessor, Vendor, VendorUse
from compliance.vendors import selectors
from compliance.vendors.errors import VendorRefusedError

NOUN: Final = "vendor"
MAX_BYTES: Final = 20 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came; its name is only ever shown and sent back as it is."""

    file_name: str
    data: bytes = field(repr=False)

    def check(self) -> None:
        """Refuse what is empty or too large to be a paper."""
        if not self.data:
            raise VendorRefusedError("The file is empty.")
        if len(self.data) > MAX_BYTES:
            raise VendorRefusedError("A paper has at most {size} MB.", size=MAX_BYTES >> 20)


@dataclass(frozen=True, slots=True)
class ExitDraft:
    """What became of the data, as a person says."""

    kind: str
    performed_date: dt.date
    method: str
    certificate: str


def add_vendor(*, actor: Actor, values: Mapping[str, Any]) -> UUID:
    """Write a vendor into the register."""
    access.require(actor, "compliance.write")
    with tenant_scope(actor.tenant_id):
        try:
            with transaction.atomic():
                row = Vendor.objects.create(tenant_id=actor.tenant_id, **values)
                records.write(actor=actor, noun=NOUN, subject_id=row.id, verb="added", fields=history.beginning(row))
        except IntegrityError as fault:
            raise VendorRefusedError("There is a vendor of this name already.") from fault
    found: UUID = row.id
    return found


def change_vendor(*, actor: Actor, vendor_id: UUID, values: Mapping[str, Any]) -> None:
    """Change what is known of a vendor."""
    with tenant_scope(actor.tenant_id):
        row = selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        try:
            with transaction.atomic():
                if fields := records.change(row, values):
                    records.write(actor=actor, noun=NOUN, subject_id=vendor_id, verb="changed", fields=fields)
        except IntegrityError as fault:
            raise VendorRefusedError("There is a vendor of this name already.") from fault


def end_vendor(*, actor: Actor, vendor_id: UUID, ended_date: dt.date, reason: str) -> None:
    """Say that a vendor works for the practice no more; what it returned or destroyed is asked for from then on."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        if not reason.strip():
            raise VendorRefusedError("Say why the relation ended.")
        if ended_date > today():
            raise VendorRefusedError("The day lies in the future.")
        fields = records.change(row, {"ended_date": ended_date})
        records.write(actor=actor, noun=NOUN, subject_id=vendor_id, verb="ended", note=reason, fields=fields)


def resume_vendor(*, actor: Actor, vendor_id: UUID) -> None:
    """Take an end back."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        if fields := records.change(row, {"ended_date": None}):
            records.write(actor=actor, noun=NOUN, subject_id=vendor_id, verb="reopened", fields=fields)


def set_uses(*, actor: Actor, vendor_id: UUID, asset_ids: Iterable[UUID], party_ids: Iterable[UUID]) -> None:
    """Say on which assets and behind which parties a vendor is at work."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        assets = Asset.objects.filter(id__in=list(asset_ids)).values_list("id", "name")
        parties = Party.objects.filter(id__in=list(party_ids)).values_list("id", "name")
        VendorUse.objects.filter(vendor_id=vendor_id).delete()
        common = {"tenant_id": actor.tenant_id, "vendor_id": vendor_id}
        VendorUse.objects.bulk_create(
            [
                *(VendorUse(**common, asset_id=asset_id) for asset_id, _name in assets),
                *(VendorUse(**common, party_id=party_id) for party_id, _name in parties),
            ]
        )
        names = ", ".join(sorted(name for _id, name in [*assets, *parties]))
        records.write(actor=actor, noun=NOUN, subject_id=vendor_id, verb="uses-changed", note=names)


def add_sub_processor(*, actor: Actor, vendor_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Name somebody whom a vendor lets work with the practice's data."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        row = SubProcessor.objects.create(tenant_id=actor.tenant_id, vendor_id=vendor_id, **values)
        records.write(actor=actor, noun=NOUN, subject_id=vendor_id, verb="sub-added", note=row.name)
    found: UUID = row.id
    return found


def remove_sub_processor(*, actor: Actor, sub_id: UUID) -> UUID:
    """Say that a sub-processor is none any more; give its vendor."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_sub_processor(sub_id)
        access.require(actor, "compliance.write")
        if SubProcessor.objects.filter(id=sub_id, removed_at=None).update(removed_at=now()):
            records.write(actor=actor, noun=NOUN, subject_id=row.vendor_id, verb="sub-removed", note=row.name)
    found: UUID = row.vendor_id
    return found


def record_exit(*, actor: Actor, vendor_id: UUID, draft: ExitDraft, upload: Upload | None = None) -> UUID:
    """Record for good what became of the data at a vendor, with the certificate where there is a file."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        if draft.performed_date > today():
            raise VendorRefusedError("The day lies in the future: record what was done.")
        if not draft.method.strip() or not draft.certificate.strip():
            raise VendorRefusedError("Say how it was done, and what shows it.")
        row = ExitProof.objects.create(
            tenant_id=actor.tenant_id,
            vendor_id=vendor_id,
            kind=ExitProof.Kind(draft.kind),
            performed_date=draft.performed_date,
            method=draft.method.strip(),
            certificate=draft.certificate.strip(),
            recorded_by_id=actor.id,
            **_kept(actor, upload),
        )
        records.write(actor=actor, noun=NOUN, subject_id=vendor_id, verb="exit-proven", note=draft.certificate)
    found: UUID = row.id
    return found


def _kept(actor: Actor, upload: Upload | None) -> dict[str, Any]:
    if upload is None:
        return {}
    upload.check()
    kept = files.keep(tenant_id=actor.tenant_id, data=upload.data)
    return {"blob_id": kept.blob_id, "sha256": kept.sha256.hex(), "file_name": upload.file_name[-200:]}


def open_proof(*, actor: Actor, proof_id: UUID) -> Upload:
    """Return the certificate of a proof; the reading is in the audit log."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_proof(proof_id)
        access.require(actor, "compliance.read")
        assert row.blob_id is not None
        audit.record(actor=actor, action="vendor.proof-read", subject_id=proof_id)
        return Upload(row.file_name, files.read(tenant_id=actor.tenant_id, blob_id=row.blob_id))
