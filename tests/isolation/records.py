"""One of everything of the victim's vendors, incidents, policies, requests and signed documents."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Tenant
from common.clock import today
from common.scope import tenant_scope
from compliance import files
from compliance.documents.content import keep_until
from compliance.incidents import services as incidents
from compliance.incidents.exposure import Wanted
from compliance.incidents.services import AssessmentDraft, NoticeDraft
from compliance.models import (
    AccessRequest,
    Agreement,
    AgreementCopy,
    AgreementReminder,
    Disclosure,
    DocumentSnapshot,
    Incident,
    PolicyVersion,
    RecordEntry,
    SubProcessor,
    Vendor,
)
from compliance.models.asset import Asset
from compliance.policies import services as policies
from compliance.policies.services import SanctionDraft, TrainingDraft
from compliance.requests import services as requests
from compliance.vendors import services as vendors
from compliance.vendors.agreements import Finding, record_findings
from compliance.vendors.services import ExitDraft, Upload
from sharing.models import ShareLink
from tests.factories.cast import make_actor
from tests.factories.vendors import make_vendor, sign


def make_ids(tenant: Tenant) -> dict[str, Sequence[Any]]:
    """Make one of each, once there is an inventory and a link, and return their ids."""
    owner = make_actor(tenant, "owner")
    return {**_vendor(tenant, owner), **_incident(tenant, owner), **_policy(tenant, owner), **_document(tenant, owner)}


def _vendor(tenant: Tenant, owner: Any) -> dict[str, Sequence[Any]]:
    vendor_id = make_vendor(owner, "Canary Vendor")
    agreement_id = sign(owner, vendor_id)
    record_findings(actor=owner, agreement_id=agreement_id, findings=[Finding("BAA-01", "yes", "Canary page")])
    sub = {"name": "Canary Disks", "purpose": "Canary", "country": "US"}
    sub_id = vendors.add_sub_processor(actor=owner, vendor_id=vendor_id, values=sub)
    draft = ExitDraft("returned", today(), "Canary courier", "Canary certificate")
    proof_id = vendors.record_exit(
        actor=owner, vendor_id=vendor_id, draft=draft, upload=Upload("canary.pdf", b"Canary proof")
    )
    with tenant_scope(tenant.id):
        asset_id = Asset.objects.values_list("id", flat=True)[0]
        copy_id = AgreementCopy.objects.get().id
        AgreementReminder.objects.create(
            tenant_id=tenant.id, agreement_id=agreement_id, expiry_date=today(), threshold_days=7
        )
    vendors.set_uses(actor=owner, vendor_id=vendor_id, asset_ids=[asset_id], party_ids=[])
    return {
        "vendor_id": (vendor_id,),
        "agreement_id": (agreement_id,),
        "sub_id": (sub_id,),
        "proof_id": (proof_id,),
        "copy_id": (copy_id,),
    }


def _incident(tenant: Tenant, owner: Any) -> dict[str, Sequence[Any]]:
    values = {"title": "Canary incident", "kind": "other", "description": "Canary", "discovered_date": today()}
    incident_id = incidents.report_incident(actor=owner, values=values)
    factors = {number: {"level": "low", "words": "Canary"} for number in "1234"}
    incidents.assess_incident(
        actor=owner, incident_id=incident_id, draft=AssessmentDraft(factors, "breach", "Canary reasons")
    )
    incidents.record_notice(actor=owner, incident_id=incident_id, draft=NoticeDraft("hhs", today(), "Canary form", 1))
    with tenant_scope(tenant.id):
        link_id = ShareLink.objects.values_list("id", flat=True)[0]
    exposure_id = incidents.report_exposure(actor=owner, incident_id=incident_id, wanted=Wanted("link", link_id))
    request = {"patient_name": "Zyxwvut", "requester": "Canary", "wanted": "Canary", "received_date": today()}
    request_id = requests.receive_request(actor=owner, values=request)
    requests.record_disclosure(
        actor=owner,
        values={
            "patient_name": "Zyxwvut",
            "disclosed_date": today(),
            "recipient": "Canary",
            "description": "Canary",
            "purpose": "Canary",
        },
    )
    return {
        "incident_id": (incident_id,),
        "exposure_id": (exposure_id,),
        "letter_kind": ("individuals",),
        "request_id": (request_id,),
    }


def _policy(tenant: Tenant, owner: Any) -> dict[str, Sequence[Any]]:
    policy_id = policies.add_policy(actor=owner, title="Canary policy", citations="Canary", text="Canary text")
    with tenant_scope(tenant.id):
        version_id = PolicyVersion.objects.get(policy_id=policy_id).id
    policies.approve_version(actor=owner, version_id=version_id, effective_date=today())
    policies.acknowledge(actor=owner, version_id=version_id)
    policies.record_training(actor=owner, draft=TrainingDraft(("Canary person",), "Canary", today(), "Canary"))
    policies.record_sanction(actor=owner, draft=SanctionDraft("Canary person", "Canary", "Canary", today(), "Canary"))
    return {"policy_id": (policy_id,), "version_id": (version_id,)}


def _document(tenant: Tenant, owner: Any) -> dict[str, Sequence[Any]]:
    with tenant_scope(tenant.id):
        data = files.keep(tenant_id=tenant.id, data=b'{"sections": [], "canary": "Canary content"}')
        document = files.keep(tenant_id=tenant.id, data=b"%PDF-1.7 Canary binder")
        made = DocumentSnapshot(
            tenant_id=tenant.id,
            kind="plan",
            sequence=1,
            data_blob_id=data.blob_id,
            data_sha256=data.sha256.hex(),
            pdf_blob_id=document.blob_id,
            pdf_sha256=document.sha256.hex(),
            signer_id=owner.id,
            signer_name="Canary Signer",
        )
        made.keep_until_date = keep_until(made.signed_at, 6)
        made.save(force_insert=True)
    return {"document_id": (made.id,), "file_format": ("pdf", "csv", "json")}


def state() -> dict[str, list[Any]]:
    """Return what an intruder could have changed (inside the open scope)."""
    return {
        "vendors": list(Vendor.objects.order_by("id").values_list("id", "name", "ended_date")),
        "sub-processors": list(SubProcessor.objects.order_by("id").values_list("id", "removed_at")),
        "agreements": list(Agreement.objects.order_by("id").values_list("id", "state", "reviewed_at")),
        "incidents": list(Incident.objects.order_by("id").values_list("id", "conclusion", "closed_at")),
        "requests": list(AccessRequest.objects.order_by("id").values_list("id", "state", "is_extended")),
        "disclosures": list(Disclosure.objects.order_by("id").values_list("id")),
        "versions": list(PolicyVersion.objects.order_by("id").values_list("id")),
        "documents": list(DocumentSnapshot.objects.order_by("id").values_list("id")),
        "entries": list(RecordEntry.objects.order_by("id").values_list("id")),
    }
