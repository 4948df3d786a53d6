"""Vendors with and without agreements."""

import datetime as dt
from typing import Any
from uuid import UUID

from common.actor import Actor
from common.clock import today
from common.scope import tenant_scope
from compliance.packs import selectors as packs
from compliance.vendors import agreements, services
from compliance.vendors.agreements import Finding
from compliance.vendors.services import Upload

COPY = Upload("agreement.pdf", b"%PDF-1.7 signed by both")


def make_vendor(officer: Actor, name: str = "Cloud Archive", **values: Any) -> UUID:
    """Write a vendor that stores images into the register."""
    return services.add_vendor(actor=officer, values={"name": name, "stores": "yes", **values})


def make_ai_vendor(officer: Actor, name: str = "Caries Reader", **values: Any) -> UUID:
    """Write a vendor of artificial intelligence that says the right things."""
    said = {
        "is_ai": True,
        "trains_on_images": "no",
        "encrypts_at_rest": "yes",
        "encrypts_in_transit": "yes",
        **values,
    }
    return make_vendor(officer, name, **said)


def sign(officer: Actor, vendor_id: UUID, *, days: int | None = 365, training: str = "prohibited") -> UUID:
    """Draft an agreement and sign it for some days from today."""
    agreement_id = agreements.draft_agreement(actor=officer, vendor_id=vendor_id)
    agreements.change_agreement(actor=officer, agreement_id=agreement_id, values={"training_term": training})
    agreements.sign_agreement(
        actor=officer,
        agreement_id=agreement_id,
        effective_date=today(),
        expiry_date=None if days is None else today() + dt.timedelta(days=days),
        signatories="Olive Owens, owner; Max Berg, vendor",
        copy=COPY,
    )
    return agreement_id


def find_all(officer: Actor, agreement_id: UUID) -> None:
    """Find every clause in an agreement."""
    with tenant_scope(officer.tenant_id):
        clauses = list(packs.active().clauses)
    found = [Finding(clause_id, "yes", "section 4") for clause_id in clauses]
    agreements.record_findings(actor=officer, agreement_id=agreement_id, findings=found)
