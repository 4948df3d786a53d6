"""The binder and its registers: seventeen items in their order, printed, signed, chained, kept."""

import csv
import dataclasses
import hashlib
import io
import json
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pypdf import PdfReader

from accounts.models import Role, Tenant
from common.actor import Actor, system_actor
from common.clock import today
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.binder import documents
from compliance.binder.errors import DocumentDamagedError, DocumentNotFoundError
from compliance.binder.items import ITEMS
from compliance.evidence import services as evidence
from compliance.evidence.services import ActivityDraft
from compliance.incidents import services as incidents
from compliance.incidents.services import AssessmentDraft, NoticeDraft
from compliance.models import DocumentSnapshot
from compliance.packs import library
from compliance.policies import selectors as policies
from compliance.policies import services as policy_services
from compliance.policies.services import SanctionDraft, TrainingDraft
from compliance.requests import services as requests
from tests.factories.analysis import Walk, make_small_practice
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant
from tests.factories.vendors import find_all, make_ai_vendor, sign

pytestmark = pytest.mark.django_db
ORDER = [
    "Risk analysis",
    "Risk management plan and proof",
    "Policies and procedures",
    "Inventory and data flows",
    "Business associate agreements",
    "Training",
    "Review of activity",
    "Incidents and breaches",
    "Access",
    "Addressable specifications",
    "Contingency",
    "Media and their disposal",
    "Sanctions",
    "Evaluations",
    "Patients' requests for access",
    "Officials",
    "Recognised security practices",
]


@pytest.fixture
def walk() -> Walk:
    """A practice that has something under each item."""
    walk = make_small_practice().start()
    officer = walk.officer
    walk.describe()
    find_all(officer, sign(officer, make_ai_vendor(officer)))
    policy_services.take_over_templates(actor=officer)
    with tenant_scope(officer.tenant_id):
        media = next(one for one in policies.list_standing() if one.policy.key == "media")
    policy_services.approve_version(actor=officer, version_id=media.versions[0].id, effective_date=today())
    policy_services.record_training(actor=officer, draft=TrainingDraft(("Lee Park",), "Phishing", today(), "Tess"))
    draft = SanctionDraft("Lee Park", "Shared an account", "Warned", today(), "Olive")
    policy_services.record_sanction(actor=officer, draft=draft)
    for kind in ("log_review", "restore_drill", "evaluation"):
        evidence.record_activity(actor=officer, draft=ActivityDraft(kind, today(), f"Note on {kind}"))
    values = {"title": "Stick lost", "kind": "lost_device", "description": "A stick.", "discovered_date": today()}
    incident_id = incidents.report_incident(actor=officer, values=values)
    factors = {number: {"level": "medium", "words": "As known"} for number in "1234"}
    assessment = AssessmentDraft(factors, "breach", "Not encrypted")
    incidents.assess_incident(actor=officer, incident_id=incident_id, draft=assessment)
    incidents.record_notice(actor=officer, incident_id=incident_id, draft=NoticeDraft("hhs", today(), "Form", 1))
    request = {"patient_name": "Erika Muster", "requester": "x", "wanted": "x", "received_date": today()}
    requests.receive_request(actor=officer, values=request)
    return walk


@pytest.fixture
def officer(walk: Walk) -> Actor:
    return walk.officer


def content_of(officer: Actor, kind: str = "binder") -> dict[str, Any]:
    with tenant_scope(officer.tenant_id):
        return documents.gather(actor=officer, kind=kind)


def text_of(document: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages).split())


@pytest.mark.req("X-18")
def test_the_binder_has_seventeen_items_in_the_order_in_which_they_are_asked_for(officer: Actor) -> None:
    found = content_of(officer)

    assert [one["title"] for one in found["sections"]] == ORDER
    assert [one["number"] for one in found["sections"]] == list(range(1, 18))
    assert [item.title for item in ITEMS if "CFR" not in item.citation and "Public Law" not in item.citation] == []


