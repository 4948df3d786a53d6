"""What people do with agreements: draft, check clause by clause, sign, keep the signed copy, end."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now, today
from common.scope import tenant_scope
from compliance import files, records
from compliance.models import Agreement, AgreementCopy, ClauseFinding, Vendor
from compliance.packs import selectors as packs
from compliance.vendors import selectors
from compliance.vendors.errors import AgreementSettledError, VendorRefusedError
from compliance.vendors.services import Upload

NOUN: Final = "agreement"
# What the next agreement begins with.
_CARRIED: Final = (
    *("renewal_notice_days", "breach_notice_hours", "training_term", "is_perpetual_licence"),
    *("rights_granted", "secondary_use", "opt_out", "wording"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody found about one clause."""

    clause_id: str
    found: str
    reference: str = ""
    note: str = ""


def draft_agreement(*, actor: Actor, vendor_id: UUID) -> UUID:
    """Begin an agreement, with the terms of the one before; while one is being drafted, it is that one."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        selectors.get_vendor(vendor_id)
        access.require(actor, "compliance.write")
        Vendor.objects.select_for_update(no_key=True).get(id=vendor_id)
        rows = Agreement.objects.filter(vendor_id=vendor_id)
        unsigned = rows.filter(state__in=[Agreement.State.DRAFT, Agreement.State.REVIEW]).first()
        if unsigned is not None:
            found: UUID = unsigned.id
            return found
        before = rows.order_by("-number").first()
        carried = {name: getattr(before, name) for name in _CARRIED} if before else {}
        number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        row = Agreement.objects.create(tenant_id=actor.tenant_id, vendor_id=vendor_id, number=number, **carried)
        records.write(actor=actor, noun=NOUN, subject_id=row.id, verb="added")
        made: UUID = row.id
    return made


def change_agreement(*, actor: Actor, agreement_id: UUID, values: Mapping[str, Any]) -> None:
    """Change the terms of an agreement that is not signed yet; from the first change on it is in review."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _lock(actor, agreement_id)
        _require_unsigned(row)
        _check_dates(values.get("effective_date"), values.get("expiry_date"))
        fields = records.change(row, {**values, "state": Agreement.State.REVIEW})
        if fields:
            records.write(actor=actor, noun=NOUN, subject_id=agreement_id, verb="changed", fields=_without_text(fields))


def record_findings(*, actor: Actor, agreement_id: UUID, findings: list[Finding]) -> None:
    """Write down which clauses stand in an agreement and where; the whole list may be sent, what is new is kept."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _lock(actor, agreement_id)
        if row.state == Agreement.State.ENDED:
            raise AgreementSettledError
        known = {one.clause_id: one for one in ClauseFinding.objects.filter(agreement_id=agreement_id)}
        clauses = packs.active().clauses
        for one in findings:
            if one.clause_id not in clauses:
                raise VendorRefusedError("There is no clause {clause_id}.", clause_id=one.clause_id)
            _keep_finding(actor, agreement_id, one, known.get(one.clause_id))
        Agreement.objects.filter(id=agreement_id).update(reviewed_at=now())


def _keep_finding(actor: Actor, agreement_id: UUID, given: Finding, known: ClauseFinding | None) -> None:
    if given.found == ClauseFinding.Found.YES and not given.reference.strip():
        raise VendorRefusedError("Say on which page or in which section {clause} stands.", clause=given.clause_id)
    found = ClauseFinding.Found(given.found)
    values = {"found": found, "reference": given.reference.strip(), "note": given.note.strip()}
    if known and all(getattr(known, name) == value for name, value in values.items()):
        return
    ClauseFinding.objects.update_or_create(
        tenant_id=actor.tenant_id,
        agreement_id=agreement_id,
        clause_id=given.clause_id,
        defaults={
            **values,
            "reviewer_id": actor.id if actor.kind is ActorKind.USER else None,
            "reviewed_at": now(),
        },
    )
    records.write(
        actor=actor,
        noun=NOUN,
        subject_id=agreement_id,
        verb="clause-checked",
        note=f"{given.clause_id} {given.reference.strip()}",
        fields={"found": [known.found if known else None, found.value]},
    )


def sign_agreement(
    *,
    actor: Actor,
    agreement_id: UUID,
    effective_date: dt.date,
    expiry_date: dt.date | None,
    signatories: str,
    copy: Upload,
) -> None:
    """Write down that an agreement is signed, by whom and for how long, and keep the signed copy."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _lock(actor, agreement_id)
        _require_unsigned(row)
        _check_dates(effective_date, expiry_date)
        if not signatories.strip():
            raise VendorRefusedError("Say who signed for both sides (45 CFR 164.308(b)(3)).")
        terms = {"effective_date": effective_date, "expiry_date": expiry_date, "signatories": signatories.strip()}
        fields = records.change(row, {**terms, "state": Agreement.State.SIGNED, "reviewed_at": now()})
        records.write(actor=actor, noun=NOUN, subject_id=agreement_id, verb="signed", fields=fields)
        _keep_copy(actor, agreement_id, copy)


