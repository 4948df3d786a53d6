"""The pages of vendors and agreements, and the warnings where a vendor is at work."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Tenant
from common.actor import Actor
from common.clock import today
from common.scope import tenant_scope
from compliance.flows import services as flows
from compliance.models import Agreement, ClauseFinding
from compliance.vendors import services
from tests.factories.browsers import browser_of, enter_as
from tests.factories.inventory import add_asset
from tests.factories.vendors import find_all, make_vendor, sign

pytestmark = pytest.mark.django_db
VENDOR = {
    "name": "Caries Reader",
    "services": "Reads bitewings",
    "stores": "yes",
    "transmits": "no",
    "can_access": "no",
    "treats": "no",
    "is_conduit": "no",
    "is_ai": "on",
    "keeps_copies": "no",
    "trains_on_images": "no",
    "serves_competitors": "yes",
    "encrypts_at_rest": "yes",
    "encrypts_in_transit": "yes",
    "retention_days": "30",
    "deletes_automatically": "yes",
    "retention_evidence": "A certificate each month",
    "data_path": "Analysis - Ireland",
}


def text_of(web: Client, path: str) -> str:
    return " ".join(web.get(path).content.decode().split())


@pytest.fixture
def web(officer: Actor) -> Client:
    return browser_of(officer)


@pytest.mark.req("AI-15")
@pytest.mark.req("AI-17")
def test_a_vendor_is_recorded_checked_and_signed_through_its_pages(officer: Actor, web: Client) -> None:
    address = web.post("/compliance/vendors/new/", VENDOR)["Location"]
    page = text_of(web, address)
    assert "Its networks cannot be switched on" in page
    assert "Does the same model serve competitors?" in page

    edit = web.post(f"{address}agreements/")["Location"]
    terms = {
        "training_term": "prohibited",
        "is_perpetual_licence": "no",
        "rights_granted": "To analyse",
        "wording": "Vendor may use de-identified data to improve its products.",
    }
    agreement = web.post(edit, terms)["Location"]
    assert "<mark>de-identified</mark>" in text_of(web, agreement)
    web.post(f"{agreement}clauses/", {"found-BAX-01": "yes", "reference-BAX-01": "page 3", "found-BAA-01": "no"})
    file = SimpleUploadedFile("signed.pdf", b"%PDF signed")
    signed = {"effective_date": today().isoformat(), "signatories": "Both", "file": file}
    assert web.post(f"{agreement}sign/", signed).status_code == 302

    assert "its networks can be switched on" in text_of(web, address)
    shown = text_of(web, agreement)
    assert "signed.pdf" in shown
    assert "in effect" in shown
    with tenant_scope(officer.tenant_id):
        assert ClauseFinding.objects.get(clause_id="BAA-01").found == "no"
    (copy,) = set(re.findall(r"/compliance/agreement-copies/[0-9a-f-]+/", shown))
    assert web.get(copy).content == b"%PDF signed"


@pytest.mark.req("AI-13")
def test_as_long_as_necessary_is_no_period(web: Client) -> None:
    answer = web.post("/compliance/vendors/new/", {**VENDOR, "retention_days": "as long as necessary"})

    assert answer.status_code == 422
    assert "Enter a whole number" in answer.content.decode()


def test_a_clause_without_its_page_is_refused_with_the_reason(officer: Actor, web: Client) -> None:
    agreement_id = sign(officer, make_vendor(officer))
    answer = web.post(f"/compliance/agreements/{agreement_id}/clauses/", {"found-BAA-01": "yes"})

    assert answer.status_code == 422
    assert "Say on which page or in which section BAA-01 stands." in answer.content.decode()


@pytest.mark.req("RA-06")
@pytest.mark.req("RA-12")
def test_a_missing_agreement_shows_where_the_vendor_is_at_work(officer: Actor, web: Client) -> None:
    asset_id = add_asset(officer, "Capture PC")
    party_id = flows.add_party(actor=officer, values={"name": "Remote support", "kind": "vendor"})
    vendor_id = make_vendor(officer, "Helpdesk", can_access="yes")
    web.post(f"/compliance/vendors/{vendor_id}/uses/", {"assets": [str(asset_id)], "parties": [str(party_id)]})
    places = [f"/compliance/assets/{asset_id}/", f"/compliance/parties/{party_id}/"]
    assert ["No signed agreement is in effect." in text_of(web, place) for place in places] == [True, True]

    find_all(officer, sign(officer, vendor_id))
    assert ["No signed agreement" in text_of(web, place) for place in places] == [False, False]
    assert ["Helpdesk" in text_of(web, place) for place in places] == [True, True]


def test_the_relation_ends_and_its_proof_is_kept(officer: Actor, web: Client) -> None:
    vendor_id = make_vendor(officer)
    path = f"/compliance/vendors/{vendor_id}/"
    sub = {"name": "Disks Inc", "purpose": "Disks", "country": "US", "has_agreement": "no"}
    web.post(f"{path}sub-processors/", sub)
    web.post(f"{path}end/", {"ended_date": today().isoformat(), "reason": "Too dear"})
    assert "nothing shows what became of the data" in text_of(web, path)
    proof = {
        "kind": "returned",
        "performed_date": today().isoformat(),
        "method": "Disk by courier",
        "certificate": "No. 9",
    }
    web.post(f"{path}exit/", proof)

    page = text_of(web, path)
    assert "Disks Inc (US)" in page
    assert "Returned to the practice" in page
    assert "nothing shows what became" not in page


def test_a_form_that_is_not_understood_comes_back_with_the_reason(officer: Actor, web: Client) -> None:
    path = f"/compliance/vendors/{make_vendor(officer)}/"

    assert web.post(f"{path}end/", {"ended_date": "2099-01-01", "reason": "x"}).status_code == 422
    assert web.post(f"{path}exit/", {"kind": "returned"}).status_code == 422


def test_the_auditor_reads_all_of_it_and_changes_nothing(tenant: Tenant, officer: Actor) -> None:
    vendor_id = make_vendor(officer)
    agreement_id = sign(officer, vendor_id)
    auditor = enter_as(tenant, "auditor")
    pages = ["vendors/", f"vendors/{vendor_id}/", f"agreements/{agreement_id}/"]

    assert [auditor.get(f"/compliance/{page}").status_code for page in pages] == [200, 200, 200]
    assert auditor.post("/compliance/vendors/new/", VENDOR).status_code == 403
    assert auditor.post(f"/compliance/agreements/{agreement_id}/review/", {"note": "x"}).status_code == 403
    assert auditor.post(f"/compliance/vendors/{vendor_id}/end/", {}).status_code == 403


def test_the_register_asks_no_more_with_many_vendors(officer: Actor, web: Client) -> None:
    for number in range(12):
        sign(officer, make_vendor(officer, f"Vendor {number}"))
    web.get("/compliance/vendors/")
    with CaptureQueriesContext(connection) as queries:
        assert web.get("/compliance/vendors/").status_code == 200

    assert len(queries) < 12
    with tenant_scope(officer.tenant_id):
        assert Agreement.objects.count() == 12


def test_another_name_twice_is_refused(officer: Actor, web: Client) -> None:
    services.add_vendor(actor=officer, values={"name": "Caries Reader"})

    assert web.post("/compliance/vendors/new/", VENDOR).status_code == 422