@pytest.mark.req("X-18")
@pytest.mark.req("RA-18")
def test_the_printed_binder_holds_what_the_practice_recorded(officer: Actor) -> None:
    made = documents.as_pdf(content_of(officer))
    text = text_of(made)

    words = ["Caries Reader", "Devices, media and their disposal", "Lee Park", "Shared an account", "Stick lost"]
    words += ["Note on log_review", "Note on restore_drill", "Note on evaluation", "Cora Lind", "Archive", "A-0001"]
    words += ["Cloud archive"]
    assert [word for word in [*words, *ORDER] if word not in text] == []
    assert "Erika Muster" not in text
    assert "DRAFT, not signed" in text
    assert "no legal advice" in text
    assert b"pdfuaid" in made


@pytest.mark.req("RA-18")
@pytest.mark.parametrize("kind", [*documents.PARTS])
def test_no_document_has_a_forbidden_phrase_and_each_item_has_its_provision(officer: Actor, kind: str) -> None:
    phrases = [phrase.lower() for phrase in library.catalogue(library.default_choice()).forbidden_phrases]
    found = content_of(officer, kind)
    text = text_of(documents.as_pdf(found)).lower()

    assert [phrase for phrase in phrases if phrase in text] == []
    assert [one["title"] for one in found["sections"] if one["citation"].lower() not in text] == []


def test_an_empty_practice_says_what_lacks() -> None:
    officer = make_actor(make_tenant(), "compliance_officer")
    lacks = {one["key"]: one["lacks"] for one in content_of(officer)["sections"] if one["lacks"]}

    assert lacks["analysis"] == "No analysis was issued."
    assert lacks["policies"] == "No policy is in force."
    assert "22 of 22" in lacks["decisions"]
    assert documents.as_pdf(content_of(officer)).startswith(b"%PDF")


def test_the_binder_leaves_no_record_out_however_many_there_are(officer: Actor) -> None:
    before = {one["key"]: one["count"] for one in content_of(officer)["sections"]}
    people = tuple(f"Person {number}" for number in range(501))
    draft = TrainingDraft(people, "Phishing", today(), "Otto Officer")
    policy_services.record_training(actor=officer, draft=draft)
    after = {one["key"]: one["count"] for one in content_of(officer)["sections"]}

    assert after["training"] - before["training"] == 501


def test_the_spreadsheet_has_every_table_and_no_formula(officer: Actor) -> None:
    values = {"title": "=HYPERLINK(1)", "kind": "other", "description": "x", "discovered_date": today()}
    incidents.report_incident(actor=officer, values=values)
    rows = list(csv.reader(io.StringIO(documents.as_csv(content_of(officer)).decode())))

    assert [row[0] for row in rows if row[0].startswith("=")] == []
    assert ["Lee Park", "Phishing"] in [row[:2] for row in rows]


# --- signed -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("X-18")
@pytest.mark.req("RA-24")
def test_signed_documents_are_chained_and_name_what_changed(officer: Actor) -> None:
    first = documents.sign(actor=officer, kind="binder")
    draft = SanctionDraft("Kim", "Gossip", "Warned", today(), "Olive")
    policy_services.record_sanction(actor=officer, draft=draft)
    second = documents.sign(actor=officer, kind="binder")

    with tenant_scope(officer.tenant_id):
        one, two = documents.get_signed(first), documents.get_signed(second)
        data, text = documents.read_data(second), text_of(documents.read_pdf(second))
    assert two.data_sha256 == hashlib.sha256(data).hexdigest()
    assert (one.previous_sha256, two.previous_sha256) == ("", one.data_sha256)
    assert two.changes == ["13. Sanctions: changed, records 1 to 2"]
    assert (two.signer_name, two.keep_until_date.year) == ("Person", today().year + 6)
    assert "No. 2, signed by Person" in text
    assert one.data_sha256 in text.replace(" ", "")
    assert json.loads(data)["sections"][12]["count"] == 2


def test_each_kind_has_a_chain_of_its_own(officer: Actor) -> None:
    documents.sign(actor=officer, kind="plan")
    documents.sign(actor=officer, kind="agreements")

    with tenant_scope(officer.tenant_id):
        assert {(row.kind, row.sequence) for row in documents.list_signed()} == {("plan", 1), ("agreements", 1)}