def add_copy(*, actor: Actor, agreement_id: UUID, copy: Upload) -> UUID:
    """Keep another paper of a signed agreement: an amendment, a better scan."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _lock(actor, agreement_id)
        if row.state not in {Agreement.State.SIGNED, Agreement.State.ENDED}:
            raise VendorRefusedError("Only a signed agreement has a signed copy.")
        return _keep_copy(actor, agreement_id, copy)


def _keep_copy(actor: Actor, agreement_id: UUID, copy: Upload) -> UUID:
    copy.check()
    kept = files.keep(tenant_id=actor.tenant_id, data=copy.data)
    row = AgreementCopy.objects.create(
        tenant_id=actor.tenant_id,
        agreement_id=agreement_id,
        file_name=copy.file_name[-200:],
        size_bytes=kept.size_bytes,
        sha256=kept.sha256.hex(),
        blob_id=kept.blob_id,
        added_by_id=actor.id,
    )
    records.write(actor=actor, noun=NOUN, subject_id=agreement_id, verb="copy-added", note=kept.sha256.hex())
    made: UUID = row.id
    return made


def open_copy(*, actor: Actor, copy_id: UUID) -> Upload:
    """Return a signed copy; the reading is in the audit log."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = selectors.get_copy(copy_id)
        access.require(actor, "compliance.read")
        audit.record(actor=actor, action="agreement.copy-read", subject_id=copy_id)
        return Upload(row.file_name, files.read(tenant_id=actor.tenant_id, blob_id=row.blob_id))


def review_agreement(*, actor: Actor, agreement_id: UUID, note: str) -> None:
    """Write down that somebody looked at a signed agreement again."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _lock(actor, agreement_id)
        if row.state != Agreement.State.SIGNED:
            raise VendorRefusedError("Only a signed agreement is reviewed.")
        Agreement.objects.filter(id=agreement_id).update(reviewed_at=now())
        records.write(actor=actor, noun=NOUN, subject_id=agreement_id, verb="reviewed", note=note)


def end_agreement(*, actor: Actor, agreement_id: UUID, ended_date: dt.date, reason: str) -> None:
    """Write down that an agreement ended; it is kept six years from then on (45 CFR 164.316(b)(2)(i))."""
    with tenant_scope(actor.tenant_id), transaction.atomic():
        row = _lock(actor, agreement_id)
        if row.state == Agreement.State.ENDED:
            raise AgreementSettledError
        if not reason.strip():
            raise VendorRefusedError("Say why the agreement ended.")
        if ended_date > today():
            raise VendorRefusedError("The day lies in the future.")
        terms = {"ended_date": ended_date, "ended_reason": reason.strip()}
        fields = records.change(row, {**terms, "state": Agreement.State.ENDED})
        records.write(actor=actor, noun=NOUN, subject_id=agreement_id, verb="ended", fields=fields)


def _lock(actor: Actor, agreement_id: UUID) -> Agreement:
    """Return an agreement that is to change, as it is once nobody else changes it."""
    list(Agreement.objects.select_for_update(no_key=True).filter(id=agreement_id).values_list("id"))
    row = selectors.get_agreement(agreement_id)
    access.require(actor, "compliance.write")
    return row


def _require_unsigned(row: Agreement) -> None:
    if row.state not in {Agreement.State.DRAFT, Agreement.State.REVIEW}:
        raise AgreementSettledError


def _check_dates(effective: dt.date | None, expiry: dt.date | None) -> None:
    if effective and expiry and expiry < effective:
        raise VendorRefusedError("The agreement ends before it begins.")


def _without_text(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave pasted wording out of the history: that it changed is enough."""
    return {name: ["", "…"] if name == "wording" else values for name, values in fields.items()}