@pytest.mark.req("RA-24")
@pytest.mark.req("X-18")
def test_a_signed_document_can_neither_be_changed_nor_deleted_by_sql(officer: Actor) -> None:
    documents.sign(actor=officer, kind="plan")
    statements = [
        "UPDATE compliance_documentsnapshot SET signer_name = 'Nobody'",
        "UPDATE compliance_documentsnapshot SET keep_until_date = '2000-01-01'",
        "DELETE FROM compliance_documentsnapshot",
    ]

    with tenant_scope(officer.tenant_id):
        for statement in statements:
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        assert DocumentSnapshot.objects.get().signer_name == "Person"


@pytest.mark.req("RA-24")
@pytest.mark.parametrize("role", Role.values)
def test_no_role_reaches_a_signed_document_by_any_method(walk: Walk, officer: Actor, role: str) -> None:
    document_id = documents.sign(actor=officer, kind="plan")
    path = f"/compliance/binder/signed/{document_id}.json"
    member = enter_as(walk.practice.tenant, role)
    before = browser_of(officer).get(path).content

    assert {getattr(member, verb)(path).status_code for verb in ("post", "put", "patch", "delete")} <= {403, 404, 405}
    assert browser_of(officer).get(path).content == before


def test_one_that_hides_the_one_before_is_refused_by_the_database(officer: Actor) -> None:
    documents.sign(actor=officer, kind="plan")

    with tenant_scope(officer.tenant_id):
        row = DocumentSnapshot.objects.get()
    with tenant_scope(officer.tenant_id), pytest.raises(IntegrityError), transaction.atomic():
        DocumentSnapshot.objects.create(
            tenant_id=officer.tenant_id,
            kind="plan",
            sequence=2,
            data_blob_id=row.data_blob_id,
            data_sha256=row.data_sha256,
            pdf_blob_id=row.pdf_blob_id,
            pdf_sha256=row.pdf_sha256,
            signer_id=officer.id,
            signer_name="x",
            keep_until_date=row.keep_until_date,
        )


def test_what_is_stored_and_is_not_what_was_signed_is_refused(officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    document_id = documents.sign(actor=officer, kind="plan")
    monkeypatch.setattr("compliance.files.read", lambda **_named: b"%PDF-1.7 another one")

    with tenant_scope(officer.tenant_id), pytest.raises(DocumentDamagedError):
        documents.read_pdf(document_id)


def test_only_a_person_with_the_right_signs(officer: Actor) -> None:
    auditor = dataclasses.replace(officer, roles=frozenset({"auditor"}))
    for actor in (auditor, system_actor(officer.tenant_id)):
        with pytest.raises(ForbiddenError):
            documents.sign(actor=actor, kind="plan")


def test_a_document_of_another_practice_or_kind_is_none(officer: Actor) -> None:
    document_id = documents.sign(actor=officer, kind="plan")

    with tenant_scope(make_tenant().id), pytest.raises(DocumentNotFoundError):
        documents.get_signed(document_id)
    with tenant_scope(officer.tenant_id), pytest.raises(DocumentNotFoundError):
        documents.gather(actor=officer, kind="novel")


def test_it_is_signed_and_read_through_its_page(walk: Walk, officer: Actor) -> None:
    web, auditor = browser_of(officer), enter_as(walk.practice.tenant, "auditor")
    assert web.post("/compliance/binder/sign/", {"kind": "agreements"}).status_code == 302
    assert auditor.post("/compliance/binder/sign/", {"kind": "agreements"}).status_code == 403
    with tenant_scope(officer.tenant_id):
        (row,) = documents.list_signed()

    page = auditor.get("/compliance/binder/").content.decode()
    assert f"/compliance/binder/signed/{row.id}.pdf" in page
    kinds = [
        auditor.get(f"/compliance/binder/signed/{row.id}.{kind}")["Content-Type"] for kind in ("pdf", "csv", "json")
    ]
    assert kinds == ["application/pdf", "text/csv; charset=utf-8", "application/json"]
    drafts = [
        auditor.get(f"/compliance/binder/draft/?kind=plan&format={kind}").status_code for kind in ("pdf", "csv", "x")
    ]
    assert drafts == [200, 200, 404]


def test_who_reads_no_compliance_gets_no_document(walk: Walk) -> None:
    tenant: Tenant = walk.practice.tenant

    assert enter_as(tenant, "dentist").get("/compliance/binder/").status_code == 403
    assert enter_as(tenant, "dentist").get("/compliance/binder/draft/?kind=binder").status_code == 403
